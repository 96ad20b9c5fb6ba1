package engine

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"waybill/engine/diag"
)

// maxBraces is how many in one text are shown: who reads three understands.
const maxBraces = 10

// literalBraces warns of {{ name }} in what people will read: without the dollar sign it is no expression, and goes out
// as it stands. A template's own {{1}} never stands in a job.
func (d *document) literalBraces(operation *field) {
	for _, name := range [...]string{"body", "caption", "headerParameters", "bodyParameters", "buttonParameters"} {
		if n := operation.at(name); n != nil {
			d.bracesIn(n)
		}
	}
}

func (d *document) bracesIn(n *node) {
	for _, item := range n.items {
		d.bracesIn(item)
	}
	for _, f := range n.fields {
		d.bracesIn(f.node)
	}
	if n.kind != isText || n.broken || !strings.Contains(n.text, "{{") {
		return
	}
	seen := 0
	for from, to := range looseBraces(n.text) {
		if seen++; seen > maxBraces {
			return
		}
		shown := n.text[from:to]
		start := utf8.RuneCountInString(n.text[:from])
		at := n.anchor().At(start, start+utf8.RuneCountInString(shown))
		if utf8.RuneCountInString(shown) > 40 {
			shown = "{{ … }}"
		}
		hint := "write $" + shown
		if strings.Trim(shown, "{} 0123456789") == "" {
			hint = "write the value itself: the placeholder stands in the template"
		}
		d.warn("literal-braces", at, fmt.Sprintf("%s would be sent as it stands", shown),
			"An expression has a dollar sign before its braces.", hint)
	}
}

// looseBraces gives the stretches {{ … }} of a text that are neither expressions nor escaped ones.
func looseBraces(text string) func(yield func(from, to int) bool) {
	return func(yield func(from, to int) bool) {
		for from := 0; ; {
			open := strings.Index(text[from:], "{{")
			if open < 0 {
				return
			}
			open += from
			length := strings.Index(text[open:], "}}")
			if length < 0 {
				return
			}
			to := open + length + 2
			inner := strings.TrimSpace(text[open+2 : to-2])
			dollar := open > 0 && text[open-1] == '$'
			if !dollar && inner != "" && !strings.ContainsAny(inner, "{\n") && !yield(open, to) {
				return
			}
			from = to
		}
	}
}

// warn adds a Warning.
func (f *findings) warn(code string, r diag.Range, summary, detail, hint string) {
	before := len(f.list)
	f.fault(code, r, summary, detail, hint)
	if len(f.list) > before {
		f.list[before].Severity = diag.Warning
	}
}
