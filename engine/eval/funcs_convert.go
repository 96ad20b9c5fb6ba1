package eval

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

func conversionFunctions() map[string]definition {
	return map[string]definition{
		"string":     {toText, []any{new(func(any) string)}},
		"int":        {toInt, []any{new(func(any) int)}},
		"float":      {toFloat, []any{new(func(any) float64)}},
		"toJSON":     {toJSON, []any{new(func(any) string)}},
		"fromJSON":   {fromJSON, []any{new(func(string) any)}},
		"toBase64":   {toBase64, []any{new(func(string) string)}},
		"fromBase64": {fromBase64, []any{new(func(string) string)}},
		"type":       {typeName, []any{new(func(any) string)}},
	}
}

func toText(c call) (any, error) {
	text, err := textOf(c.args[0])
	if err != nil {
		return nil, err
	}
	return text, c.spend(len(text) / 8)
}

func toInt(c call) (any, error) {
	switch v := c.args[0].(type) {
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		if err != nil {
			return nil, &fault{text: "is not written as a whole number"}
		}
		return int(n), nil
	case float64:
		if math.IsNaN(v) || math.Abs(v) >= 1<<63 {
			return nil, &fault{text: "is too big for a whole number"}
		}
		return int(v), nil
	case time.Duration:
		return int(v), nil
	}
	return c.whole(0)
}

func toFloat(c call) (any, error) {
	text, ok := c.args[0].(string)
	if !ok {
		return c.number()
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, &fault{text: "is not written as a number"}
	}
	return n, nil
}

// toJSON is compact, and keeps < > & as they are.
func toJSON(c call) (any, error) {
	if err := c.spendOn(c.args[0]); err != nil {
		return nil, err
	}
	if sizeOf(c.args[0], maxText) > maxText {
		return nil, errTooLong
	}
	v, err := plain(c.args[0])
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, &fault{text: "cannot be written as JSON"}
	}
	text := strings.TrimSuffix(out.String(), "\n")
	if err := c.spend(len(text)); err != nil {
		return nil, err
	}
	return bounded(text)
}

// sizeOf estimates the bytes of a value's JSON from below, and stops counting beyond most.
func sizeOf(v any, most int) int {
	size := 1
	switch v := v.(type) {
	case string:
		size += len(v)
	case []any:
		for _, element := range v {
			if size += sizeOf(element, most-size); size > most {
				break
			}
		}
	case map[string]any:
		for name, element := range v {
			if size += len(name) + sizeOf(element, most-size); size > most {
				break
			}
		}
	}
	return size
}

// fromJSON reads one JSON value.
func fromJSON(c call) (any, error) {
	text, err := c.text(0)
	if err != nil {
		return nil, err
	}
	if len(text) > maxText {
		return nil, errTooLong
	}
	if err := c.spend(6 * len(text)); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, &fault{text: "is not JSON"}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, &fault{text: "holds more than one JSON value"}
	}
	return numbered(v), nil
}

// numbered gives JSON numbers the kinds of Names: whole ones int64, others float64, and too big ones keep their
// digits.
func numbered(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".eE") {
			return f
		}
		return v
	case []any:
		for i := range v {
			v[i] = numbered(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = numbered(v[name])
		}
	}
	return v
}

func toBase64(c call) (any, error) {
	return onText(func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) })(c)
}

func fromBase64(c call) (any, error) {
	text, err := c.text(0)
	if err != nil {
		return nil, err
	}
	if err := c.spend(len(text) / 4); err != nil {
		return nil, err
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, &fault{text: "is not base64"}
	}
	return bounded(strings.ToValidUTF8(string(decoded), "\uFFFD"))
}

// typeName keeps expr's words, which other expr programs use.
func typeName(c call) (any, error) {
	switch c.args[0].(type) {
	case nil:
		return "nil", nil
	case string:
		return "string", nil
	case int, int64:
		return "int", nil
	case float64, json.Number:
		return "float", nil
	case bool:
		return "bool", nil
	case []any, []int, []string:
		return "array", nil
	case map[string]any, map[any][]any:
		return "map", nil
	case time.Time:
		return "time", nil
	case time.Duration:
		return "duration", nil
	}
	return "unknown", nil
}
