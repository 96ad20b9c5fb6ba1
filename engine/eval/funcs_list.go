package eval

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"unicode/utf8"

	"github.com/expr-lang/expr/vm/runtime"
)

func listFunctions() map[string]definition {
	return map[string]definition{
		"len":     {length},
		"first":   {first},
		"last":    {last},
		"take":    {take},
		"keys":    {keys},
		"values":  {values},
		"sort":    {sorted, sortedBy},
		"reverse": {reverse},
		"uniq":    {uniq},
		"concat":  {concat},
		"flatten": {flatten},
	}
}

func length(v any) (int, error) {
	switch v := normalize(v).(type) {
	case string:
		return utf8.RuneCountInString(v), nil
	case []any:
		return len(v), nil
	case map[string]any:
		return len(v), nil
	}
	return 0, notA(0, v, "text, a list or an object")
}

func first(v any) (any, error) {
	list, err := listAt(0, v)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func last(v any) (any, error) {
	list, err := listAt(0, v)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[len(list)-1], nil
}

func take(list []any, n int) []any {
	n = min(max(n, 0), len(list))
	return list[:n:n]
}

// keys and values go by the names in order: what comes of them must not change from run to run.
func keys(object map[string]any) []any { return anys(slices.Sorted(maps.Keys(object))) }

func values(object map[string]any) []any {
	out := make([]any, 0, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		out = append(out, object[name])
	}
	return out
}

func sorted(list []any) ([]any, error) { return sortedBy(list, "asc") }

func sortedBy(list []any, order string) ([]any, error) {
	if order != "asc" && order != "desc" {
		return nil, &fault{arg: 1, text: `is neither "asc" nor "desc"`}
	}
	if slices.Contains(list, nil) {
		return nil, &fault{text: "holds an empty element, which has no place in an order"}
	}
	out := &runtime.Sort{Desc: order == "desc", Array: slices.Clone(list)}
	sort.Stable(out)
	return out.Array, nil
}

func reverse(list []any) []any {
	reversed := slices.Clone(list)
	slices.Reverse(reversed)
	return reversed
}

// uniq keeps the first of each. Texts are looked up; all else is compared one by one, since 1 and 1.0 are the same,
// and pays for that.
func uniq(b *budget, list []any) ([]any, error) {
	seen := make(map[string]bool, len(list))
	kept := []any{}
	for _, element := range list {
		text, isText := element.(string)
		if !isText {
			if err := b.spend(20 * len(kept)); err != nil {
				return nil, err
			}
			if err := b.spendOn(element); err != nil {
				return nil, err
			}
		}
		if isText && seen[text] || !isText && slices.ContainsFunc(kept, func(other any) bool { return runtime.Equal(other, element) }) {
			continue
		}
		seen[text] = seen[text] || isText
		kept = append(kept, element)
	}
	return kept, nil
}

func concat(lists ...[]any) ([]any, error) {
	joined := []any{}
	for _, list := range lists {
		if len(joined)+len(list) > maxMemory {
			return nil, &fault{bare: true, text: fmt.Sprintf("a list has at most %d elements", maxMemory)}
		}
		joined = append(joined, list...)
	}
	return joined, nil
}

func flatten(b *budget, list []any) ([]any, error) {
	if err := b.spendOn(list); err != nil {
		return nil, err
	}
	flat := []any{}
	var add func(list []any)
	add = func(list []any) {
		for _, element := range list {
			if inner, ok := element.([]any); ok {
				add(inner)
				continue
			}
			flat = append(flat, element)
		}
	}
	add(list)
	return flat, nil
}
