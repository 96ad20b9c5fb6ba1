package eval

import (
	"encoding/json"
	"math"

	"github.com/expr-lang/expr/vm/runtime"
)

// arithmetic are the operators on numbers. Whole numbers are added, subtracted and multiplied exactly: what does not
// fit is an error, and no other number.
func arithmetic() map[string]operator {
	all := map[string]operator{
		"+": plus,
		"-": onNumbers("-", difference, runtime.Subtract),
		"*": onNumbers("*", product, runtime.Multiply),
		"/": onNumbers("/", nil, func(a, b any) any { return runtime.Divide(a, b) }),
		"%": onNumbers("%", nil, func(a, b any) any { return runtime.Modulo(a, b) }),

		negateName: negate, sumName: sum,
	}
	for _, power := range []string{"**", "^"} {
		all[power] = onNumbers(power, nil, func(a, b any) any { return runtime.Exponent(a, b) })
	}
	for name, compare := range map[string]func(a, b any) bool{
		"<": runtime.Less, ">": runtime.More, "<=": runtime.LessOrEqual, ">=": runtime.MoreOrEqual,
	} {
		all[name] = onNumbers(name, nil, func(a, b any) any { return compare(a, b) })
	}
	return all
}

// onNumbers is an operator of two sides: exact for whole numbers, where it has an exact form, and expr's for all else.
func onNumbers(name string, exact func(a, b int) (int, bool), other func(a, b any) any) operator {
	return func(_ *budget, args []any) (any, error) {
		for i, arg := range args {
			switch n := arg.(type) {
			case nil:
				return nil, notA(i, nil, "")
			case json.Number:
				return nil, tooBig(i, n)
			}
		}
		a, isWhole := wholeNumber(args[0])
		b, both := wholeNumber(args[1])
		if exact != nil && isWhole && both {
			n, ok := exact(a, b)
			if !ok {
				return nil, tooBigResult(name)
			}
			return n, nil
		}
		result := other(args[0], args[1])
		if f, ok := result.(float64); ok && (math.IsInf(f, 0) || math.IsNaN(f)) {
			if divisor, err := floatAt(1, args[1]); err == nil && divisor == 0 && name == "/" {
				return nil, errDivided
			}
			return nil, tooBigResult(name)
		}
		return result, nil
	}
}

func tooBigResult(name string) error {
	return &fault{bare: true, text: "the result of " + name + " is too big for a number"}
}

func wholeNumber(v any) (int, bool) {
	switch n := v.(type) {
	case int:
		return n, true
	case int64:
		return int(n), true
	}
	return 0, false
}

func total(a, b int) (int, bool) { return a + b, (a+b > a) == (b > 0) }

func difference(a, b int) (int, bool) { return a - b, (a-b < a) == (b > 0) }

func product(a, b int) (int, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	n := a * b
	return n, n/b == a && (n < 0) != ((a < 0) == (b < 0)) // the second: MinInt / -1 goes round too
}

// plus adds numbers, and times and durations, and puts texts together.
func plus(b *budget, args []any) (any, error) {
	left, isText := args[0].(string)
	right, both := args[1].(string)
	switch {
	case isText && both && len(left)+len(right) > maxText:
		return nil, errTooLong
	case isText && both:
		return left + right, nil
	case isText && args[1] != nil:
		return nil, notA(1, args[1], "text: use string(…)")
	case both && args[0] != nil:
		return nil, notA(0, args[0], "text: use string(…)")
	}
	return onNumbers("+", total, runtime.Add)(b, args)
}

// negate is a minus before a value.
func negate(_ *budget, args []any) (any, error) {
	switch n := args[0].(type) {
	case nil:
		return nil, notA(0, nil, "")
	case json.Number:
		return nil, tooBig(0, n)
	}
	if n, ok := wholeNumber(args[0]); ok {
		if n == math.MinInt {
			return nil, tooBigResult("-")
		}
		return -n, nil
	}
	return runtime.Negate(args[0]), nil
}

// sum is expr's sum, exact for whole numbers.
func sum(b *budget, args []any) (any, error) {
	list, err := listAt(0, args[0])
	if err != nil {
		return nil, err
	}
	var result any = 0
	for _, element := range list {
		if _, err := floatAt(0, element); err != nil {
			return nil, &fault{text: "holds " + wordFor(element) + ", and only numbers can be added"}
		}
		if result, err = onNumbers("sum(…)", total, runtime.Add)(b, []any{result, element}); err != nil {
			return nil, err
		}
	}
	return result, nil
}
