package eval_test

import (
	"context"
	"encoding/json"
	"math"
	"testing"

	"waybill/engine/eval"
)

// TestBigNumbers: a whole number that does not fit is an error, and no other number.
func TestBigNumbers(t *testing.T) {
	n := eval.Names{"any": map[string]any{
		"max": int64(math.MaxInt64), "min": int64(math.MinInt64), "big": json.Number("99999999999999999999"),
		"text": "99999999999999999999", "far": "1e999", "f": 1e308, "zero": 0,
	}}
	tooBig := func(operator string) string { return "the result of " + operator + " is too big for a number" }
	const named = "any.big is 99999999999999999999, a number too big for arithmetic"
	for source, want := range map[string]any{
		"any.max + 1":                 tooBig("+"),
		"9223372036854775807 + 1":     tooBig("+"),
		"any.min + -1":                tooBig("+"),
		"any.min - 1":                 tooBig("-"),
		"0 - any.min":                 tooBig("-"),
		"any.max * 2":                 tooBig("*"),
		"any.min * -1":                tooBig("*"),
		"4294967296 * 4294967296":     tooBig("*"),
		"-any.min":                    tooBig("-"),
		"abs(any.min)":                tooBig("-"),
		"sum([any.max, 1])":           tooBig("sum(…)"),
		"sum([1, 2], any.max)":        tooBig("sum(…)"),
		"any.f * 10":                  tooBig("*"),
		"10 ** 400":                   tooBig("**"),
		"1 / any.zero":                "something is divided by zero",
		"any.zero / 0":                "something is divided by zero",
		"1 % any.zero":                "something is divided by zero",
		"int(any.text)":               "any.text is too big for a whole number",
		"int(1e19)":                   "the value for int is too big for a whole number",
		"int(any.big)":                "any.big is 99999999999999999999, too big for a whole number",
		"float(any.far)":              "any.far is too big for a number",
		"any.big + 1":                 named,
		"1 - any.big":                 named,
		"any.big * 2":                 named,
		"any.big / 2":                 named,
		"any.big > 5":                 named,
		"-any.big":                    named,
		"any.max - 1":                 int(math.MaxInt64 - 1),
		"any.max + any.min":           -1,
		"any.max + 0":                 int(math.MaxInt64),
		"any.min - 0":                 int(math.MinInt64),
		"any.min * 1":                 int(math.MinInt64),
		"-4611686018427387904 * 2":    int(math.MinInt64),
		"-3037000499 * 3037000499":    -3037000499 * 3037000499,
		"-any.max":                    -math.MaxInt64,
		"sum([1, 2.5])":               3.5,
		"sum([{n: 1}, {n: 2}], .n)":   3,
		"sum([])":                     0,
		"any.big == any.big":          true,
		"string(any.big)":             "99999999999999999999",
		"ceil(9007199254740993)":      9007199254740993,
		"max([any.max, any.max - 1])": int64(math.MaxInt64),
	} {
		tmpl, found := compiler().Template("${{ "+source+" }}", anchored("${{ "+source+" }}"), scope())
		got, err := tmpl.Render(context.Background(), n)
		switch {
		case len(found) > 0:
			got = found[0].Summary // of a constant
		case err != nil:
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s = %#v, want %#v", source, got, want)
		}
	}
}
