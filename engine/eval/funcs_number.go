package eval

import (
	"encoding/json"
	"math"
	"slices"
)

func numberFunctions() map[string]definition {
	whole := []any{new(func(float64) int)}
	any1 := []any{new(func(...any) any)}
	return map[string]definition{
		"abs":    {abs, []any{new(func(float64) float64)}},
		"ceil":   {toWhole(math.Ceil), whole},
		"floor":  {toWhole(math.Floor), whole},
		"round":  {round, []any{new(func(float64) int), new(func(float64, int) float64)}},
		"min":    {extreme(func(a, b float64) bool { return a < b }), any1},
		"max":    {extreme(func(a, b float64) bool { return a > b }), any1},
		"mean":   {mean, []any{new(func(...any) float64)}},
		"median": {median, []any{new(func(...any) float64)}},
	}
}

func abs(c call) (any, error) {
	switch n := c.args[0].(type) {
	case int:
		return max(n, -n), nil
	case int64:
		return max(n, -n), nil
	}
	n, err := c.number()
	return math.Abs(n), err
}

// toWhole gives a whole number where that is exact, else the float.
func toWhole(op func(float64) float64) function {
	return func(c call) (any, error) {
		switch c.args[0].(type) {
		case int, int64:
			return c.args[0], nil
		}
		n, err := c.number()
		if err != nil {
			return nil, err
		}
		if n = op(n); math.Abs(n) < 1<<53 {
			return int(n), nil
		}
		return n, nil
	}
}

func round(c call) (any, error) {
	if len(c.args) == 1 {
		return toWhole(math.Round)(c)
	}
	n, err := c.number()
	if err != nil {
		return nil, err
	}
	digits, err := c.whole(1)
	if err != nil {
		return nil, err
	}
	if digits < 0 || digits > 15 {
		return nil, &fault{arg: 1, text: "is not between 0 and 15"}
	}
	scale := math.Pow10(digits)
	rounded := math.Round(n*scale) / scale
	if math.IsInf(rounded, 0) || math.IsNaN(rounded) {
		return n, nil
	}
	return rounded, nil
}

// spread takes the numbers out of the arguments, each a number or a list of them.
func (c call) spread() ([]any, []float64, error) {
	var values []any
	var numbers []float64
	for i, arg := range c.args {
		list := []any{arg}
		switch arg.(type) {
		case nil, int, int64, float64, json.Number, string, bool:
		default:
			var err error
			if list, err = c.list(i); err != nil {
				return nil, nil, err
			}
		}
		if err := c.spend(6 * len(list)); err != nil {
			return nil, nil, err
		}
		for _, v := range list {
			n, err := c.toNumber(i, v)
			if err != nil {
				return nil, nil, err
			}
			values, numbers = append(values, v), append(numbers, n)
		}
	}
	return values, numbers, nil
}

// extreme gives the element that is before all others, as it is; nil when there is none.
func extreme(before func(a, b float64) bool) function {
	return func(c call) (any, error) {
		values, numbers, err := c.spread()
		if err != nil || len(values) == 0 {
			return nil, err
		}
		best := 0
		for i := range numbers {
			if before(numbers[i], numbers[best]) {
				best = i
			}
		}
		return values[best], nil
	}
}

func mean(c call) (any, error) {
	_, numbers, err := c.spread()
	if err != nil || len(numbers) == 0 {
		return 0.0, err
	}
	sum := 0.0
	for _, n := range numbers {
		sum += n
	}
	return sum / float64(len(numbers)), nil
}

func median(c call) (any, error) {
	_, numbers, err := c.spread()
	if err != nil || len(numbers) == 0 {
		return 0.0, err
	}
	if err := c.spend(20 * len(numbers)); err != nil {
		return nil, err
	}
	slices.Sort(numbers)
	middle := len(numbers) / 2
	if len(numbers)%2 == 1 {
		return numbers[middle], nil
	}
	return (numbers[middle-1] + numbers[middle]) / 2, nil
}
