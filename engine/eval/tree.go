package eval

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"waybill/engine/diag"
)

// Tree is a value of the file that may hold templates: a scalar, a list or a map. It is immutable and safe for
// concurrent use. A nil *Tree stands for what the file does not say: it is a constant nil.
type Tree struct {
	kind     treeKind
	template *Template // of a leaf
	value    any       // of a constant, also of a list or map without templates
	constant bool
	items    []*Tree
	fields   []Field
	roots    []string // that its templates use, sorted: asked of many rows
	place    diag.Range
}

type treeKind uint8

const (
	isConst treeKind = iota
	isLeaf
	isList
	isMap
)

// Field is a named value of a map, in the file's order.
type Field struct {
	Name      string
	NameRange diag.Range
	Value     *Tree
}

// Leaf makes a tree of one template.
func Leaf(t *Template) *Tree {
	tree := &Tree{kind: isLeaf, template: t, place: t.Range(), roots: t.Roots()}
	tree.value, tree.constant = t.Constant()
	return tree
}

// Const makes a tree of a value that holds no templates.
func Const(v any, r diag.Range) *Tree { return &Tree{value: v, constant: true, place: r} }

// NewList makes a tree of a list.
func NewList(items []*Tree, r diag.Range) *Tree {
	t := &Tree{kind: isList, items: items, place: r, constant: true}
	values := make([]any, len(items))
	for i, item := range items {
		value, ok := item.Constant()
		values[i], t.constant = value, t.constant && ok
	}
	if t.constant {
		t.value = values
	}
	t.roots = t.gather((*Template).Roots)
	return t
}

// NewMap makes a tree of a map. Its names are expected to be different from each other.
func NewMap(fields []Field, r diag.Range) *Tree {
	t := &Tree{kind: isMap, fields: fields, place: r, constant: true}
	values := make(map[string]any, len(fields))
	for _, field := range fields {
		value, ok := field.Value.Constant()
		values[field.Name], t.constant = value, t.constant && ok
	}
	if t.constant {
		t.value = values
	}
	t.roots = t.gather((*Template).Roots)
	return t
}

// Render returns the value for these names, as nil, bool, string, int, int64, float64, json.Number, time.Time,
// []any or map[string]any. What is constant in it is the same value each time: it is not to be changed. The error
// is a *RenderError whose Path leads from this tree to the value.
func (t *Tree) Render(ctx context.Context, n Names) (any, error) {
	if t == nil {
		return nil, nil
	}
	if t.constant {
		return t.value, nil
	}
	switch t.kind {
	case isLeaf:
		return t.template.Render(ctx, n)
	case isList:
		values := make([]any, len(t.items))
		for i, item := range t.items {
			value, err := item.Render(ctx, n)
			if err != nil {
				return nil, within(fmt.Sprintf("[%d]", i), err)
			}
			values[i] = value
		}
		return values, nil
	case isMap:
		values := make(map[string]any, len(t.fields))
		for i := range t.fields {
			value, err := t.fields[i].Value.Render(ctx, n)
			if err != nil {
				return nil, within(t.fields[i].Name, err)
			}
			values[t.fields[i].Name] = value
		}
		return values, nil
	case isConst:
	}
	return t.value, nil
}

// within puts a step before the path of an error.
func within(step string, err error) error {
	var bad *RenderError
	if !errors.As(err, &bad) {
		return err
	}
	path := step
	switch {
	case bad.Path == "":
	case bad.Path[0] == '[':
		path += bad.Path
	default:
		path += "." + bad.Path
	}
	return &RenderError{Range: bad.Range, Path: path, Err: bad.Err}
}

// Constant returns the value that is known without running.
func (t *Tree) Constant() (any, bool) {
	if t == nil {
		return nil, true
	}
	return t.value, t.constant
}

// Type returns what Render will give, as far as that is known.
func (t *Tree) Type() Type {
	switch {
	case t == nil:
		return Any()
	case t.kind == isLeaf:
		return t.template.Type()
	case t.kind == isConst:
		return TypeOf(t.value)
	case t.kind == isMap:
		fields := make(map[string]Type, len(t.fields))
		for _, field := range t.fields {
			fields[field.Name] = field.Value.Type()
		}
		return Object(fields)
	case len(t.items) == 0:
		return List(Any())
	}
	elem := t.items[0].Type()
	from := elem.below()
	for _, item := range t.items[1:] {
		other := item.Type()
		from = union(from, other.below())
		if other.kind != elem.kind {
			elem = Any()
		}
	}
	if elem.IsObject() {
		// The objects of one list may differ in their fields.
		elem = Any()
	}
	elem.from = from
	return List(elem)
}

// Field returns the value of a map's field; nil when there is none, or t is no map.
func (t *Tree) Field(name string) *Tree {
	if t == nil {
		return nil
	}
	for i := range t.fields {
		if t.fields[i].Name == name {
			return t.fields[i].Value
		}
	}
	return nil
}

// Fields returns the fields of a map in the file's order, also those of a constant map; nil when t is no map.
func (t *Tree) Fields() []Field {
	if t == nil {
		return nil
	}
	return t.fields
}

// Items returns the elements of a list; nil when t is no list.
func (t *Tree) Items() []*Tree {
	if t == nil {
		return nil
	}
	return t.items
}

// IsList says whether t is a list of the file, be it empty.
func (t *Tree) IsList() bool { return t != nil && t.kind == isList }

// IsMap says whether t is a map of the file, be it empty.
func (t *Tree) IsMap() bool { return t != nil && t.kind == isMap }

// Template returns a leaf's template; nil of all others.
func (t *Tree) Template() *Template {
	if t == nil {
		return nil
	}
	return t.template
}

// Range returns the place of the value.
func (t *Tree) Range() diag.Range {
	if t == nil {
		return diag.Range{}
	}
	return t.place
}

// Walk calls visit with t and all below it, each with its path ("bodyParameters[2]", "" for t itself), in the
// file's order. Where visit returns false it goes no deeper.
func (t *Tree) Walk(visit func(path string, t *Tree) bool) { t.walk("", visit) }

func (t *Tree) walk(path string, visit func(string, *Tree) bool) {
	if t == nil || !visit(path, t) {
		return
	}
	for i, item := range t.items {
		item.walk(fmt.Sprintf("%s[%d]", path, i), visit)
	}
	for _, field := range t.fields {
		below := field.Name
		if path != "" {
			below = path + "." + field.Name
		}
		field.Value.walk(below, visit)
	}
}

// Uses says whether a template in t uses the root name.
func (t *Tree) Uses(name string) bool { return slices.Contains(t.Roots(), name) }

// UsesClock says whether a template in t asks what time it is.
func (t *Tree) UsesClock() bool {
	found := false
	t.Walk(func(_ string, t *Tree) bool {
		found = found || t.template != nil && t.template.clock
		return !found
	})
	return found
}

// OnlyUses says whether the templates in t see none but these root names and the environment.
func (t *Tree) OnlyUses(names ...string) bool {
	for _, root := range t.Roots() {
		if root != envName && !slices.Contains(names, root) {
			return false
		}
	}
	return true
}

// Roots lists the root names that the templates in t use, sorted.
func (t *Tree) Roots() []string {
	if t == nil {
		return nil
	}
	return t.roots
}

// Steps lists the ids of the steps that the templates in t refer to, sorted.
func (t *Tree) Steps() []string { return t.gather((*Template).Steps) }

// Variables lists the environment variables in t, sorted.
func (t *Tree) Variables() []string { return t.gather((*Template).Variables) }

func (t *Tree) gather(of func(*Template) []string) []string {
	all := map[string]bool{}
	t.Walk(func(_ string, t *Tree) bool {
		if t.template != nil {
			for _, name := range of(t.template) {
				all[name] = true
			}
		}
		return true
	})
	return slices.Sorted(maps.Keys(all))
}
