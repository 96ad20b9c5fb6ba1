package source

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
)

// double reads text in double quotes. JSON's escapes that yaml.v3 refuses become what they mean.
func (g *glance) double() {
	from := g.i
	g.tokens++
	for g.i++; g.i < len(g.text); g.i++ {
		switch g.text[g.i] {
		case '"':
			g.i++
			return
		case '\\':
			g.escape()
		case '\n':
			g.quotedLine(from)
		}
	}
	g.unclosed(from)
}

// escape looks at a backslash and leaves g.i on the last byte of the escape.
func (g *glance) escape() {
	rest := g.text[g.i:]
	switch {
	case bytes.HasPrefix(rest, []byte(`\/`)):
		g.edits = append(g.edits, edit{g.i, 2, "/"})
	case bytes.HasPrefix(rest, []byte(`\u`)):
		if pair := surrogates(rest); pair != 0 {
			g.edits = append(g.edits, edit{g.i, 12, string(pair)})
			g.i += 11
			return
		}
	}
	g.i++
}

// surrogates gives the character that two \u escapes stand for; 0 when text does not begin with such a pair.
func surrogates(text []byte) rune {
	if len(text) < 12 || text[6] != '\\' || text[7] != 'u' {
		return 0
	}
	high, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	low, err := strconv.ParseUint(string(text[8:12]), 16, 16)
	if err != nil {
		return 0
	}
	if r := utf16.DecodeRune(rune(high), rune(low)); r != '\ufffd' {
		return r
	}
	return 0
}

// single reads text in single quotes; two of them inside are one.
func (g *glance) single() {
	from := g.i
	g.tokens++
	for g.i++; g.i < len(g.text); g.i++ {
		switch {
		case g.text[g.i] == '\n':
			g.quotedLine(from)
		case g.text[g.i] != '\'':
		case g.i+1 < len(g.text) && g.text[g.i+1] == '\'':
			g.i++
		default:
			g.i++
			return
		}
	}
	g.unclosed(from)
}

// keyLine says whether text begins with a line that looks like an entry of a map, and is not likely to stand inside of
// quotes: "  - body: Hello".
func keyLine(text []byte) bool {
	text = bytes.TrimLeft(text, " ")
	if rest, ok := bytes.CutPrefix(text, []byte("- ")); ok {
		text = bytes.TrimLeft(rest, " ")
	}
	i := 0
	for i < len(text) && (text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z') {
		i++
	}
	return i > 0 && i < len(text) && text[i] == ':' && (i+1 == len(text) || strings.IndexByte(" \r\n", text[i+1]) >= 0)
}

// quotedLine notes a line break inside of quotes that began at from. A key behind it says that the closing quote was
// forgotten: the next quote in the file, wherever it is, would only seem to be it.
func (g *glance) quotedLine(from int) {
	g.lineStart = g.i + 1
	if g.open == (stretch{}) && keyLine(g.text[g.lineStart:min(len(g.text), g.lineStart+200)]) {
		g.unclosed(from)
	}
}

func (g *glance) unclosed(from int) {
	if g.open == (stretch{}) {
		g.open = stretch{from, from + 1}
	}
}

// blockHeader says whether | or > begins a block: only indicators and a comment follow on the line.
func (g *glance) blockHeader() bool {
	for i := g.i + 1; i < len(g.text); i++ {
		switch c := g.text[i]; {
		case c == '\n' || c == '\r' || c == '#' && g.blankAt(i-1):
			return true
		case c == ' ' || c == '\t' || c == '+' || c == '-' || c >= '1' && c <= '9':
		default:
			return false
		}
	}
	return true
}

// block passes over a block of text: the lines that are indented more than the key or the dash that it belongs to.
func (g *glance) block() {
	g.tokens++
	above := g.key
	if !g.pending && g.entry > 0 {
		above = min(g.key, g.entry-1)
	}
	if !g.pending && g.key == 0 && g.entry == 0 {
		above = -1
	}
	g.i = g.lineEnd(g.i)
	for g.i < len(g.text) {
		start := g.i
		for start < len(g.text) && (g.text[start] == '\n' || g.text[start] == '\r') {
			start++
		}
		first := start
		for first < len(g.text) && g.text[first] == ' ' {
			first++
		}
		end := g.lineEnd(first)
		if first < end && first-start <= above {
			break
		}
		g.i = end
		if end == len(g.text) {
			return
		}
	}
	// The line break before the next line is left, so that its indentation is looked at.
}
