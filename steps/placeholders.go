package steps

import (
	"fmt"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
)

// placeholders renders a step's literal parameters, and puts a harmless value in place of each expression. It returns false
// for parameters that are no map, which are reported elsewhere.
func placeholders(params *eval.Tree) (engine.Args, bool) {
	if !params.IsMap() {
		return nil, false
	}
	args := engine.Args(placeholderParts(params))
	if _, known := params.Field("mediaType").Constant(); !known {
		named(args)
	}
	return args, true
}

// placeholderParts renders the parameters of a step, or of a card of a carousel.
func placeholderParts(params *eval.Tree) map[string]any {
	args := make(map[string]any, len(params.Fields()))
	for _, f := range params.Fields() {
		switch f.Name {
		case "headerParameters", "bodyParameters":
			args[f.Name] = placeholderValues(f.Value)
		case "headerMedia":
			args[f.Name] = placeholderFor(f.Value, map[string]any{"type": "document"})
			if media, ok := args[f.Name].(map[string]any); ok {
				if _, known := f.Value.Field("type").Constant(); !known {
					named(media)
				}
			} else {
				delete(args, f.Name) // all of it is an expression
			}
		case "buttonParameters":
			args[f.Name] = placeholderList(f.Value, placeholderButton)
		case "cards":
			args[f.Name] = placeholderList(f.Value, func(t *eval.Tree) any { return placeholderParts(t) })
		case "components":
			args[f.Name] = placeholderList(f.Value, func(t *eval.Tree) any { return placeholderFor(t, map[string]any{"index": "0"}) })
		case "limitedTimeOffer", "headerLocation":
			if args[f.Name] = placeholderFor(f.Value, map[string]any{"expiresAt": "2030-01-01"}); !f.Value.IsMap() {
				delete(args, f.Name)
			}
		default:
			args[f.Name] = placeholderFor(f.Value, nil, f.Name)
		}
	}
	return args
}

// placeholderList renders the elements of a list; nil, as if it were absent, for one that an expression makes.
func placeholderList(t *eval.Tree, element func(*eval.Tree) any) any {
	if !t.IsList() {
		if v, ok := t.Constant(); ok {
			return v
		}
		return nil
	}
	list := make([]any, 0, len(t.Items()))
	for _, item := range t.Items() {
		list = append(list, element(item))
	}
	return list
}

// placeholderButton renders one button. Of one whose kind is an expression nothing but the place is known.
func placeholderButton(t *eval.Tree) any {
	if _, known := t.Field("type").Constant(); known || !t.IsMap() {
		return placeholderFor(t, map[string]any{"index": "0"})
	}
	index := placeholderFor(t.Field("index"), map[string]any{"index": "0"}, "index")
	return map[string]any{"type": "url", "index": index, "value": "x"}
}

// named gives a file a name, so that none is missed where nobody knows whether it needs one.
func named(media map[string]any) {
	if media["filename"] == nil {
		media["filename"] = "x"
	}
}

// placeholderFor renders one value. In place of an expression it returns the value that own has for its name, else the one of
// the list below.
func placeholderFor(t *eval.Tree, own map[string]any, name ...string) any {
	switch {
	case t.IsMap():
		fields := make(map[string]any, len(t.Fields()))
		for _, f := range t.Fields() {
			fields[f.Name] = placeholderFor(f.Value, own, f.Name)
		}
		return fields
	case t.IsList():
		list := make([]any, 0, len(t.Items()))
		for _, item := range t.Items() {
			list = append(list, placeholderFor(item, own))
		}
		return list
	}
	if v, ok := t.Constant(); ok {
		return v
	}
	if len(name) == 0 {
		return "x"
	}
	if v, ok := own[name[0]]; ok {
		return v
	}
	switch name[0] {
	case "to", "contact":
		return anybody
	case "mediaUrl", "link":
		return "https://example.com/x"
	case "previewUrl":
		return false
	case "via":
		return viaMessages
	case "mediaType":
		return "document" // the media type that takes all parameters
	case "amount_1000", "latitude", "longitude", "card_index":
		return 0
	case "expiration_time_ms":
		return 1
	case "code":
		return "EUR"
	}
	return "x"
}

// placeholderValues renders the parameters of a template. One whose type is an expression is taken for text.
func placeholderValues(t *eval.Tree) any {
	value := func(t *eval.Tree) any {
		if _, known := t.Field("type").Constant(); !known {
			return "x"
		}
		return placeholderFor(t, nil)
	}
	switch {
	case t.IsList():
		list := make([]any, 0, len(t.Items()))
		for _, item := range t.Items() {
			list = append(list, value(item))
		}
		return list
	case t.IsMap():
		fields := make(map[string]any, len(t.Fields()))
		for _, f := range t.Fields() {
			fields[f.Name] = value(f.Value)
		}
		return fields
	}
	if v, ok := t.Constant(); ok {
		return v
	}
	return []any{"x"}
}

// locate finds a parameter by its path, such as bodyParameters[1].text, as far as it goes. constant is false when
// an expression stands there or around it.
func locate(t *eval.Tree, path string) (at diag.Range, constant bool) {
	t = find(t, path)
	if !t.IsMap() && !t.IsList() {
		if _, ok := t.Constant(); !ok {
			return diag.Range{}, false
		}
	}
	return t.Range(), true
}

// find finds a parameter by its path, as far as it goes.
func find(t *eval.Tree, path string) *eval.Tree {
	for path != "" && t != nil {
		var step string
		step, path = cutPath(path)
		next := t.Field(step)
		if strings.HasPrefix(step, "[") {
			next = nil
			var i int
			if _, err := fmt.Sscanf(step, "[%d]", &i); err == nil && i < len(t.Items()) {
				next = t.Items()[i]
			}
		}
		if next == nil {
			break
		}
		t = next
	}
	return t
}

// cutPath takes the first step off a path.
func cutPath(path string) (first, rest string) {
	path = strings.TrimPrefix(path, ".")
	end := len(path)
	if i := strings.IndexAny(path[1:], ".["); i >= 0 {
		end = i + 1
	}
	return path[:end], path[end:]
}
