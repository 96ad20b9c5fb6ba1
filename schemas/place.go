package schemas

import (
	"bytes"
	"encoding/json"
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
	Description string `json:"description"`
	Types       words  `json:"type"` // "string", "integer", …; none: any value
	Enum        []any  `json:"enum"` // the only values allowed; none: any
	Examples    []any  `json:"examples"`
	Digits      Digits `json:"x-digits"`
	File        bool   `json:"x-file"`    // the path of a file beside the job
	Message     bool   `json:"x-message"` // a person receives the text, also that of everything inside
	Secret      bool   `json:"x-secret"`  // is never shown

	// What Child follows. A $ref is gone once the schema is compiled: what it names stands in its place.
	Ref                  string            `json:"$ref"`
	Properties           map[string]*Place `json:"properties"`
	AdditionalProperties branch            `json:"additionalProperties"`
	Items                *Place            `json:"items"`
	Definitions          map[string]*Place `json:"definitions"`
}

// words is a JSON string or a list of them.
type words []string

func (w *words) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		*w = make(words, 1)
		return json.Unmarshal(text, &(*w)[0])
	}
	return json.Unmarshal(text, (*[]string)(w))
}

// branch is a schema, or false for none.
type branch struct{ *Place }

func (b *branch) UnmarshalJSON(text []byte) error {
	if bytes.Equal(text, []byte("false")) {
		return nil
	}
	return json.Unmarshal(text, &b.Place)
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
	case p.AdditionalProperties.Place != nil:
		return p.AdditionalProperties.Place
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
func (p *Place) Closed() bool { return len(p.Properties) > 0 && p.AdditionalProperties.Place == nil }

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
	p.AdditionalProperties.Place = p.AdditionalProperties.link(definitions)
	return p
}
