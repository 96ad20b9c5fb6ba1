package jobfile

import (
	"fmt"
	"slices"
	"strings"

	"waybill/engine/diag"
	"waybill/engine/source"
	"waybill/schemas"
)

// judge lets the schema look at the job, and puts what it says into words with places.
func (d *document) judge() {
	for _, v := range d.loader.schema.Validate(d.root.Value()) {
		n, f := d.root.Find(v.Path)
		if d.broken(v.Path) {
			continue
		}
		if v.Keyword != "additionalProperties" && v.Keyword != "required" && v.Keyword != "propertyNames" && n.Refers() {
			continue // known once it is rendered
		}
		switch v.Keyword {
		case "additionalProperties":
			d.unknownKey(v, n)
			continue
		case "required":
			d.missingKey(v, n, f)
			continue
		}
		n.Faulty = true
		switch v.Keyword {
		case "type":
			d.wrongType(v, n, f)
		case "enum":
			d.unknownWord(v, n)
		case "propertyNames":
			if entry := n.Field(v.Property); entry != nil {
				n.Faulty, entry.Unknown = false, true
				d.Fault("bad-value", entry.NameRange, fmt.Sprintf("%q cannot be a name here", v.Property),
					"Names are letters, digits, underscores and, but for variables of the environment, hyphens. They do not begin with a digit.", "")
			}
		case "pattern":
			d.Fault("bad-value", n.Range, fmt.Sprintf("%s: %q %s", last(v.Path), n.Text, v.Message), form(v.Path), "")
		case "minItems":
			d.Fault("bad-value", n.Head(), last(v.Path)+" is an empty list", "", "")
		default:
			d.Fault("bad-value", n.Head(), last(v.Path)+" "+v.Message, "", "")
		}
	}
}

// broken says whether something on the way to a value was found wrong already.
func (d *document) broken(path []string) bool {
	n := d.root
	for i := 0; ; i++ {
		if n.Broken {
			return true
		}
		if i == len(path) {
			return false
		}
		n, _ = n.Find(path[i : i+1])
	}
}

// unknownKey is the finding about a name that means nothing where it stands. Of a step that has one which was meant to
// say what it does, it is not said again that it does nothing.
func (d *document) unknownKey(v schemas.Violation, n *source.Node) {
	entry := n.Field(v.Property)
	if entry == nil {
		return
	}
	entry.Unknown = true
	near := diag.Suggest(v.Property, v.Allowed)
	if near != "" && n.Field(near) == nil {
		n.Missing = append(n.Missing, near)
	}
	if isStep(v.Path) {
		names := d.operationNames()
		if operation := diag.Suggest(v.Property, names); operation != "" || entry.Kind == source.Map && near == "" {
			d.unknown[n] = true
			d.Fault("unknown-operation", entry.NameRange, fmt.Sprintf("unknown operation %q", v.Property),
				"A step is one of "+enumerate(names, "or")+", or a group of steps.", didYouMean(operation))
			return
		}
	}
	place := last(v.Path)
	if isStep(v.Path) {
		place = "a step"
		d.unknown[n] = d.unknown[n] || near == "steps"
	}
	hint := didYouMean(near)
	if hint == "" {
		hint = d.elsewhere(v.Property, v.Path)
	}
	d.Fault("unknown-key", entry.NameRange, fmt.Sprintf("unknown key %q in %s", v.Property, place),
		"Allowed are "+enumerate(v.Allowed, "and")+".", hint)
}

// elsewhere gives a hint about a key that stands at the wrong level.
func (d *document) elsewhere(name string, path []string) string {
	if len(path) > 2 && isStep(path[:len(path)-1]) && slices.Contains(d.loader.schema.At("steps", "0").Keys, name) {
		return fmt.Sprintf("%s belongs to the step, beside %s: indent it less", name, last(path))
	}
	return ""
}

func didYouMean(near string) string {
	if near == "" {
		return ""
	}
	return "did you mean " + near + "?"
}

func (d *document) operationNames() []string {
	names := make([]string, 0, len(d.loader.Operations))
	for _, op := range d.loader.Operations {
		names = append(names, op.Name())
	}
	return names
}

// missingKey is the finding about a name that must stand in a map and does not. Where it is there by another spelling, or
// may be in what a << was to bring, that was said.
func (d *document) missingKey(v schemas.Violation, n *source.Node, f *source.Field) {
	if said := slices.Contains(n.Missing, v.Property); said || n.Merged {
		n.Missing = append(n.Missing, v.Property)
		return
	}
	n.Missing = append(n.Missing, v.Property)
	place, at := "the job", n.Head()
	if f != nil {
		place, at = f.Name, f.NameRange
	} else if len(v.Path) > 0 {
		place = last(v.Path)
	}
	about := d.loader.schema.At(append(slices.Clone(v.Path), v.Property)...)
	hint := ""
	if about.Example != nil {
		hint = fmt.Sprintf("add %s: %s", v.Property, sample(about.Example))
	} else if len(about.Words) > 0 {
		hint = fmt.Sprintf("add %s: %s", v.Property, about.Words[0])
	}
	d.Fault("missing-key", at, fmt.Sprintf("%s lacks %s", place, v.Property), firstSentence(about.Description), hint)
}

// sample writes an example of the schema as it would stand in a job file.
func sample(v any) string {
	text, ok := v.(string)
	if !ok {
		return fmt.Sprint(v)
	}
	if strings.ContainsAny(text, "+${#:") {
		return source.Quote(text)
	}
	return text
}

func firstSentence(text string) string {
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return text
}

// wrongType is the finding about a value that is something else than is wanted.
func (d *document) wrongType(v schemas.Violation, n *source.Node, f *source.Field) {
	name := last(v.Path)
	if isStep(v.Path) {
		name = "a step"
	}
	wantsText := slices.Contains(v.Allowed, "string")
	empty := n.Kind == source.Null && n.Text == ""
	at := n.Head()
	switch {
	case empty:
		if f != nil {
			at = f.NameRange
		}
		d.Fault("type-mismatch", at, fmt.Sprintf("%s has no value", name), "Wanted is "+wantedWords(v.Allowed)+".", "")
	case wantsText && n.Kind != source.Map && n.Kind != source.List && !numeric(v.Allowed):
		d.quoteIt(v.Path, n.Range, n)
	case wantsText && n.Kind != source.Map && n.Kind != source.List && isParameter(v.Path):
		d.quoteIt(v.Path, n.Range, n)
	default:
		found := n.Kind.String()
		if n.Kind == source.Number || n.Kind == source.Bool {
			found = n.Text
		}
		d.Fault("type-mismatch", at, fmt.Sprintf("%s must be %s, and this is %s", name, wantedWords(v.Allowed), found), "", d.unquote(v, n))
	}
}

func numeric(types []string) bool {
	return slices.Contains(types, "integer") || slices.Contains(types, "number")
}

// unquote gives the hint for text that would be right without its quotes.
func (d *document) unquote(v schemas.Violation, n *source.Node) string {
	switch {
	case n.Kind == source.List && slices.Contains(v.Allowed, "object") || n.Kind != source.Text:
		return ""
	case slices.Contains(v.Allowed, "boolean"):
		switch strings.ToLower(n.Text) {
		case "true", "yes", "on", "y":
			return "write true, without quotes"
		case "false", "no", "off", "n":
			return "write false, without quotes"
		}
	case numeric(v.Allowed) && source.JsonNumber.MatchString(n.Text):
		return "write " + n.Text + ", without quotes"
	}
	return ""
}

// wantedWords puts the types of JSON into words.
func wantedWords(types []string) string {
	var wanted []string
	for _, t := range types {
		word := map[string]string{
			"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
			"array": "a list", "object": "a map", "null": "null",
		}[t]
		if t == "integer" && slices.Contains(types, "number") {
			continue
		}
		wanted = append(wanted, word)
	}
	return enumerate(wanted, "or")
}

// unknownWord is the finding about a word that is not one of those allowed.
func (d *document) unknownWord(v schemas.Violation, n *source.Node) {
	if len(v.Allowed) == 1 {
		d.Fault("unknown-value", n.Head(), fmt.Sprintf("%s must be %s", last(v.Path), v.Allowed[0]), "", "")
		return
	}
	d.Fault("unknown-value", n.Head(), fmt.Sprintf("%s cannot be %q", last(v.Path), n.Text),
		"Allowed are "+enumerate(v.Allowed, "and")+".", didYouMean(diag.Suggest(n.Text, v.Allowed)))
}

// form says in words what a pattern of the schema wants.
func form(path []string) string {
	switch last(path) {
	case "name":
		return "A job's name is lower-case letters, digits and hyphens."
	case "id":
		return "An id is letters, digits, underscores and hyphens, and does not begin with a digit or a hyphen."
	case "as":
		return "The name is letters, digits and underscores, and does not begin with a digit."
	case "stopAfter":
		return "It is a number of items, or a share of them such as 5%."
	}
	return ""
}
