package eval

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/expr-lang/expr/vm/runtime"

	"waybill/engine/rows"
)

// The names of functions that stand behind what expr writes without one. No expression can spell them.
const (
	negateName  = "neg()"
	sumName     = "sum()"
	sliceName   = "slice()"
	eachName    = "each()"
	methodName  = "call()"
	derivedName = "derived()"
	phoneName   = "phone()"
	blankName   = "blank()"
)

// operators are the functions that stand behind operators, by names that no expression can spell.
func operators() map[string]operator {
	all := map[string]operator{
		"==":         func(b *budget, args []any) (any, error) { return equal(b, args) },
		"!=":         func(b *budget, args []any) (any, error) { same, err := equal(b, args); return !same, err },
		"in":         isIn,
		"contains":   onTexts(strings.Contains),
		"startsWith": onTexts(strings.HasPrefix),
		"endsWith":   onTexts(strings.HasSuffix),
		"..":         numbers,
		".":          field,
		"[]":         fetch,
		sliceName:    slice,
		eachName:     each,
		methodName:   method(),
		derivedName:  derived,
		blankName:    blankAsNil,
	}
	maps.Copy(all, arithmetic())
	return all
}

// Blank says whether nothing of a text can be seen.
func Blank(text string) bool { return rows.Blank(text) }

// blankAsNil is the left side of ??: a text in which nothing can be seen is as empty as no value.
func blankAsNil(_ *budget, args []any) (any, error) {
	if text, ok := args[0].(string); ok && rows.Blank(text) {
		return nil, nil
	}
	return args[0], nil
}

// equal pays for comparing two values with all that is in them.
func equal(b *budget, args []any) (bool, error) {
	if err := b.spendOn(args); err != nil {
		return false, err
	}
	return runtime.Equal(args[0], args[1]), nil
}

func isIn(b *budget, args []any) (any, error) {
	switch args[1].(type) {
	case nil:
		return false, nil
	case string:
		return nil, &fault{arg: 1, text: "is text, not a list: use contains"}
	case map[string]any:
		if _, ok := args[0].(string); !ok {
			return false, nil
		}
	default:
		if err := b.spendOn(args[1]); err != nil {
			return nil, err
		}
	}
	return runtime.In(args[0], args[1]), nil
}

// onTexts is an operator on two texts, which is false where one is empty.
func onTexts(op func(text, part string) bool) operator {
	return func(_ *budget, args []any) (any, error) {
		if args[0] == nil || args[1] == nil {
			return false, nil
		}
		text, err := textAt(0, args[0])
		if err != nil {
			return nil, err
		}
		part, err := textAt(1, args[1])
		if err != nil {
			return nil, err
		}
		return op(text, part), nil
	}
}

// numbers is the range 1..10.
func numbers(_ *budget, args []any) (any, error) {
	from, err := wholeAt(0, args[0])
	if err != nil {
		return nil, err
	}
	to, err := wholeAt(1, args[1])
	if err != nil {
		return nil, err
	}
	if to >= from && (to-from >= maxRange || to-from < 0) {
		return nil, &fault{bare: true, text: fmt.Sprintf("a range has at most %d numbers", maxRange)}
	}
	list := []any{}
	for n := from; n <= to; n++ {
		list = append(list, n)
	}
	return list, nil
}

// field is item.name and item["name"]: what is not there is nil. The name is written in the file, so that an error
// may show it.
func field(b *budget, args []any) (any, error) {
	if of, ok := args[0].(map[string]any); ok {
		key, _ := args[1].(string)
		return of[key], nil
	}
	value, err := fetch(b, args)
	if f, ok := errors.AsType[*fault](err); ok {
		name, _ := args[1].(string)
		f.text = fmt.Sprintf("%s %q", strings.TrimSuffix(f.text, noField), name)
	}
	return value, err
}

const noField = " such field"

// fetch is item[name], list[0] and "text"[0]. A list counts from its end for negative numbers; what is not there
// is an error in a list and nil in an object.
func fetch(_ *budget, args []any) (any, error) {
	key, isName := args[1].(string)
	switch of := normalize(args[0]).(type) {
	case map[string]any:
		if !isName {
			return nil, &fault{arg: 1, text: "is " + wordFor(args[1]) + ", and the fields of an object have names"}
		}
		return of[rows.Composed(key)], nil
	case map[any][]any: // of groupBy
		if group, ok := of[args[1]]; ok {
			return group, nil
		}
		return nil, nil
	case nil:
		if isName {
			return nil, &fault{text: "is empty, so it has no" + noField}
		}
		return nil, &fault{text: "is empty, so it has no elements"}
	}
	if isName {
		return nil, &fault{text: "is " + wordFor(args[0]) + " and has no" + noField}
	}
	return element(args)
}

func element(args []any) (any, error) {
	at, err := wholeAt(1, args[1])
	if err != nil {
		return nil, err
	}
	letters, list, err := sequence(args[0])
	if err != nil {
		return nil, err
	}
	length := max(len(letters), len(list))
	from := at
	if from < 0 {
		from += length
	}
	switch {
	case from < 0 || from >= length:
		return nil, &fault{text: fmt.Sprintf("has %d elements, and none at %d", length, at)}
	case letters != nil:
		return string(letters[from]), nil
	}
	return list[from], nil
}

// sequence returns the letters of a text, which are not nil, or the elements of a list.
func sequence(v any) (letters []rune, list []any, err error) {
	if text, ok := v.(string); ok {
		return []rune(text), nil, nil
	}
	list, err = listAt(0, v)
	return nil, list, err
}

// slice is list[1:3] and "text"[1:3], which counts letters and never cuts one in half.
func slice(_ *budget, args []any) (any, error) {
	letters, list, err := sequence(args[0])
	if err != nil {
		return nil, err
	}
	length := max(len(letters), len(list))
	bounds := [2]int{0, length}
	for i := range bounds {
		if args[i+1] == nil {
			continue
		}
		at, err := wholeAt(i+1, args[i+1])
		if err != nil {
			return nil, err
		}
		if at < 0 {
			at += length
		}
		bounds[i] = min(max(at, 0), length)
	}
	from, to := min(bounds[0], bounds[1]), bounds[1]
	if letters != nil {
		return string(letters[from:to]), nil
	}
	return list[from:to:to], nil
}

// each is the list of a loop, which pays for its length like every call.
func each(b *budget, args []any) (any, error) {
	list, err := listAt(0, args[0])
	if err != nil {
		return nil, err
	}
	return list, b.spend(4 * len(list))
}
