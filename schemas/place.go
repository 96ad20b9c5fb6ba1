package schemas

import (
	"fmt"
	"slices"
	"strings"
)

// Digits says what a value is whose digits are kept as they stand in the file, also where they look like a number.
type Digits string

// What such a value is. The empty one: no digits are kept, and a number is a number.
const (
	Phone      Digits = "phone" // a phone number
	Identifier Digits = "id"    // the id of something; never a secret
	AnyText    Digits = "text"  // any text
)

// Place is what the schema says of one place in a job file. The zero value says nothing. It is not to be changed.
type Place struct {
	Description string
	Types       []string // "string", "integer", …; none: any value
	Enum        []any    // the only values allowed; none: any
	Examples    []any
	Digits      Digits
	File        bool // the path of a file beside the job
	Message     bool // a person receives the text, also that of everything inside
	Secret      bool // is never shown

	// What Child follows. A reference is gone once the schema is compiled: what it names stands in its place.
	Ref                  string
	Properties           map[string]*Place
	AdditionalProperties *Place // nil: none are allowed, or nothing is said of them
	Items                *Place
	Definitions          map[string]*Place
}

// placeOf is what a schema says, as encoding/json reads it. It is nil for what is no map, such as false.
func placeOf(schema any) *Place {
	says, ok := schema.(map[string]any)
	if !ok {
		return nil
	}
	p := &Place{
		Properties: placesOf(says["properties"]), Definitions: placesOf(says["definitions"]),
		AdditionalProperties: placeOf(says["additionalProperties"]), Items: placeOf(says["items"]),
	}
	p.Description, _ = says["description"].(string)
	p.Enum, _ = says["enum"].([]any)
	p.Examples, _ = says["examples"].([]any)
	p.Ref, _ = says["$ref"].(string)
	digits, _ := says["x-digits"].(string)
	p.Digits = Digits(digits)
	p.File, p.Message, p.Secret = says["x-file"] == true, says["x-message"] == true, says["x-secret"] == true
	switch types := says["type"].(type) {
	case string:
		p.Types = []string{types}
	case []any:
		for _, each := range types {
			p.Types = append(p.Types, fmt.Sprint(each))
		}
	}
	return p
}

func placesOf(schemas any) map[string]*Place {
	named, _ := schemas.(map[string]any)
	if named == nil {
		return nil
	}
	places := make(map[string]*Place, len(named))
	for name, schema := range named {
		places[name] = placeOf(schema)
	}
	return places
}

// At returns what the schema says of the value at a path from the whole job, see Child. It is never nil.
func (s *Schema) At(path ...string) *Place {
	here := s.root
	for _, step := range path {
		here = here.Child(step)
	}
	return here
}

// Child returns what the schema says of a value inside: by the key of a map, or by the index of an element in a list. It is never nil.
func (p *Place) Child(step string) *Place {
	switch {
	case p.Properties[step] != nil:
		return p.Properties[step]
	case p.Items != nil && strings.Trim(step, "0123456789") == "":
		return p.Items
	case p.AdditionalProperties != nil:
		return p.AdditionalProperties
	}
	return &Place{}
}

// Keys returns the names that are allowed in a map, sorted; none when any is.
func (p *Place) Keys() []string {
	keys := make([]string, 0, len(p.Properties))
	for key := range p.Properties {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Closed says whether a map here may hold its Keys only.
func (p *Place) Closed() bool { return len(p.Properties) > 0 && p.AdditionalProperties == nil }

// Words returns the only values allowed as they stand in a file; none when any is.
func (p *Place) Words() []string {
	words := make([]string, 0, len(p.Enum))
	for _, word := range p.Enum {
		words = append(words, fmt.Sprint(word))
	}
	return words
}

// link puts what a $ref names in its place, in p and all that is inside.
func (p *Place) link(definitions map[string]*Place) *Place {
	switch {
	case p == nil:
		return nil
	case p.Ref != "":
		return definitions[strings.TrimPrefix(p.Ref, "#/definitions/")]
	}
	for _, inside := range [...]map[string]*Place{p.Properties, p.Definitions} {
		for name, child := range inside {
			inside[name] = child.link(definitions)
		}
	}
	p.Items = p.Items.link(definitions)
	p.AdditionalProperties = p.AdditionalProperties.link(definitions)
	return p
}
