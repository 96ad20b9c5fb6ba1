package jobfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"waybill/engine/diag"
	"waybill/engine/source"
)

// digitsForm is a number whose digits are text as they stand: a phone number, an id, an amount.
var digitsForm = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

// digits makes text of the numbers that are digits to people: phone numbers, ids, the parameters of templates. The
// digits are those of the file, never those of a number that some reader made of them.
func (d *document) digits() {
	d.ids(d.root.At("connection"))
	d.stepDigits(d.root.At("steps"), 0)
}

func (d *document) stepDigits(steps *source.Node, depth int) {
	if steps == nil || depth > source.MaxDepth {
		return
	}
	for _, step := range steps.Items {
		d.asText(step.At("forEach").Field("key"))
		for _, f := range step.Fields {
			switch {
			case f.Name == "steps":
				d.stepDigits(f.Node, depth+1)
			case f.Kind == source.Map && f.Name != "forEach" && f.Name != "retry":
				d.operationDigits(f.Node)
			}
		}
	}
}

func (d *document) operationDigits(params *source.Node) {
	d.ids(params)
	d.asText(params.At("headerMedia").Field("id"))
	for _, name := range [...]string{"headerParameters", "bodyParameters", "phoneNumbers", "buttonParameters"} {
		list := params.Field(name)
		if list == nil {
			continue
		}
		for _, item := range list.Items {
			d.parameter(source.Field{Name: name, Node: item})
		}
		for _, item := range list.Fields {
			d.parameter(item)
		}
	}
}

// parameter makes text of a template's parameter, or of what is text inside of one that is an object.
func (d *document) parameter(f source.Field) {
	d.asText(&f)
	for _, name := range [...]string{"text", "value"} {
		d.asText(f.Field(name))
	}
	for _, name := range [...]string{"currency", "date_time", "image", "video", "document"} {
		d.asText(f.At(name).Field("fallback_value"))
		d.asText(f.At(name).Field("id"))
	}
}

// ids makes text of the keys of a map that are numbers of people and things.
func (d *document) ids(n *source.Node) {
	if n == nil {
		return
	}
	for i := range n.Fields {
		switch n.Fields[i].Name {
		case "to", "contact", "phoneNumberId", "wabaId", "mediaId", "messageId", "replyTo":
			d.asText(&n.Fields[i])
		}
	}
}

// asText makes text of a number's own digits.
func (d *document) asText(f *source.Field) {
	switch {
	case f == nil || f.Kind != source.Number:
	case digitsForm.MatchString(f.Text):
		f.Kind, f.Plain = source.Text, false
	default:
		as := asDigits
		if f.Name == "to" || f.Name == "contact" {
			as = asPhone
		}
		d.lostDigits(f.Name, f.Node, as)
		f.Kind = source.Text
	}
}

// ambiguous looks for numbers that readers of YAML disagree about, for numbers where text is wanted, and for
// expressions where only literal values are read. A bare date, a time of day, yes and no are text as they stand.
func (d *document) ambiguous(n *source.Node, path []string) {
	switch n.Kind {
	case source.Map:
		for _, f := range n.Fields {
			d.ambiguous(f.Node, append(path, f.Name))
		}
	case source.List:
		for i, item := range n.Items {
			d.ambiguous(item, append(path, fmt.Sprint(i)))
		}
	case source.Text:
		d.ambiguousText(n, path)
	case source.Number:
		if n.Broken || source.JsonNumber.MatchString(n.Text) {
			return
		}
		if d.wantsText(path) {
			n.Broken = true
			d.quoteIt(path, n.Range, n)
			return
		}
		as := asNumber
		if d.wantsAny(path) && !strings.Contains(n.Text, "_") {
			as = asAnything
		}
		d.lostDigits(last(path), n, as)
	case source.Null, source.Bool:
	}
}

func (d *document) ambiguousText(n *source.Node, path []string) {
	if !n.Broken && n.Refers() && onlyLiteral(path) {
		n.Broken = true
		d.Fault("not-constant", n.Range, last(path)+" is read before anything runs", "An expression or a variable cannot stand here.", "write the value itself")
	}
}

// quoteIt is the finding about text that needs quotes.
func (d *document) quoteIt(path []string, at diag.Range, n *source.Node) {
	d.Fault("quote-it", at, fmt.Sprintf("%s is text, and %s is %s to YAML", last(path), n.Text, n.Kind), "",
		"put quotes around it: "+source.Quote(n.Text))
}

// wantsText says whether the schema wants text at a path, and nothing that bare words could be.
func (d *document) wantsText(path []string) bool {
	types := d.loader.schema.At(path...).Types
	return slices.Contains(types, "string") && !slices.Contains(types, "boolean") &&
		(!slices.Contains(types, "number") && !slices.Contains(types, "integer") || isParameter(path))
}

// isParameter says whether a path leads to a template's parameter, whose numbers are text.
func isParameter(path []string) bool {
	return slices.ContainsFunc(path, func(step string) bool {
		return step == "headerParameters" || step == "bodyParameters" || step == "buttonParameters"
	}) && last(path) != "amount_1000" && last(path) != "index"
}

func (d *document) wantsAny(path []string) bool {
	return len(d.loader.schema.At(path...).Types) == 0
}

// onlyLiteral says whether a place is read before any expression could be evaluated.
func onlyLiteral(path []string) bool {
	if len(path) == 0 {
		return false
	}
	switch path[0] {
	case "version", "name", "env", "inputs", "defaults", "onUncertain", "schedule", "limits":
		return last(path) != "description"
	case "steps":
	default:
		return false
	}
	switch last(path) {
	case "id", "continueOnError":
		return len(path) >= 2 && isStep(path[:len(path)-1])
	case "concurrency", "stopAfter", "as", "encoding", "delimiter":
		return len(path) >= 2 && path[len(path)-2] == "forEach"
	case "attempts", "delay", "maxDelay":
		return len(path) >= 2 && path[len(path)-2] == "retry"
	}
	return false
}

// isStep says whether a path leads to a step: steps and an index, again and again.
func isStep(path []string) bool {
	if len(path) == 0 || len(path)%2 != 0 {
		return false
	}
	for i := 0; i < len(path); i += 2 {
		if path[i] != "steps" {
			return false
		}
	}
	return true
}

func last(path []string) string {
	for _, step := range slices.Backward(path) {
		if strings.Trim(step, "0123456789") != "" {
			return step
		}
	}
	return "the job"
}
