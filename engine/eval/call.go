package eval

import (
	"encoding/json"
	"math"
	"strings"
)

// function is one of ours. It checks its arguments itself: types are checked before, but a type is a promise.
type function func(c call) (any, error)

// call is one use of a function: its arguments, and the budget that the rendering has left.
type call struct {
	*budget
	args []any
}

// adapt gives a function the shape that expr wants: the budget is the last argument.
func adapt(f function) func(args ...any) (any, error) {
	return func(args ...any) (any, error) {
		last := len(args) - 1
		b, ok := args[last].(*budget)
		if !ok {
			return nil, errTooMuch
		}
		c := call{budget: b, args: args[:last]}
		if err := c.spend(4); err != nil {
			return nil, err
		}
		return f(c)
	}
}

// present refuses nil among the first n arguments.
func (c call) present(n int) error {
	for i := range min(n, len(c.args)) {
		if c.args[i] == nil {
			return &fault{arg: i, text: "is empty"}
		}
	}
	return nil
}

// wrong is the fault of an argument that is not what is wanted.
func (c call) wrong(i int, wanted string) error {
	if c.args[i] == nil {
		return &fault{arg: i, text: "is empty"}
	}
	return &fault{arg: i, text: "is " + wordFor(c.args[i]) + ", not " + wanted}
}

// text gives argument i, which must be text.
func (c call) text(i int) (string, error) {
	if text, ok := c.args[i].(string); ok {
		return text, nil
	}
	err := c.wrong(i, "text")
	if f, ok := err.(*fault); ok && c.args[i] != nil { //nolint:errorlint // made the line before
		f.text += ": string(…) makes text of it"
	}
	return "", err
}

// textOr gives argument i, or what stands in for it when there are fewer.
func (c call) textOr(i int, otherwise string) (string, error) {
	if i >= len(c.args) {
		return otherwise, nil
	}
	return c.text(i)
}

// whole gives argument i, which must be a whole number.
func (c call) whole(i int) (int, error) {
	switch n := c.args[i].(type) {
	case int:
		return n, nil
	case int64:
		return int(n), nil
	case float64:
		if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int(n), nil
		}
	}
	if f, ok := c.args[i].(float64); ok {
		text, _ := floatText(f)
		return 0, &fault{arg: i, text: strings.TrimSpace("is "+text) + ", not a whole number"}
	}
	return 0, c.wrong(i, "a whole number")
}

// number gives the first argument, which must be a number.
func (c call) number() (float64, error) { return c.toNumber(0, c.args[0]) }

func (c call) toNumber(i int, v any) (float64, error) {
	switch n := v.(type) {
	case int:
		return float64(n), nil
	case int64:
		return float64(n), nil
	case float64:
		return n, nil
	case json.Number:
		if f, err := n.Float64(); err == nil {
			return f, nil
		}
	}
	if v == nil {
		return 0, &fault{arg: i, text: "is empty"}
	}
	return 0, &fault{arg: i, text: "is " + wordFor(v) + ", not a number: int(…) or float(…) makes one of text"}
}

// list gives argument i, which must be a list.
func (c call) list(i int) ([]any, error) {
	switch list := c.args[i].(type) {
	case []any:
		return list, nil
	case []int:
		return anys(list), nil
	case []string:
		return anys(list), nil
	}
	if list, ok := loose(c.args[i]).([]any); ok {
		return list, nil
	}
	return nil, c.wrong(i, "a list")
}

// bounded refuses a text that is too long.
func bounded(text string) (any, error) {
	if len(text) > maxText {
		return nil, errTooLong
	}
	return text, nil
}
