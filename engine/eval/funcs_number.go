package eval

import (
	"math"

	"github.com/expr-lang/expr/builtin"
)

func numberFunctions() map[string]definition {
	return map[string]definition{
		"abs":    {abs},
		"ceil":   {toWhole(math.Ceil)},
		"floor":  {toWhole(math.Floor)},
		"round":  {toWhole(math.Round), round},
		"min":    {extreme(func(a, b float64) bool { return a < b })},
		"max":    {extreme(func(a, b float64) bool { return a > b })},
		"mean":   {average("mean")},
		"median": {average("median")},
	}
}

func abs(n number) (number, error) {
	if f, ok := n.(float64); ok {
		return math.Abs(f), nil
	}
	if i, err := wholeAt(0, n); err != nil || i >= 0 {
		return n, err
	}
	return negate(nil, []any{n})
}

// toWhole makes a whole number where that is exact, else the float stays.
func toWhole(op func(float64) float64) func(number) whole {
	return func(n number) whole {
		f, ok := n.(float64)
		if !ok {
			return n
		}
		if f = op(f); math.Abs(f) < 1<<53 {
			return int(f)
		}
		return f
	}
}

func round(n float64, digits int) (float64, error) {
	if digits < 0 || digits > 15 {
		return 0, &fault{arg: 1, text: "is not between 0 and 15"}
	}
	scale := math.Pow10(digits)
	rounded := math.Round(n*scale) / scale
	if math.IsInf(rounded, 0) || math.IsNaN(rounded) {
		return n, nil
	}
	return rounded, nil
}

// spread takes the numbers out of the arguments, each a number or a list of them.
func spread(args []any) (values []any, floats []float64, err error) {
	for i, arg := range args {
		list, isList := normalize(arg).([]any)
		if !isList {
			list = []any{arg}
		}
		for _, v := range list {
			f, err := floatAt(i, v)
			if err != nil {
				return nil, nil, err
			}
			values, floats = append(values, v), append(floats, f)
		}
	}
	return values, floats, nil
}

// extreme finds the element that is before all others, as it is; nil when there is none.
func extreme(before func(a, b float64) bool) func(...any) (any, error) {
	return func(args ...any) (any, error) {
		values, floats, err := spread(args)
		if err != nil || len(values) == 0 {
			return nil, err
		}
		best := 0
		for i := range floats {
			if before(floats[i], floats[best]) {
				best = i
			}
		}
		return values[best], nil
	}
}

// average is expr's mean or median of what is known to be numbers; 0 of none.
func average(name string) func(...any) (float64, error) {
	of := builtin.Builtins[builtin.Index[name]]
	return func(args ...any) (float64, error) {
		_, floats, err := spread(args)
		if err != nil || len(floats) == 0 {
			return 0, err
		}
		result, err := of.Func(floats)
		if err != nil {
			return 0, err
		}
		return floatAt(0, result)
	}
}
