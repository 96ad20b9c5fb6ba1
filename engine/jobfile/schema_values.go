package jobfile

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"waybill/engine/diag"
	"waybill/engine/source"
	"waybill/schemas"
)

// wrongValue reports a value that breaks the schema. Its entry is f; nil when it has none.
func (d *document) wrongValue(v schemas.Violation, n *source.Node, f *source.Field) {
	if v.Keyword != "propertyNames" {
		d.faulty[n] = true
	}
	switch v.Keyword {
	case "type":
		d.wrongType(v, n, f)
	case "enum":
		d.unknownWord(v, n)
	case "propertyNames":
		if entry := n.Field(v.Property); entry != nil {
			d.unknown[n] = append(d.unknown[n], v.Property)
			d.Fault("bad-value", entry.NameRange, fmt.Sprintf("%q cannot be a name here", v.Property),
				"Names are letters, digits, underscores and, but for variables of the environment, hyphens. "+
					"They do not begin with a digit.", "")
		}
	case "pattern":
		d.Fault("bad-value", n.Range, fmt.Sprintf("%s: %q %s", lastName(v.Path), n.Text, v.Message), patternHelp(v.Path), "")
	case "minItems":
		d.Fault("bad-value", n.Head(), lastName(v.Path)+" is an empty list", "", "")
	default:
		d.Fault("bad-value", n.Head(), lastName(v.Path)+" "+v.Message, "", "")
	}
}

// wrongType reports a value of another type than is wanted.
func (d *document) wrongType(v schemas.Violation, n *source.Node, f *source.Field) {
	name := lastName(v.Path)
	if isStep(v.Path) {
		name = "a step"
	}
	wantsText := slices.Contains(v.Allowed, "string") && n.Kind != source.Map && n.Kind != source.List
	empty := n.Kind == source.Null && n.Text == ""
	at := n.Head()
	switch {
	case empty:
		if f != nil {
			at = f.NameRange
		}
		d.Fault("type-mismatch", at, fmt.Sprintf("%s has no value", name), "Wanted is "+wantedWords(v.Allowed)+".", "")
	case wantsText && (!numeric(v.Allowed) || d.loader.schema.At(v.Path...).Digits == schemas.AnyText):
		d.quoteIt(v.Path, n)
	default:
		found := n.Kind.String()
		if n.Kind == source.Number || n.Kind == source.Bool {
			found = n.Text
		}
		d.Fault("type-mismatch", at, fmt.Sprintf("%s must be %s, and this is %s", name, wantedWords(v.Allowed), found), "",
			typeHint(v, n))
	}
}

func numeric(types []string) bool {
	return slices.Contains(types, "integer") || slices.Contains(types, "number")
}

// typeHint returns the hint for text that would be right without its quotes, and for one entry where a list of them is wanted.
func typeHint(v schemas.Violation, n *source.Node) string {
	switch {
	case n.Kind == source.Map && slices.Contains(v.Allowed, "array") && !slices.Contains(v.Allowed, "object"):
		return "a list of one has brackets around it, [{ … }], or a dash before it"
	case n.Kind == source.List && lastName(v.Path) == "to":
		return "a step writes to one person: for several, forEach: { items: [ … ] }, and to: ${{ item }}"
	case n.Kind == source.List && slices.Contains(v.Allowed, "object") || n.Kind != source.Text:
		return ""
	case lastName(v.Path) == "forEach" && !n.Refers():
		source := map[string]string{".jsonl": "jsonl", ".xlsx": "xlsx"}[strings.ToLower(filepath.Ext(n.Text))]
		return "write { " + cmp.Or(source, "csv") + ": " + n.Text + " }"
	case slices.Contains(v.Allowed, "boolean"):
		switch strings.ToLower(n.Text) {
		case "true", "yes", "on", "y":
			return "write true, without quotes"
		case "false", "no", "off", "n":
			return "write false, without quotes"
		}
	case numeric(v.Allowed) && n.Portable():
		return "write " + n.Text + ", without quotes"
	}
	return ""
}

// wantedWords returns the names of JSON Schema's types, for messages.
func wantedWords(types []string) string {
	words := map[string]string{
		"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
		"array": "a list", "object": "a map", "null": "null",
	}
	var wanted []string
	for _, t := range types {
		if t != "integer" || !slices.Contains(types, "number") {
			wanted = append(wanted, words[t])
		}
	}
	return enumerate(wanted, "or")
}

// unknownWord reports a word that is not one of those allowed.
func (d *document) unknownWord(v schemas.Violation, n *source.Node) {
	if len(v.Allowed) == 1 {
		d.Fault("unknown-value", n.Head(), fmt.Sprintf("%s must be %s", lastName(v.Path), v.Allowed[0]), "", "")
		return
	}
	d.Fault("unknown-value", n.Head(), fmt.Sprintf("%s cannot be %q", lastName(v.Path), n.Text),
		"Allowed are "+enumerate(v.Allowed, "and")+".", didYouMean(diag.Suggest(n.Text, v.Allowed)))
}

// patternHelp says what a pattern of the schema wants.
func patternHelp(path []string) string {
	switch lastName(path) {
	case "name":
		return "A job's name is lower-case letters, digits and hyphens."
	case "id":
		return "An id is letters, digits, underscores and hyphens, and does not begin with a digit or a hyphen."
	case "as":
		return "The name is letters, digits and underscores, and does not begin with a digit."
	case "stopAfter":
		return "It is a number of items, or a share of them such as 5%."
	case "failed", "held":
		return "It is a number of the wave's messages, or a share of them such as 5%."
	case "from", "to":
		return "It is a time of day such as 09:00."
	case "waves":
		return "A wave is a number of people, or a share of all of them such as 10%."
	}
	return ""
}
