package eval

import (
	"context"
	"strings"
)

// Path returns the plain name that the template is, with its fields: item.phone is [item phone]; nil when it is anything else.
func (t *Template) Path() []string {
	if t == nil || !t.whole || t.constant || t.broken != nil {
		return nil
	}
	return t.pieces[0].expr.path
}

// Name is Path as an expression writes it: `item.phone`, `item["Phone 1 - Value"]`; empty where Path is nil.
func (t *Template) Name() string {
	path := t.Path()
	if path == nil {
		return ""
	}
	name := path[0]
	for _, field := range path[1:] {
		name = member(name, field)
	}
	return name
}

// Outline is Render for people who may not see what some names hold: values whose expressions use a name that shown does not take
// have hole where those expressions stand. What cannot be rendered is a hole as a whole.
func (t *Tree) Outline(ctx context.Context, n Names, shown func(name string) bool, hole string) any {
	if t == nil {
		return nil
	}
	switch {
	case t.constant:
	case t.kind == isLeaf:
		return t.template.outline(ctx, n, shown, hole)
	case t.kind == isList:
		values := make([]any, len(t.items))
		for i, item := range t.items {
			values[i] = item.Outline(ctx, n, shown, hole)
		}
		return values
	case t.kind == isMap:
		values := make(map[string]any, len(t.fields))
		for _, field := range t.fields {
			values[field.Name] = field.Value.Outline(ctx, n, shown, hole)
		}
		return values
	}
	return t.value
}

func (t *Template) outline(ctx context.Context, n Names, shown func(name string) bool, hole string) any {
	hidden := false
	for _, root := range t.roots {
		hidden = hidden || !shown(root)
	}
	if !hidden {
		value, err := t.Render(ctx, n)
		if err != nil {
			return hole
		}
		return value
	}
	var b strings.Builder
	for _, p := range t.pieces {
		if p.expr != nil {
			b.WriteString(hole)
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}
