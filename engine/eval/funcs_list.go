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
	one := []any{new(func(any) any)}
	list := []any{new(func([]any) []any)}
	return map[string]definition{
		"len":     {length, []any{new(func(any) int)}},
		"first":   {first, one},
		"last":    {last, one},
		"take":    {take, []any{new(func([]any, int) []any)}},
		"keys":    {keys, []any{new(func(map[string]any) []any)}},
		"values":  {values, []any{new(func(map[string]any) []any)}},
		"sort":    {sorted, []any{new(func([]any) []any), new(func([]any, string) []any)}},
		"reverse": {reverse, list},
		"uniq":    {uniq, list},
		"concat":  {concat, []any{new(func(...[]any) []any)}},
		"flatten": {flatten, list},
	}
}

func length(c call) (any, error) {
	switch v := c.args[0].(type) {
	case string:
		return utf8.RuneCountInString(v), c.spend(len(v) / 8)
	case map[string]any:
		return len(v), nil
	case map[any][]any:
		return len(v), nil
	}
	list, err := c.list(0)
	if err != nil {
		return nil, c.wrong(0, "text, a list or an object")
	}
	return len(list), nil
}

func first(c call) (any, error) {
	list, err := c.list(0)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func last(c call) (any, error) {
	list, err := c.list(0)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[len(list)-1], nil
}

func take(c call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	n, err := c.whole(1)
	if err != nil {
		return nil, err
	}
	n = min(max(n, 0), len(list))
	return list[:n:n], nil
}

// object gives argument i with its names in order: what comes of it must not change from run to run.
func (c call) object(i int) (map[string]any, []string, error) {
	v, err := plain(c.args[i])
	if err != nil {
		return nil, nil, err
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, nil, c.wrong(i, "an object")
	}
	return object, slices.Sorted(maps.Keys(object)), c.spend(10 * len(object))
}

func keys(c call) (any, error) {
	_, names, err := c.object(0)
	return anys(names), err
}

func values(c call) (any, error) {
	object, names, err := c.object(0)
	if err != nil {
		return nil, err
	}
	out := make([]any, len(names))
	for i, name := range names {
		out[i] = object[name]
	}
	return out, nil
}

func sorted(c call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	order, err := c.textOr(1, "asc")
	switch {
	case err != nil:
		return nil, err
	case order != "asc" && order != "desc":
		return nil, &fault{arg: 1, text: `is neither "asc" nor "desc"`}
	}
	if err := c.spend(60 * len(list)); err != nil {
		return nil, err
	}
	for _, element := range list {
		if element == nil {
			return nil, &fault{text: "holds an empty element, which has no place in an order"}
		}
	}
	byOrder := &runtime.Sort{Desc: order == "desc", Array: slices.Clone(list)}
	sort.Stable(byOrder)
	return byOrder.Array, nil
}

func reverse(c call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	reversed := slices.Clone(list)
	slices.Reverse(reversed)
	return reversed, c.spend(2 * len(list))
}

func uniq(c call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	seen := make(map[any]bool, len(list))
	kept := []any{}
	for _, element := range list {
		if err := c.spend(10); err != nil {
			return nil, err
		}
		if isKey(element) {
			if !seen[element] {
				seen[element] = true
				kept = append(kept, element)
			}
			continue
		}
		if err := c.spend(20 * len(kept)); err != nil {
			return nil, err
		}
		if err := c.spendOn(element); err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(kept, func(other any) bool { return runtime.Equal(other, element) }) {
			kept = append(kept, element)
		}
	}
	return kept, nil
}

// isKey says whether a value can be looked up by itself. Numbers cannot: 1 and 1.0 are the same.
func isKey(v any) bool {
	switch v.(type) {
	case string, bool, nil:
		return true
	}
	return false
}

func concat(c call) (any, error) {
	joined := []any{}
	for i := range c.args {
		list, err := c.list(i)
		if err != nil {
			return nil, err
		}
		if len(joined)+len(list) > maxMemory {
			return nil, &fault{bare: true, text: fmt.Sprintf("a list has at most %d elements", maxMemory)}
		}
		if err := c.spend(4 * len(list)); err != nil {
			return nil, err
		}
		joined = append(joined, list...)
	}
	return joined, nil
}

func flatten(c call) (any, error) {
	list, err := c.list(0)
	if err != nil {
		return nil, err
	}
	flat := []any{}
	var add func(list []any) error
	add = func(list []any) error {
		if err := c.spend(4 * len(list)); err != nil {
			return err
		}
		for _, element := range list {
			if inner, ok := element.([]any); ok {
				if err := add(inner); err != nil {
					return err
				}
				continue
			}
			flat = append(flat, element)
		}
		return nil
	}
	err = add(list)
	return flat, err
}
