package engine

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"waybill/engine/eval"
)

// stretch is a part of a text: byte offsets, the end excluded. The zero value is none.
type stretch struct{ from, to int }

// glance is a reading of YAML text that only tells what stands in quotes, in brackets, in a block or in a comment.
// It finds the places that yaml.v3 reports badly, and what JSON allows and yaml.v3 does not. It is asked when yaml.v3
// refused a text, so that what it takes for a mistake is one.
type glance struct {
	text   []byte
	edits  []edit    // make JSON inside of YAML readable
	tabs   []stretch // tabs that indent lines
	braces []stretch // ${{ and {{ where YAML takes a brace for a map
	colons []stretch // expressions without quotes that hold a colon and a blank
	open   stretch   // the quote or bracket that is never closed
	deep   stretch   // the first bracket inside of too many others
	tokens int       // values, at least about

	i         int
	brackets  []int // offsets of those that are open
	lineStart int
	blank     bool // nothing but blanks on this line so far
	tab       int  // offset of a tab among them; -1
	entry     int  // column of the innermost entry that began on this line
	key       int  // column of the last key; what follows it is deeper
	pending   bool // a key has been read, and its value has not
}

// look reads the whole text, or stops once it has more than limit tokens.
func look(text []byte, limit int) *glance {
	g := &glance{text: text}
	g.newLine()
	for g.i < len(text) && g.tokens <= limit {
		g.step()
	}
	if g.open == (stretch{}) && len(g.brackets) > 0 {
		at := g.brackets[len(g.brackets)-1]
		g.open = stretch{at, at + 1}
	}
	return g
}

func (g *glance) newLine() {
	g.lineStart, g.blank, g.tab = g.i, true, -1
}

// step reads one blank, comment or token.
func (g *glance) step() {
	c := g.text[g.i]
	switch {
	case c == '\n' || c == '\r':
		g.i++
		g.newLine()
	case c == ' ':
		g.i++
	case c == '\t':
		g.readTab()
	case c == '#' && g.blankBefore(), c == '%' && g.i == g.lineStart && len(g.brackets) == 0:
		g.i = g.lineEnd(g.i)
	default:
		g.token(c)
	}
}

func (g *glance) readTab() {
	switch {
	case len(g.brackets) > 0:
		g.edits = append(g.edits, edit{g.i, 1, " "})
	case g.blank && g.tab < 0:
		g.tab = g.i
	}
	g.i++
}

// token reads one token that starts at g.i.
func (g *glance) token(c byte) {
	inFlow := len(g.brackets) > 0
	if g.blank && !inFlow {
		g.entry = g.i - g.lineStart
		g.indented(c)
	}
	g.blank = false
	switch {
	case c == '"':
		g.double()
	case c == '\'':
		g.single()
	case c == '{' || c == '[':
		g.bracket(c)
	case inFlow && (c == '}' || c == ']'):
		g.brackets = g.brackets[:len(g.brackets)-1]
		g.i++
	case inFlow && c == ',':
		g.tokens++
		g.i++
	case c == ':' && (inFlow || g.blankAt(g.i+1)):
		g.tokens++
		g.i++
		if !inFlow {
			g.key, g.pending = g.entry, true
		}
		return
	case !inFlow && (c == '-' || c == '?') && g.blankAt(g.i+1):
		g.tokens++
		g.i++
		g.nextEntry()
	case !inFlow && (c == '|' || c == '>') && g.blockHeader():
		g.block()
	case c == '&' || c == '*' || c == '!':
		g.word(inFlow)
		return
	default:
		g.plain(inFlow)
	}
	g.pending = false
}

// indented looks at the indentation of a line whose first token begins here.
func (g *glance) indented(c byte) {
	json := g.pending && (c == '{' || c == '[')
	switch {
	case json && (g.tab >= 0 || g.entry < g.key):
		// A block of JSON below its key, indented as JSON may be.
		g.edits = append(g.edits, edit{g.lineStart, g.i - g.lineStart, strings.Repeat(" ", g.key+1)})
	case g.tab >= 0:
		g.tabs = append(g.tabs, stretch{g.tab, g.i})
	}
}

// nextEntry moves the column of the entry behind "- ".
func (g *glance) nextEntry() {
	j := g.i
	for j < len(g.text) && g.text[j] == ' ' {
		j++
	}
	if j < len(g.text) && g.text[j] != '\n' && g.text[j] != '\r' {
		g.key, g.entry = g.entry, j-g.lineStart
	}
}

func (g *glance) bracket(c byte) {
	if c == '{' && g.i+1 < len(g.text) && g.text[g.i+1] == '{' {
		g.braces = append(g.braces, g.expression(g.i))
	}
	g.brackets = append(g.brackets, g.i)
	if len(g.brackets) > maxDepth+1 && g.deep == (stretch{}) {
		g.deep = stretch{g.i, g.i + 1}
	}
	g.tokens++
	g.i++
}

// expression is the stretch from its braces to the closing ones on the same line, or to the line's end.
func (g *glance) expression(from int) stretch {
	return stretch{from, from + expressionEnd(g.text[from:])}
}

// expressionEnd returns where an expression ends whose opening braces text begins with, with or without the dollar
// sign: behind its closing braces, or where the line ends.
func expressionEnd(text []byte) int {
	text = text[:min(len(text), 4096)]
	if n := bytes.IndexAny(text, "\r\n"); n >= 0 {
		text = text[:n]
	}
	inner := bytes.Index(text, []byte("{{")) + len("{{")
	if n := eval.ExpressionEnd(string(text[inner:])); n >= 0 {
		return inner + n + len("}}")
	}
	return len(bytes.TrimRightFunc(text, func(r rune) bool { return r == utf8.RuneError }))
}

// word passes over an anchor, an alias or a tag.
func (g *glance) word(inFlow bool) {
	for g.i++; g.i < len(g.text) && !g.blankAt(g.i); g.i++ {
		if inFlow && strings.IndexByte(",[]{}", g.text[g.i]) >= 0 {
			return
		}
	}
}

// plain passes over text without quotes, up to the end of the line.
func (g *glance) plain(inFlow bool) {
	from := g.i
	g.tokens++
	for ; g.i < len(g.text); g.i++ {
		c := g.text[g.i]
		switch {
		case c == '\n' || c == '\r':
			return
		case c == '#' && g.blankBefore():
			return
		case c == ':' && (g.blankAt(g.i+1) || inFlow && strings.IndexByte(",[]{}", g.text[g.i+1]) >= 0):
			if n := bytes.Index(g.text[from:g.i], []byte("${{")); n >= 0 && !bytes.Contains(g.text[from+n:g.i], []byte("}}")) {
				g.colons = append(g.colons, g.expression(from+n))
			}
			return
		case inFlow && strings.IndexByte(",[]{}", c) >= 0:
			if c == '{' && g.text[g.i-1] == '$' && g.i > from && bytes.HasPrefix(g.text[g.i:], []byte("{{")) {
				g.dollar()
			}
			return
		}
	}
}

// dollar notes a ${{ … }} that YAML reads as a map, and passes over it.
func (g *glance) dollar() {
	at := g.expression(g.i - 1)
	g.braces = append(g.braces, at)
	g.i = at.to
}

// blankAt says whether text ends at i, or a blank or a line break stands there.
func (g *glance) blankAt(i int) bool {
	return i >= len(g.text) || strings.IndexByte(" \t\r\n", g.text[i]) >= 0
}

func (g *glance) blankBefore() bool { return g.i == 0 || g.blankAt(g.i-1) }

func (g *glance) lineEnd(from int) int {
	if n := bytes.IndexAny(g.text[from:], "\r\n"); n >= 0 {
		return from + n
	}
	return len(g.text)
}
