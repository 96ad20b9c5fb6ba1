package doctor

import (
	"context"

	"waybill/engine"
	"waybill/engine/eval"
)

// text returns a parameter that is the same for all items.
func (u knownStep) text(ctx context.Context, name string) (string, bool) {
	value, ok := u.preview.Value(ctx, u.step.Params.Field(name))
	text, err := eval.Text(value)
	return text, ok && err == nil
}

// args are the step's parameters as far as they are known, with something harmless for what is not. Lists that are made
// by an expression are left out, and named.
func (u knownStep) args(ctx context.Context) (engine.Args, []string) {
	args, uncounted := engine.Args{}, []string(nil)
	for _, field := range u.step.Params.Fields() {
		tree := field.Value
		_, isKnown := u.preview.Value(ctx, tree)
		if !isKnown && !tree.IsMap() && !tree.IsList() && counted(field.Name) {
			uncounted = append(uncounted, field.Name)
			continue
		}
		args[field.Name] = u.placeholder(ctx, field.Name, tree)
	}
	return args, uncounted
}

// counted names the parameters whose number the template fixes.
func counted(name string) bool {
	switch name {
	case "headerParameters", "bodyParameters", "buttonParameters", "headerMedia", "headerLocation", "cards", "limitedTimeOffer", "components":
		return true
	}
	return false
}

func (u knownStep) placeholder(ctx context.Context, name string, t *eval.Tree) any {
	if value, ok := u.preview.Value(ctx, t); ok {
		return value
	}
	switch {
	case t.IsMap():
		fields := map[string]any{}
		for _, f := range t.Fields() {
			fields[f.Name] = u.placeholder(ctx, f.Name, f.Value)
		}
		return fields
	case t.IsList():
		list := make([]any, 0, len(t.Items()))
		for _, item := range t.Items() {
			list = append(list, u.placeholder(ctx, "", item))
		}
		return list
	}
	switch name {
	case "to":
		return "+15550100000"
	case "link":
		return "https://example.com/x"
	case "index", "latitude", "longitude":
		return "0"
	case "expiresAt":
		return "2030-01-01"
	case "data":
		return map[string]any{}
	}
	return "x"
}
