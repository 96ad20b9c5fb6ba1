package schemas

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/xeipuuv/gojsonschema"
)

// Schema is the schema of a job file, ready to judge. It may be used by many goroutines.
type Schema struct {
	compiled *gojsonschema.Schema
	root     *node
}

// Compile makes the Schema. It takes about a millisecond; keep it for the files of one command.
func Compile() *Schema {
	text := Job()
	loader := gojsonschema.NewSchemaLoader()
	loader.Draft, loader.AutoDetect = gojsonschema.Draft7, false
	compiled, err := loader.Compile(gojsonschema.NewBytesLoader(text))
	if err != nil {
		panic(fmt.Sprintf("the schema of this program is broken: %v", err))
	}
	s := &Schema{compiled: compiled, root: &node{}}
	if err := json.Unmarshal(text, s.root); err != nil {
		panic(fmt.Sprintf("the schema of this program is broken: %v", err))
	}
	return s
}

// Violation is one breach of the schema.
type Violation struct {
	Path     []string // to the value at fault; for a missing or unknown property, to the map that has or lacks it
	Keyword  string   // of JSON Schema: "type", "enum", "required", "additionalProperties", …
	Property string   // the name that is unknown, missing, or badly formed
	Allowed  []string // the names or words that are allowed, or the types that are wanted
	Given    string   // of "type": the type that is there
	Bound    string   // of a minimum, maximum, length or pattern: what it is
	Message  string   // a plain sentence part, lower case: "must be at least 1"
}

// Validate judges a value: nil, bool, string, json.Number, []any and map[string]any alone, all the way down.
// The order is that of the paths.
func Validate(value any) []Violation { return Compile().Validate(value) }

// Validate is as the function of that name, and compiles nothing.
func (s *Schema) Validate(value any) []Violation {
	result, err := s.compiled.Validate(gojsonschema.NewRawLoader(value))
	if err != nil {
		// The raw loader reads nothing, so there is nothing that can fail.
		panic(fmt.Sprintf("judging a job file by the schema: %v", err))
	}
	var violations []Violation
	for _, fault := range result.Errors() {
		if v, ok := s.violation(fault); ok {
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

// violation puts the library's finding into our words; false: it only sums up others.
func (s *Schema) violation(fault gojsonschema.ResultError) (Violation, bool) {
	v := Violation{Path: strings.Split(fault.Context().String("\x00"), "\x00")[1:]}
	details := fault.Details()
	v.Property, _ = details["property"].(string)
	here := s.At(v.Path...)
	switch fault.Type() {
	case "additional_property_not_allowed":
		v.Keyword, v.Allowed = "additionalProperties", here.Keys
		v.Message = fmt.Sprintf("unknown key %q", v.Property)
	case "required":
		v.Keyword, v.Allowed = "required", here.Required
		v.Message = fmt.Sprintf("%q is missing", v.Property)
	case "invalid_type":
		v.Keyword, v.Allowed = "type", here.Types
		v.Given = given(details["given"])
		v.Message = fmt.Sprintf("must be %s", strings.Join(here.Types, " or "))
	case "enum":
		v.Keyword, v.Allowed = "enum", here.Words
		v.Message = "must be one of " + strings.Join(here.Words, ", ")
	case "invalid_property_name":
		v.Keyword = "propertyNames"
		v.Message = "is not a name"
	case "pattern":
		if slices.Contains(here.Types, "object") {
			return v, false // of a key, which invalid_property_name names
		}
		v.Keyword, v.Bound = "pattern", fmt.Sprint(details["pattern"])
		v.Message = "has the wrong form"
	default:
		return bound(v, fault)
	}
	return v, true
}

// given is the type word of what was found; the library says "integer" also of a whole number.
func given(detail any) string {
	word, _ := detail.(string)
	return word
}

// bound is a Violation of a limit.
func bound(v Violation, fault gojsonschema.ResultError) (Violation, bool) {
	details := fault.Details()
	limit := func(name string) string { return number(details[name]) }
	switch fault.Type() {
	case "number_gte":
		v.Keyword, v.Bound = "minimum", limit("min")
		v.Message = "must be at least " + v.Bound
	case "number_gt":
		v.Keyword, v.Bound = "exclusiveMinimum", limit("min")
		v.Message = "must be more than " + v.Bound
	case "number_lte":
		v.Keyword, v.Bound = "maximum", limit("max")
		v.Message = "must be at most " + v.Bound
	case "string_gte":
		v.Keyword, v.Bound = "minLength", limit("min")
		v.Message = "must have at least " + v.Bound + " characters"
	case "string_lte":
		v.Keyword, v.Bound = "maxLength", limit("max")
		v.Message = "must have at most " + v.Bound + " characters"
	case "array_min_items":
		v.Keyword, v.Bound = "minItems", limit("min")
		v.Message = "must have at least " + v.Bound + " entries"
	default:
		return v, false
	}
	return v, true
}

// number writes a limit as the schema has it: the library holds it as a fraction.
func number(detail any) string {
	return strings.TrimSuffix(fmt.Sprint(detail), "/1")
}
