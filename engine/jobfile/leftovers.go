package jobfile

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/leftover"
	"waybill/engine/source"
)

// leftovers looks through the parameters of an operation for what another program left in them. In the text of a message all of it
// is told, elsewhere {{ name }} alone: an address or a file's name may hold the other signs.
func (d *document) leftovers(operation *source.Field) {
	for _, f := range operation.Fields {
		if !isConnectionKey(f.Name) {
			d.leftoversIn(f.Node, d.loader.parameters.Child(f.Name).Message)
		}
	}
}

// leftoversIn looks through the texts of a value, but not through the expressions in them: what stands in one in quotes is meant.
func (d *document) leftoversIn(n *source.Node, message bool) {
	for _, item := range n.Items {
		d.leftoversIn(item, message)
	}
	for _, f := range n.Fields {
		d.leftoversIn(f.Node, message)
	}
	if message && !n.Broken {
		d.cutByComment(n)
	}
	if n.Kind != source.Text || n.Broken {
		return
	}
	for from, to := range eval.Literals(n.Text) {
		text := n.Text[from:to]
		for _, piece := range leftover.In(text) {
			if !message && piece.Kind != leftover.Braces {
				continue
			}
			shown := text[piece.From:piece.To]
			start := utf8.RuneCountInString(n.Text[:from+piece.From])
			at := anchorOf(n).At(start, start+utf8.RuneCountInString(shown))
			d.List = append(d.List, asFinding(piece.Kind, shown, at))
		}
	}
}

// cutByComment reports a text of which YAML takes the end for a comment: "turn #12" is "turn". A comment has a blank behind its sign.
func (d *document) cutByComment(n *source.Node) {
	comment := n.Comment()
	if comment.IsZero() {
		return
	}
	line := []rune(comment.Source.Line(comment.Start.Line))
	text := line[comment.Start.Column:]
	if len(text) == 0 || !unicode.IsLetter(text[0]) && !unicode.IsDigit(text[0]) {
		return
	}
	d.Fault("comment-in-text", comment, fmt.Sprintf("%s would not be sent: YAML takes it for a comment", shortened("#"+string(text))), "",
		"put quotes around the whole text; a comment has a blank behind its #")
}

// asFinding says what is wrong with a piece of text.
func asFinding(kind leftover.Kind, text string, at diag.Range) diag.Diagnostic {
	shown := shortened(text)
	f := diag.Diagnostic{Severity: diag.Warning, Code: "leftover-text", Range: at, Summary: fmt.Sprintf("%s would be sent as it stands", shown)}
	switch kind { //nolint:exhaustive // the others are found in cells alone
	case leftover.Braces:
		f.Severity, f.Code = diag.Error, "literal-braces"
		f.Detail = "An expression has a dollar sign before its braces."
		switch {
		case strings.HasPrefix(text, "{%"):
			f.Detail, f.Hint = "Nothing here reads it; a choice is an expression.", `write ${{ item.vip ? "…" : "" }}`
		case strings.Trim(text, "{} 0123456789") == "":
			f.Hint = "write the value itself: the placeholder stands in the template"
		default:
			f.Hint = "write ${{ " + strings.TrimSpace(strings.Trim(shown, "{}")) + " }}"
		}
		f.Hint += fmt.Sprintf("; where the braces are meant: ${{ '%s' }}", strings.ReplaceAll(shown, "'", `\'`))
	case leftover.Placeholder:
		f.Detail = "It looks like another program's placeholder."
		name := "item.name }} with the column"
		if strings.Contains(shown, "item.") {
			f.Detail, name = "An expression stands in ${{ and }}.", strings.Trim(shown, "$@<>()[]{}% ")+" }}"
			if !strings.HasPrefix(shown, "item.") { // which may be an address
				f.Severity, f.Code = diag.Error, "literal-braces"
			}
		}
		f.Hint = "write ${{ " + name + "; where it is meant: ${{ '" + strings.ReplaceAll(shown, "'", `\'`) + "' }}"
	case leftover.Escape:
		f.Summary = fmt.Sprintf("%s here is %d characters, which people would read", shown, utf8.RuneCountInString(text))
		f.Hint = "use double quotes and one backslash, or | for several lines"
	case leftover.Garbled:
		f.Detail = "It looks like a letter that was read in another encoding."
		f.Hint = "write the letter itself, and save the file as UTF-8"
	case leftover.Markup:
		f.Detail = "WhatsApp shows no HTML."
		f.Hint = "write the sign itself, a line break, or *bold* and _italic_"
	}
	return f
}

// shortened is a piece of text on one line, and no longer than a message bears.
func shortened(text string) string {
	const longest = 40
	letters := []rune(strings.Join(strings.Fields(text), " "))
	if len(letters) <= longest {
		return string(letters)
	}
	return string(letters[:longest/2]) + " … " + string(letters[len(letters)-longest/4:])
}
