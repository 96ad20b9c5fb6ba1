package schemas

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

//go:embed *.json
var files embed.FS

// reference is what stands in job.json for the file of an operation.
var reference = regexp.MustCompile(`\{\s*"\$ref":\s*"([A-Za-z]+\.json)"\s*\}`)

// Job returns the whole schema as one document without references to other files, for editors.
func Job() []byte {
	whole := reference.ReplaceAllFunc(read("job.json"), func(ref []byte) []byte {
		part := read(string(reference.FindSubmatch(ref)[1]))
		return bytes.ReplaceAll(bytes.TrimSpace(part), []byte(`"job.json#/`), []byte(`"#/`))
	})
	var out bytes.Buffer
	if err := json.Indent(&out, whole, "", "  "); err != nil {
		panic(fmt.Sprintf("the schema of this program is broken: %v", err))
	}
	return out.Bytes()
}

func read(name string) []byte {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("a schema is missing from this program: %v", err))
	}
	return text
}

// node is one place of the schema, as far as messages need it.
type node struct {
	Ref                  string           `json:"$ref"`
	Description          string           `json:"description"`
	Type                 words            `json:"type"`
	Enum                 []any            `json:"enum"`
	Examples             []any            `json:"examples"`
	Required             []string         `json:"required"`
	Properties           map[string]*node `json:"properties"`
	AdditionalProperties *branch          `json:"additionalProperties"`
	Items                *node            `json:"items"`
	Definitions          map[string]*node `json:"definitions"`
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
type branch struct{ *node }

func (b *branch) UnmarshalJSON(text []byte) error {
	if bytes.Equal(text, []byte("false")) {
		return nil
	}
	return json.Unmarshal(text, &b.node)
}

// Place is what the schema says of a place in a job file. The zero value: nothing.
type Place struct {
	Description string
	Types       []string // "string", "integer", …; none: any value
	Keys        []string // of a map: the names that are allowed, sorted; none when any is
	Required    []string
	Words       []string // the only ones allowed; none: any
	Example     any      // the first of the examples; nil: none
}

// At returns what the schema says of the value at a path: keys of maps, and any text for an element of a list.
func (s *Schema) At(path ...string) Place {
	here := s.root
	for _, step := range path {
		here = s.resolve(here).child(step)
	}
	here = s.resolve(here)
	if here == nil {
		return Place{}
	}
	place := Place{Description: here.Description, Types: here.Type, Required: here.Required}
	for key := range here.Properties {
		place.Keys = append(place.Keys, key)
	}
	slices.Sort(place.Keys)
	for _, word := range here.Enum {
		place.Words = append(place.Words, fmt.Sprint(word))
	}
	if len(here.Examples) > 0 {
		place.Example = here.Examples[0]
	}
	return place
}

func (s *Schema) resolve(n *node) *node {
	const prefix = "#/definitions/"
	for n != nil && n.Ref != "" {
		n = s.root.Definitions[n.Ref[len(prefix):]]
	}
	return n
}

// child is the schema of a map's value or of a list's element.
func (n *node) child(step string) *node {
	switch {
	case n == nil:
		return nil
	case n.Properties[step] != nil:
		return n.Properties[step]
	case n.Items != nil && isIndex(step):
		return n.Items
	case n.AdditionalProperties != nil:
		return n.AdditionalProperties.node
	}
	return nil
}

func isIndex(step string) bool {
	for _, r := range step {
		if r < '0' || r > '9' {
			return false
		}
	}
	return step != ""
}
