package eval

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/expr-lang/expr/vm/runtime"
)

// operators are the functions that stand behind operators, by names that no expression can spell.
func operators() map[string]function {
	return map[string]function{
		"+":          add,
		"==":         equal,
		"<":          compare(runtime.Less),
		">":          compare(runtime.More),
		"<=":         compare(runtime.LessOrEqual),
		">=":         compare(runtime.MoreOrEqual),
		"in":         isIn,
		"contains":   onTexts(strings.Contains),
		"startsWith": onTexts(strings.HasPrefix),
		"endsWith":   onTexts(strings.HasSuffix),
		"matches":    matches,
		"..":         numbers,
		".":          field,
		"[]":         fetch,
		"slice()":    slice,
		"each()":     each,
		"call()":     method,
		deriveName:   derive,
	}
}

func add(c call) (any, error) {
	left, isText := c.args[0].(string)
	right, both := c.args[1].(string)
	if isText && both {
		if len(left)+len(right) > maxText {
			return nil, errTooLong
		}
		return left + right, c.spend((len(left) + len(right)) / 8)
	}
	if err := c.present(2); err != nil {
		return nil, err
	}
	switch {
	case isText:
		return nil, &fault{arg: 1, text: "is " + wordFor(c.args[1]) + ", not text: use string(…)"}
	case both:
		return nil, &fault{arg: 0, text: "is " + wordFor(c.args[0]) + ", not text: use string(…)"}
	}
	return runtime.Add(c.args[0], c.args[1]), nil
}

func equal(c call) (any, error) {
	for _, side := range c.args {
		if err := c.spendOn(side); err != nil {
			return nil, err
		}
	}
	return runtime.Equal(c.args[0], c.args[1]), nil
}

func compare(op func(a, b any) bool) function {
	return func(c call) (any, error) {
		if err := c.present(2); err != nil {
			return nil, err
		}
		text, ok := c.args[0].(string)
		if ok {
			if err := c.spend(len(text) / 64); err != nil {
				return nil, err
			}
		}
		return op(c.args[0], c.args[1]), nil
	}
}

func isIn(c call) (any, error) {
	switch c.args[1].(type) {
	case nil:
		return false, nil
	case string:
		return nil, &fault{arg: 1, text: "is text, not a list: use contains"}
	case map[string]any:
		if _, ok := c.args[0].(string); !ok {
			return false, nil
		}
	default:
		if err := c.spendOn(c.args[1]); err != nil {
			return nil, err
		}
	}
	return runtime.In(c.args[0], c.args[1]), nil
}

func onTexts(op func(text, part string) bool) function {
	return func(c call) (any, error) {
		if c.args[0] == nil || c.args[1] == nil {
			return false, nil
		}
		text, err := c.text(0)
		if err != nil {
			return nil, err
		}
		part, err := c.text(1)
		if err != nil {
			return nil, err
		}
		return op(text, part), c.spend(len(text) / 4)
	}
}

// pattern is what stands on the right of matches, made ready.
type pattern struct {
	re   *regexp.Regexp
	cost int // steps for each byte of text
}

func matches(c call) (any, error) {
	if c.args[0] == nil {
		return false, nil
	}
	text, err := c.text(0)
	if err != nil {
		return nil, err
	}
	p, ok := c.args[1].(*pattern)
	if !ok {
		return nil, &fault{arg: 1, text: "is no pattern"}
	}
	if err := c.spend(p.cost * len(text)); err != nil {
		return nil, err
	}
	return p.re.MatchString(text), nil
}

const (
	maxPattern      = 1000 // bytes
	maxInstructions = 2000 // of the compiled pattern
)

// compilePattern compiles a pattern (RE2 syntax) of a bounded size. Its cost is in steps a byte.
func compilePattern(text string) (re *regexp.Regexp, cost int, err error) {
	tooBig := fmt.Errorf("the pattern is too big")
	if len(text) > maxPattern {
		return nil, 0, tooBig
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, 0, fmt.Errorf("the pattern cannot be read: %w", err)
	}
	if unrolled(tree) > maxInstructions {
		return nil, 0, tooBig
	}
	re, err = regexp.Compile(text)
	if err != nil {
		return nil, 0, fmt.Errorf("the pattern cannot be read: %w", err)
	}
	return re, 4 + unrolled(tree)/4, nil
}

// unrolled estimates the instructions of a pattern: a{1000} is a thousand.
func unrolled(tree *syntax.Regexp) int {
	size := 1 + len(tree.Rune)/2
	for _, sub := range tree.Sub {
		size = min(size+unrolled(sub), 1<<20)
	}
	if tree.Op == syntax.OpRepeat {
		size = min(size*max(tree.Min, tree.Max, 1), 1<<20)
	}
	return size
}

// numbers is the range 1..10.
func numbers(c call) (any, error) {
	from, err := c.whole(0)
	if err != nil {
		return nil, err
	}
	to, err := c.whole(1)
	if err != nil {
		return nil, err
	}
	if to >= from && (to-from >= maxRange || to-from < 0) {
		return nil, &fault{bare: true, text: fmt.Sprintf("a range has at most %d numbers", maxRange)}
	}
	if to < from {
		return []any{}, nil
	}
	list := make([]any, 0, to-from+1)
	for n := from; n <= to; n++ {
		list = append(list, n)
	}
	return list, c.spend(2 * len(list))
}

// field is item.name and item["name"]: what is not there is nil. The name is written in the file, so that an error
// may show it.
func field(c call) (any, error) {
	if of, ok := c.args[0].(map[string]any); ok {
		key, _ := c.args[1].(string)
		return of[key], nil
	}
	value, err := fetch(c)
	if f, ok := errors.AsType[*fault](err); ok {
		name, _ := c.args[1].(string)
		f.text = fmt.Sprintf("%s %q", strings.TrimSuffix(f.text, noField), name)
	}
	return value, err
}

const noField = " such field"

// fetch is item[name], list[0] and "text"[0]. A list counts from its end for negative numbers; what is not there
// is an error in a list and nil in an object.
func fetch(c call) (any, error) {
	of := c.args[0]
	if _, listed := of.([]any); !listed {
		of = loose(of)
	}
	switch of := of.(type) {
	case map[string]any:
		if key, ok := c.args[1].(string); ok {
			return of[key], nil
		}
		return nil, &fault{arg: 1, text: "is " + wordFor(c.args[1]) + ", and the fields of an object have names"}
	case map[any][]any:
		if group, ok := of[c.args[1]]; ok {
			return group, nil
		}
		return nil, nil
	case nil:
		if _, ok := c.args[1].(string); ok {
			return nil, &fault{text: "is empty, so it has no" + noField}
		}
		return nil, &fault{text: "is empty, so it has no elements"}
	}
	if _, ok := c.args[1].(string); ok {
		return nil, &fault{text: "is " + wordFor(c.args[0]) + " and has no" + noField}
	}
	return element(c)
}

func element(c call) (any, error) {
	index, err := c.whole(1)
	if err != nil {
		return nil, err
	}
	if text, ok := c.args[0].(string); ok {
		if err := c.spend(len(text) / 2); err != nil {
			return nil, err
		}
		letters := []rune(text)
		at, err := place(index, len(letters))
		if err != nil {
			return nil, err
		}
		return string(letters[at]), nil
	}
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	at, err := place(index, len(list))
	if err != nil {
		return nil, err
	}
	return list[at], nil
}

func place(index, length int) (int, error) {
	at := index
	if at < 0 {
		at += length
	}
	if at < 0 || at >= length {
		return 0, &fault{text: fmt.Sprintf("has %d elements, and none at %d", length, index)}
	}
	return at, nil
}

// slice is list[1:3] and "text"[1:3], which counts letters and never cuts one in half.
func slice(c call) (any, error) {
	var letters []rune
	var list []any
	var err error
	text, isText := c.args[0].(string)
	if isText {
		letters = []rune(text)
		err = c.spend(len(text) / 2)
	} else {
		list, err = c.list(0)
	}
	if err != nil {
		return nil, err
	}
	length := max(len(letters), len(list))
	bounds := [2]int{0, length}
	for i := range bounds {
		if c.args[i+1] == nil {
			continue
		}
		at, err := c.whole(i + 1)
		if err != nil {
			return nil, err
		}
		if at < 0 {
			at += length
		}
		bounds[i] = min(max(at, 0), length)
	}
	from, to := min(bounds[0], bounds[1]), bounds[1]
	if isText {
		return string(letters[from:to]), nil
	}
	return list[from:to:to], nil
}

// each pays for a loop over a list. Its second argument is what is done for each element, in steps.
func each(c call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	weight, err := c.whole(1)
	if err != nil {
		return nil, err
	}
	return list, c.spend(weight * len(list))
}
