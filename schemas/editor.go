package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Reference is the pattern of text that is known only once something in it is evaluated: an expression, or a variable of the
// environment. The schema does not hold for it.
const Reference = `\$\{\{|\$<|\$\{`

// Editor returns the schema for editors, made from that of Job. Where this one must be plain, for its findings are worded in Go,
// an editor's says more, and in the form that the YAML language server and strict validators take:
//
//   - of keys marked x-one exactly one stands in a map;
//   - an expression may stand wherever a value is checked only once it is known;
//   - each schema has one type, and anyOf where Job has several;
//   - a default is told in the description, for editors write one into the file;
//   - our marks are left out.
func Editor() []byte {
	whole, err := readObject(Job())
	if err != nil {
		panic(fmt.Sprintf("the schema of this program is broken: %v", err))
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(editor{}.schema(whole)); err != nil {
		panic(fmt.Sprintf("the schema of this program is broken: %v", err))
	}
	return bytes.TrimSpace(out.Bytes())
}

// editor rewrites schemas. Its zero value is for what stands outside of an operation.
type editor struct {
	parameter bool // the schema is of a parameter of an operation, or inside of one: also a list or a map may be an expression
	operation bool // the schema is of an operation, whose properties are parameters
}

// schema rewrites one schema with all that is inside.
func (e editor) schema(s object) object {
	if s.get("$ref") != nil {
		return s
	}
	s = e.children(s)
	s = exactlyOne(s)
	s = tellDefault(s)
	s = s.without("x-digits", "x-file", "x-message", "x-secret", "x-one")
	return e.alternatives(s)
}

// children rewrites the schemas inside of s.
func (e editor) children(s object) object {
	for _, group := range []string{"properties", "definitions"} {
		members := s.inside(group)
		if members == nil {
			continue
		}
		out := make(object, 0, len(members))
		for _, m := range members {
			child, _ := m.value.(object)
			out = append(out, member{m.name, e.member(group, m.name).schema(child)})
		}
		s = s.with(group, out)
	}
	for _, one := range []string{"items", "additionalProperties"} {
		if child, ok := s.get(one).(object); ok {
			s = s.with(one, editor{parameter: e.parameter || e.operation}.schema(child))
		}
	}
	return s
}

// member returns what rewrites a schema inside, by its name in properties or definitions. An operation is in a file of its own; the
// definitions of template… are for parameters alone.
func (e editor) member(group, name string) editor {
	_, err := files.ReadFile(name + ".json")
	return editor{
		parameter: e.parameter || e.operation,
		operation: err == nil || group == "definitions" && strings.HasPrefix(name, "template"),
	}
}

// exactlyOne says that of the keys that are marked so one stands in the map, and no second.
func exactlyOne(s object) object {
	names, _ := s.get("x-one").([]any)
	if len(names) == 0 {
		return s
	}
	others := object{}
	one := make([]any, len(names))
	for i, name := range names {
		refused := object{}
		for _, other := range names {
			if other != name {
				refused = append(refused, member{fmt.Sprint(other), false})
			}
		}
		others = append(others, member{fmt.Sprint(name), object{{"properties", refused}}})
		one[i] = object{{"properties", object{{fmt.Sprint(name), true}}}, {"required", []any{name}}}
	}
	return s.with("dependencies", others).with("anyOf", one)
}

// tellDefault moves the default of s into its description.
func tellDefault(s object) object {
	value := s.get("default")
	if value == nil {
		return s
	}
	return s.with("description", fmt.Sprintf("%v Default: %v.", s.get("description"), value)).without("default")
}

// kinds are the keywords that say something of values of one type alone.
func kinds() map[string][]string {
	number := []string{"minimum", "maximum", "exclusiveMinimum"}
	return map[string][]string{
		"string":  {"minLength", "maxLength", "pattern"},
		"integer": number,
		"number":  number,
		"array":   {"items", "minItems"},
		"object":  {"properties", "required", "additionalProperties", "propertyNames"},
	}
}

// alternatives gives each type of s a schema of its own, and one to expressions where no text is taken as it is.
func (e editor) alternatives(s object) object {
	types, several := s.get("type").([]any)
	if !several {
		if s.get("type") == nil {
			return s
		}
		types = []any{s.get("type")}
	}
	nested := slices.Contains(types, any("array")) || slices.Contains(types, any("object"))
	reference := !takesAnyText(s, types) && (!nested || e.parameter)
	if len(types) == 1 && !reference {
		return s
	}
	outer := s.without("type", "enum")
	var branches []any
	for _, kind := range types {
		if kind == "integer" && slices.Contains(types, any("number")) {
			continue
		}
		branch := object{{"type", kind}}
		for _, keyword := range append([]string{"enum"}, kinds()[fmt.Sprint(kind)]...) {
			if value := s.get(keyword); value != nil {
				branch = append(branch, member{keyword, value})
				outer = outer.without(keyword)
			}
		}
		branches = append(branches, branch)
	}
	if reference {
		branches = append(branches, object{{"type", "string"}, {"pattern", Reference}})
	}
	return outer.with("anyOf", branches)
}

// takesAnyText says whether any text is right, and so an expression is.
func takesAnyText(s object, types []any) bool {
	return slices.Contains(types, any("string")) && s.get("enum") == nil && s.get("pattern") == nil && s.get("maxLength") == nil
}
