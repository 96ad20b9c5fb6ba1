package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/xeipuuv/gojsonschema"
)

// Schema is the compiled schema of a job file. It is safe for concurrent use.
type Schema struct {
	compiled *gojsonschema.Schema
	root     *Place
}

// Compile compiles the schema, which takes some milliseconds: keep it for the files of one command. It panics when the schema of
// this program is broken.
func Compile() *Schema {
	decoder := json.NewDecoder(bytes.NewReader(whole()))
	decoder.UseNumber()
	var document map[string]any
	if err := decoder.Decode(&document); err != nil {
		panic(fmt.Sprintf("the schema of this program is broken: %v", err))
	}
	loader := gojsonschema.NewSchemaLoader()
	loader.Draft, loader.AutoDetect = gojsonschema.Draft7, false
	compiled, err := loader.Compile(gojsonschema.NewRawLoader(document))
	if err != nil {
		panic(fmt.Sprintf("the schema of this program is broken: %v", err))
	}
	root := placeOf(document)
	root.link(root.Definitions)
	return &Schema{compiled: compiled, root: root}
}

// Violation is one breach of the schema.
type Violation struct {
	Path     []string // to the value at fault; for a missing or unknown property, to the map that has or lacks it
	Keyword  string   // of JSON Schema: "type", "enum", "required", "additionalProperties", …
	Property string   // the name that is unknown, missing, or badly formed
	Allowed  []string // the names or words that are allowed, or the types that are wanted; of "required": none
	Message  string   // a plain sentence part, lower case: "must be at least 1"
}

// Validate returns the breaches of a value, sorted by path. The value consists of nil, bool, string, json.Number, []any and
// map[string]any alone, all the way down.
func (s *Schema) Validate(value any) []Violation {
	result, err := s.compiled.Validate(gojsonschema.NewRawLoader(value))
	if err != nil {
		// The raw loader reads nothing, so there is nothing that can fail.
		panic(fmt.Sprintf("checking a job file by the schema: %v", err))
	}
	var violations []Violation
	for _, fault := range result.Errors() {
		if v := s.violation(fault); v.Keyword != "" {
			violations = append(violations, v)
		}
	}
	slices.SortFunc(violations, func(a, b Violation) int {
		if c := slices.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return strings.Compare(a.Keyword+a.Property, b.Keyword+b.Property)
	})
	return violations
}

// violation translates the library's finding. Its Keyword is empty where the finding only sums up others.
func (s *Schema) violation(fault gojsonschema.ResultError) Violation {
	v := Violation{Path: strings.Split(fault.Context().String("\x00"), "\x00")[1:]}
	v.Property, _ = fault.Details()["property"].(string)
	here := s.At(v.Path...)
	switch fault.Type() {
	case "additional_property_not_allowed":
		v.Keyword, v.Allowed = "additionalProperties", here.Keys()
		v.Message = fmt.Sprintf("unknown key %q", v.Property)
	case "required":
		v.Keyword, v.Message = "required", fmt.Sprintf("%q is missing", v.Property)
	case "invalid_type":
		v.Keyword, v.Allowed = "type", here.Types
		v.Message = "must be " + strings.Join(here.Types, " or ")
	case "enum":
		v.Keyword, v.Allowed = "enum", here.Words()
		v.Message = "must be one of " + strings.Join(v.Allowed, ", ")
	case "invalid_property_name":
		v.Keyword, v.Message = "propertyNames", "is not a name"
	case "pattern":
		if !slices.Contains(here.Types, "object") { // else it is of a key, which invalid_property_name names
			v.Keyword, v.Message = "pattern", "has the wrong form"
		}
	default:
		v.Keyword, v.Message = limit(fault)
	}
	return v
}

// limit returns the keyword and the message of a limit that a value breaks; none for any other finding.
func limit(fault gojsonschema.ResultError) (keyword, message string) {
	for _, known := range [...]struct{ fault, keyword, detail, message string }{
		{"number_gte", "minimum", "min", "must be at least %s"},
		{"number_gt", "exclusiveMinimum", "min", "must be more than %s"},
		{"number_lte", "maximum", "max", "must be at most %s"},
		{"string_gte", "minLength", "min", "must have at least %s characters"},
		{"string_lte", "maxLength", "max", "must have at most %s characters"},
		{"array_min_items", "minItems", "min", "must have at least %s entries"},
	} {
		if fault.Type() == known.fault {
			// The library holds a limit as a fraction.
			bound := strings.TrimSuffix(fmt.Sprint(fault.Details()[known.detail]), "/1")
			return known.keyword, fmt.Sprintf(known.message, bound)
		}
	}
	return "", ""
}
