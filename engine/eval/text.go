package eval

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
)

// textOf makes text of a value: whole numbers without an exponent, others in the shortest form that reads back,
// null as nothing, times as RFC 3339. Lists and objects have no text but toJSON's.
func textOf(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case nil:
		return "", nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return floatText(v)
	case json.Number:
		return v.String(), nil
	case time.Time:
		return v.Format(time.RFC3339), nil
	case fmt.Stringer: // time.Duration, time.Month, time.Weekday, *time.Location
		return v.String(), nil
	}
	if n, ok := oddNumber(v); ok {
		return textOf(n)
	}
	return "", &fault{text: "is " + wordFor(v) + ", not text: toJSON(…) makes text of it"}
}

func floatText(f float64) (string, error) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return "", &fault{text: "is no number that can be written: was something divided by zero?"}
	case math.Abs(f) < 1e21:
		return strconv.FormatFloat(f, 'f', -1, 64), nil
	}
	return strconv.FormatFloat(f, 'g', -1, 64), nil
}

// oddNumber makes an int64 or float64 of Go's other number types, which only a time's methods give.
func oddNumber(v any) (any, bool) {
	r := reflect.ValueOf(v)
	switch {
	case !r.IsValid():
	case r.CanInt():
		return r.Int(), true
	case r.CanUint():
		return float64(r.Uint()), true
	case r.CanFloat():
		return r.Float(), true
	}
	return nil, false
}

// wordFor says what a value is, in the words of the job file.
func wordFor(v any) string {
	switch v.(type) {
	case nil:
		return "empty"
	case string:
		return "text"
	case bool:
		return "true or false"
	case int, int64, float64, json.Number:
		return "a number"
	case []any, []string, []int:
		return "a list"
	case map[string]any, map[any][]any:
		return "an object"
	case time.Time:
		return "a time"
	case time.Duration:
		return "a duration"
	}
	return "a value of another kind"
}

// plain turns what expr's machine makes into the kinds of values that Names hold.
func plain(v any) (any, error) {
	switch v := v.(type) {
	case nil, string, bool, int, int64, float64, json.Number, time.Time, time.Duration, map[string]any, []any:
		return v, nil
	case []int:
		return anys(v), nil
	case []string:
		return anys(v), nil
	case []float64:
		return anys(v), nil
	case map[any][]any:
		groups := make(map[string]any, len(v))
		for key, group := range v {
			name, err := textOf(key)
			if err != nil {
				return nil, err
			}
			groups[name] = group
		}
		return groups, nil
	case fmt.Stringer:
		return v.String(), nil
	}
	if n, ok := oddNumber(v); ok {
		return n, nil
	}
	switch v := loose(v).(type) {
	case map[string]any, []any, string:
		return v, nil
	}
	return nil, &fault{text: "is no value that can be used: is a pair of parentheses missing?"}
}

// loose makes a list or an object of the lists and maps of other element types that an operation's outputs may
// hold, and text of bytes. Anything else stays as it is.
func loose(v any) any {
	switch v := v.(type) {
	case nil, string, bool, int, int64, float64, map[string]any, []any, map[any][]any, time.Time:
		return v
	case []byte:
		return string(v)
	}
	r := reflect.ValueOf(v)
	switch {
	case r.Kind() == reflect.Slice:
		list := make([]any, r.Len())
		for i := range list {
			list[i] = r.Index(i).Interface()
		}
		return list
	case r.Kind() == reflect.Map && r.Type().Key().Kind() == reflect.String:
		object := make(map[string]any, r.Len())
		for _, key := range r.MapKeys() {
			object[key.String()] = r.MapIndex(key).Interface()
		}
		return object
	}
	return v
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, element := range list {
		out[i] = element
	}
	return out
}
