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

// Numbers makes numbers of the digits in a value that encoding/json decoded with UseNumber, at any depth and in place, so that they are
// what Number makes of them.
func Numbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		return Number(v.String())
	case []any:
		for i := range v {
			v[i] = Numbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = Numbers(v[name])
		}
	}
	return value
}
