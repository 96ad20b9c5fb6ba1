package jobfile

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"waybill/engine/source"
)

// maxBraces is how many in one text are reported.
const maxBraces = 10

// literalBraces warns of {{ name }} in the text of a message: without the dollar sign it is no expression, and is sent as it
// stands. A template's own {{1}} never stands in a job.
func (d *document) literalBraces(operation *source.Field) {
	for _, f := range operation.Fields {
		if d.loader.parameters.Child(f.Name).Message {
			d.bracesIn(f.Node)
		}
	}
}

func (d *document) bracesIn(n *source.Node) {
	for _, item := range n.Items {
		d.bracesIn(item)
	}
	for _, f := range n.Fields {
		d.bracesIn(f.Node)
	}
	if n.Kind != source.Text || n.Broken || !strings.Contains(n.Text, "{{") {
		return
	}
	seen := 0
	for from, to := range looseBraces(n.Text) {
		if seen++; seen > maxBraces {
			return
		}
		shown := n.Text[from:to]
		start := utf8.RuneCountInString(n.Text[:from])
		at := anchorOf(n).At(start, start+utf8.RuneCountInString(shown))
		if utf8.RuneCountInString(shown) > 40 {
			shown = "{{ … }}"
		}
		hint := "write $" + shown
		if strings.Trim(shown, "{} 0123456789") == "" {
			hint = "write the value itself: the placeholder stands in the template"
		}
		d.Warn("literal-braces", at, fmt.Sprintf("%s would be sent as it stands", shown),
			"An expression has a dollar sign before its braces.", hint)
	}
}

// looseBraces yields where {{ … }} stands in a text that is neither an expression nor an escaped one, in bytes.
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
