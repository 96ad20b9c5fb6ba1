package eval

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
)

// Text returns the text of a value: the one that it has alone, within other text and as a parameter. Numbers are
// their digits, without an exponent, as few as read back as the same number (1e22 is 10000000000000000000000); a time
// is RFC 3339, to the second; a duration is Go's (36h0m0s). A list and an object have no text, nor has null: the error
// says so, to be put after the value's name ("is empty").
func Text(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case nil:
		return "", &fault{text: "is empty"}
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", &fault{text: "is no number that can be written"}
		}
		return floatText(v), nil
	case json.Number:
		return v.String(), nil
	case time.Time:
		return v.Format(time.RFC3339), nil
	case fmt.Stringer: // time.Duration, time.Month, time.Weekday, *time.Location
		return v.String(), nil
	}
	if n, ok := oddNumber(v); ok {
		return Text(n)
	}
	return "", &fault{text: "is " + wordFor(v) + ", not text: toJSON(…) makes text of it"}
}

func floatText(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// oddNumber makes an int64 or float64 of Go's other number types, which only a time's methods return.
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

// naming is what a kind of value is called.
type naming struct {
	word string // to people: "a number"
	expr string // by type(…), in expr's words
}

// kindOf says what a value is called.
func kindOf(v any) naming {
	switch v.(type) {
	case nil:
		return naming{"empty", "nil"}
	case string:
		return naming{"text", "string"}
	case bool:
		return naming{"true or false", "bool"}
	case int, int64:
		return naming{"a number", "int"}
	case float64, json.Number:
		return naming{"a number", "float"}
	case []any, []string, []int:
		return naming{"a list", "array"}
	case map[string]any, map[any][]any:
		return naming{"an object", "map"}
	case time.Time:
		return naming{"a time", "time"}
	case time.Duration:
		return naming{"a duration", "duration"}
	}
	return naming{"a value of another kind", "unknown"}
}

// wordFor says what a value is, in the words of the job file.
func wordFor(v any) string { return kindOf(v).word }

// plain turns what expr's machine makes into the kinds of values that Names hold.
func plain(v any) (any, error) {
	switch v := normalize(v).(type) {
	case nil, string, bool, int, int64, float64, json.Number, time.Time, time.Duration, map[string]any, []any:
		return v, nil
	case map[any][]any:
		groups := make(map[string]any, len(v))
		for key, group := range v {
			name, err := Text(key)
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
	return nil, &fault{text: "is no value that can be used: is a pair of parentheses missing?"}
}

// normalize makes a list or an object of the lists and maps of other element types that an operation's outputs may
// hold, and text of bytes. Anything else stays as it is.
func normalize(v any) any {
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
