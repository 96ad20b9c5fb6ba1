package engine

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"waybill/engine/diag"
)

// digitsForm is a number whose digits are text as they stand: a phone number, an id, an amount.
var digitsForm = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

// digits makes text of the numbers that are digits to people: phone numbers, ids, the parameters of templates. The
// digits are those of the file, never those of a number that some reader made of them.
func (d *document) digits() {
	d.ids(d.root.at("connection"))
	d.stepDigits(d.root.at("steps"), 0)
}

func (d *document) stepDigits(steps *node, depth int) {
	if steps == nil || depth > maxDepth {
		return
	}
	for _, step := range steps.items {
		d.asText(step.at("forEach").field("key"))
		for _, f := range step.fields {
			switch {
			case f.name == "steps":
				d.stepDigits(f.node, depth+1)
			case f.kind == isMap && f.name != "forEach" && f.name != "retry":
				d.operationDigits(f.node)
			}
		}
	}
}

func (d *document) operationDigits(params *node) {
	d.ids(params)
	d.asText(params.at("headerMedia").field("id"))
	for _, name := range [...]string{"headerParameters", "bodyParameters", "phoneNumbers", "buttonParameters"} {
		list := params.field(name)
		if list == nil {
			continue
		}
		for _, item := range list.items {
			d.parameter(field{name: name, node: item})
		}
		for _, item := range list.fields {
			d.parameter(item)
		}
	}
}

// parameter makes text of a template's parameter, or of what is text inside of one that is an object.
func (d *document) parameter(f field) {
	d.asText(&f)
	for _, name := range [...]string{"text", "value"} {
		d.asText(f.field(name))
	}
	for _, name := range [...]string{"currency", "date_time", "image", "video", "document"} {
		d.asText(f.at(name).field("fallback_value"))
		d.asText(f.at(name).field("id"))
	}
}

// ids makes text of the keys of a map that are numbers of people and things.
func (d *document) ids(n *node) {
	if n == nil {
		return
	}
	for i := range n.fields {
		switch n.fields[i].name {
		case "to", "contact", "phoneNumberId", "wabaId", "mediaId", "messageId", "replyTo":
			d.asText(&n.fields[i])
		}
	}
}

// asText makes text of a number's own digits.
func (d *document) asText(f *field) {
	switch {
	case f == nil || f.kind != isNumber:
	case digitsForm.MatchString(f.text):
		f.kind, f.plain = isText, false
	default:
		as := asDigits
		if f.name == "to" || f.name == "contact" {
			as = asPhone
		}
		d.lostDigits(f.name, f.node, as)
		f.kind = isText
	}
}

// ambiguous looks for numbers that readers of YAML disagree about, for numbers where text is wanted, and for
// expressions where only literal values are read. A bare date, a time of day, yes and no are text as they stand.
func (d *document) ambiguous(n *node, path []string) {
	switch n.kind {
	case isMap:
		for _, f := range n.fields {
			d.ambiguous(f.node, append(path, f.name))
		}
	case isList:
		for i, item := range n.items {
			d.ambiguous(item, append(path, fmt.Sprint(i)))
		}
	case isText:
		d.ambiguousText(n, path)
	case isNumber:
		if n.broken || jsonNumber.MatchString(n.text) {
			return
		}
		if d.wantsText(path) {
			n.broken = true
			d.quoteIt(path, n.rng, n)
			return
		}
		as := asNumber
		if d.wantsAny(path) && !strings.Contains(n.text, "_") {
			as = asAnything
		}
		d.lostDigits(last(path), n, as)
	case isNull, isBool:
	}
}

func (d *document) ambiguousText(n *node, path []string) {
	if !n.broken && n.refers() && onlyLiteral(path) {
		n.broken = true
		d.fault("not-constant", n.rng, last(path)+" is read before anything runs", "An expression or a variable cannot stand here.", "write the value itself")
	}
}

// quoteIt is the finding about text that needs quotes.
func (d *document) quoteIt(path []string, at diag.Range, n *node) {
	d.fault("quote-it", at, fmt.Sprintf("%s is text, and %s is %s to YAML", last(path), n.text, n.kind), "",
		"put quotes around it: "+quote(n.text))
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
