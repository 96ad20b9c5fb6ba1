package rows

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Number returns the value of a number that is written in a file, of JSON or YAML: whole ones are int64, others
// float64. One that fits neither, or that a float64 would not hold exactly though it is whole, keeps its digits: a
// json.Number.
func Number(text string) any {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || !strings.ContainsAny(text, ".eE") {
		return json.Number(text)
	}
	return f
}
