package engine

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseRate reads a number of messages a second, greater than 0. There is no upper limit: the vendor sets that, and a local
// server takes more.
func ParseRate(text string) (float64, error) {
	rate, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(rate > 0) || math.IsInf(rate, 1) {
		return 0, fmt.Errorf("%q is no number of messages a second: write one above 0, such as 80", text)
	}
	return rate, nil
}

// Duration reads a duration as the job file writes it: a number of milliseconds, or text such as 30s or 10m.
func Duration(v any) (time.Duration, error) {
	text, err := Text(v)
	if err != nil {
		return 0, err
	}
	var d time.Duration
	if ms, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
		if ms > int64(365*24*time.Hour/time.Millisecond) {
			return 0, fmt.Errorf("%d ms is longer than a year", ms)
		}
		d = time.Duration(ms) * time.Millisecond
	} else if d, err = time.ParseDuration(strings.TrimSpace(text)); err != nil {
		return 0, fmt.Errorf("%q is no duration: write milliseconds, or 30s, 10m, 2h", text)
	}
	if d < 0 {
		return 0, fmt.Errorf("%q is negative", text)
	}
	return d, nil
}

// Text gives a scalar as the file would write it.
func Text(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", fmt.Errorf("is null")
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return "", fmt.Errorf("is %s, not text", kindOf(v))
}

// kindOf says what a value is, in the words of the job file.
func kindOf(v any) string {
	switch v.(type) {
	case []any:
		return "a list"
	case map[string]any:
		return "a map"
	case time.Time:
		return "a time"
	}
	return "no text"
}
