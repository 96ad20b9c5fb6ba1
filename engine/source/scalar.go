package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"waybill/engine/diag"
)

// scalar reads text, a number, true, false or null, which begins at an offset of the text that yaml.v3 read.
func (r *yamlReader) scalar(y *yaml.Node, n *Node, offset int) {
	n.Text = y.Value
	n.Kind = Text
	quoted := y.Style & (yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle)
	block := y.Style & (yaml.LiteralStyle | yaml.FoldedStyle)
	if quoted == 0 && block == 0 && y.Style&yaml.TaggedStyle == 0 {
		switch y.ShortTag() {
		case "!!null":
			n.Kind = Null
		case "!!bool":
			n.Kind, n.Text = Bool, strings.ToLower(y.Value)
		case "!!int", "!!float":
			n.Kind = Number
		}
	}
	n.plain = quoted == 0 && block == 0
	text := r.text.text
	begin := skipProperties(text, offset)
	end := scalarEnd(text, begin, y)
	n.Range = r.positions.rangeOf(r.origin(begin), r.origin(end))
	if n.plain {
		r.curlyQuotes(n)
	}
	inner, from := text[begin:end], begin
	if quoted != 0 && len(inner) >= 2 {
		inner, from = inner[1:len(inner)-1], begin+1
	}
	oneLine := block == 0 && !bytes.ContainsAny(inner, "\r\n")
	if oneLine && string(inner) == y.Value && r.origin(end)-r.origin(begin) == end-begin {
		n.TextStart = n.Range.Start
		n.TextStart.Column += from - begin
		return
	}
	how := unquotedLines
	switch {
	case block != 0:
		from = end // of the line with the bar
	case y.Style&yaml.SingleQuotedStyle != 0:
		how = singleQuoted
	case y.Style&yaml.DoubleQuotedStyle != 0:
		how = doubleQuoted
	}
	n.RunePos = runePositions(r.source, text[from:], y.Value, how, func(offset int) int { return r.origin(from + offset) })
}

// curly are the quotes of word processors.
const curly = "“”„‟‘’‚‛"

// withoutCurly takes the quotes of a word processor off that stand around a text.
func withoutCurly(text string) (inner string, were bool) {
	first, before := utf8.DecodeRuneInString(text)
	last, behind := utf8.DecodeLastRuneInString(text)
	if len(text) < before+behind || !strings.ContainsRune(curly, first) || !strings.ContainsRune(curly, last) {
		return text, false
	}
	return text[before : len(text)-behind], true
}

// curlyQuotes reports the quotes of a word processor around a text, which YAML takes for a part of it.
func (r *yamlReader) curlyQuotes(n *Node) {
	first, size := utf8.DecodeRuneInString(n.Text)
	if !strings.ContainsRune(curly, first) || n.Text == "" {
		return
	}
	rest := n.Text[size:]
	switch last, _ := utf8.DecodeLastRuneInString(rest); {
	case rest == "":
	case !strings.ContainsAny(rest, curly):
		n.Broken = true
		r.Fault("curly-quotes", n.Range, fmt.Sprintf("%c is no quote to YAML, and the text ends here", first), "", `write straight quotes: "`)
	case strings.ContainsRune(curly, last):
		r.Warn("curly-quotes", n.Range, fmt.Sprintf("the quotes %c%c are a part of this text: they are none to YAML", first, last), "",
			`write straight quotes, "; where these are meant, put straight ones around them`)
	}
}

// skipProperties passes over an anchor and a tag in front of a value.
func skipProperties(text []byte, offset int) int {
	for offset < len(text) && (text[offset] == '&' || text[offset] == '!') {
		i := offset
		for i < len(text) && strings.IndexByte(" \t\r\n,[]{}", text[i]) < 0 {
			i++
		}
		for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
			i++
		}
		if i >= len(text) || text[i] == '\n' || text[i] == '\r' || i == offset {
			return offset
		}
		offset = i
	}
	return offset
}

// scalarEnd returns the offset behind a scalar, which yaml.v3 does not tell; of a block and of several lines without quotes,
// the end of the first line.
func scalarEnd(text []byte, begin int, y *yaml.Node) int {
	rest := text[begin:]
	quoted := &lenientScanner{text: text, i: begin}
	switch {
	case y.Style&yaml.DoubleQuotedStyle != 0 && bytes.HasPrefix(rest, []byte{'"'}):
		quoted.double()
		return quoted.i
	case y.Style&yaml.SingleQuotedStyle != 0 && bytes.HasPrefix(rest, []byte{'\''}):
		quoted.single()
		return quoted.i
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && bytes.HasPrefix(rest, []byte(y.Value)):
		return begin + len(y.Value)
	}
	return begin + len(bytes.TrimRight(text[begin:lineEnd(text, begin)], " \t"))
}

// unquotedBraces reports an expression, or a variable, that YAML takes for a map, in a text without quotes. Where only its beginning is known,
// at is empty, and nothing is known of the text.
func (f *Findings) unquotedBraces(src *diag.Source, at, text span) {
	if at.to <= at.from {
		at.to = at.from + expressionEnd(src.Text[at.from:])
		text = at
	}
	detail, hint := "An expression in braces needs quotes here.", "put quotes around it: "
	shown := string(src.Text[text.from:text.to])
	if text == at && !strings.HasPrefix(shown, "$") {
		shown = "$" + shown
	}
	if bare := src.Text[at.from:]; bytes.HasPrefix(bare, []byte("${")) && !bytes.HasPrefix(bare, []byte("${{")) {
		detail = "A variable in braces needs quotes here; $<NAME> needs none."
	}
	if text != at {
		hint = "put quotes around the whole text: "
	}
	if inner, curly := withoutCurly(shown); curly {
		shown, hint = inner, "write straight quotes around the text: "
	}
	if utf8.RuneCountInString(shown) > longestShown {
		shown = "${{ … }}"
	}
	f.Fault("unquoted-braces", src.Range(at.from, at.to), "YAML takes these braces for a map", detail, hint+Quote(shown))
}
