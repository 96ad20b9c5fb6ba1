package source

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"waybill/engine/eval"
	"waybill/engine/pattern"
)

// span is a part of a text: byte offsets, the end excluded. The zero value is none.
type span struct{ from, to int }

// bare is an expression, or a variable, that lacks quotes, and the whole text that it stands in.
type bare struct{ at, text span }

// lenientScanner reads YAML text without parsing it: it only knows what stands in quotes, in brackets, in a block or in a
// comment. It finds mistakes whose place yaml.v3 reports badly, and JSON that yaml.v3 refuses. It runs on text that yaml.v3
// refused, so that what it takes for a mistake is one.
type lenientScanner struct {
	text   []byte
	edits  []edit // make JSON inside of YAML readable
	tabs   []span // tabs that indent lines
	odd    []span // blanks that are none to YAML, where one is wanted
	braces []bare // ${{, ${ and {{ where YAML takes a brace for a map
	colons []bare // expressions without quotes that hold a colon and a blank
	open   span   // the quote or bracket that is never closed
	deep   span   // the first bracket inside of too many others
	escape span   // the first escape in double quotes that YAML does not know, or that lacks digits
	cut    span   // the first quote that ends a text in the midst of an expression
	tokens int    // about as many as there are values

	i         int
	brackets  []int // offsets of those that are open
	lineStart int
	blank     bool // nothing but blanks on this line so far
	tab       int  // offset of the first tab among them; -1: none
	entry     int  // column of the innermost entry that began on this line
	key       int  // column of the last key; what follows it is deeper
	pending   bool // a key has been read, and its value has not
}

// scan reads the whole text, or stops once it has more than limit tokens.
func scan(text []byte, limit int) *lenientScanner {
	s := &lenientScanner{text: text}
	s.newLine()
	for s.i < len(text) && s.tokens <= limit {
		s.step()
	}
	if s.open == (span{}) && len(s.brackets) > 0 {
		at := s.brackets[len(s.brackets)-1]
		s.open = span{at, at + 1}
	}
	return s
}

func (s *lenientScanner) newLine() {
	s.lineStart, s.blank, s.tab = s.i, true, -1
}

// step reads one blank, comment or token.
func (s *lenientScanner) step() {
	c := s.text[s.i]
	switch {
	case c == '\n' || c == '\r':
		s.i++
		s.newLine()
	case c == ' ':
		s.i++
	case c == '\t':
		s.readTab()
	case c == '#' && s.blankBefore(), c == '%' && s.i == s.lineStart && len(s.brackets) == 0:
		s.i = lineEnd(s.text, s.i)
	default:
		s.token(c)
	}
}

func (s *lenientScanner) readTab() {
	switch {
	case len(s.brackets) > 0:
		s.edits = append(s.edits, edit{s.i, 1, " "})
	case s.blank && s.tab < 0:
		s.tab = s.i
	}
	s.i++
}

// token reads one token that starts at s.i.
func (s *lenientScanner) token(c byte) {
	inFlow := len(s.brackets) > 0
	if s.blank && !inFlow {
		s.entry = s.i - s.lineStart
		s.indented(c)
		s.oddAt(s.i)
	}
	s.blank = false
	switch {
	case c == '"':
		s.double()
	case c == '\'':
		s.single()
	case c == '{' || c == '[':
		s.bracket(c)
	case inFlow && (c == '}' || c == ']'):
		s.brackets = s.brackets[:len(s.brackets)-1]
		s.i++
	case inFlow && c == ',':
		s.tokens++
		s.i++
	case c == ':' && (inFlow || s.blankAt(s.i+1)):
		s.tokens++
		s.i++
		if !inFlow {
			s.key, s.pending = s.entry, true
		}
		return
	case !inFlow && (c == '-' || c == '?') && s.blankAt(s.i+1):
		s.tokens++
		s.i++
		s.nextEntry()
	case !inFlow && (c == '|' || c == '>') && s.blockHeader():
		s.block()
	case c == '&' || c == '*' || c == '!':
		s.word(inFlow)
		return
	default:
		s.plain(inFlow)
	}
	s.pending = false
}

// indented examines the indentation of a line whose first token begins here.
func (s *lenientScanner) indented(c byte) {
	json := s.pending && (c == '{' || c == '[')
	switch {
	case json && (s.tab >= 0 || s.entry < s.key):
		// A block of JSON below its key, indented as JSON may be.
		s.edits = append(s.edits, edit{s.lineStart, s.i - s.lineStart, strings.Repeat(" ", s.key+1)})
	case s.tab >= 0:
		s.tabs = append(s.tabs, span{s.tab, s.i})
	}
}

// nextEntry moves the column of the entry behind "- ".
func (s *lenientScanner) nextEntry() {
	j := s.i
	for j < len(s.text) && s.text[j] == ' ' {
		j++
	}
	if j < len(s.text) && s.text[j] != '\n' && s.text[j] != '\r' {
		s.key, s.entry = s.entry, j-s.lineStart
	}
}

func (s *lenientScanner) bracket(c byte) {
	if c == '{' && s.i+1 < len(s.text) && s.text[s.i+1] == '{' {
		at := s.expression(s.i)
		s.braces = append(s.braces, bare{at, at})
	}
	s.brackets = append(s.brackets, s.i)
	if len(s.brackets) > maxDepth+1 && s.deep == (span{}) {
		s.deep = span{s.i, s.i + 1}
	}
	s.tokens++
	s.i++
}

// expression returns the span from its braces to the closing ones on the same line, or to the line's end.
func (s *lenientScanner) expression(from int) span {
	return span{from, from + expressionEnd(s.text[from:])}
}

// expressionEnd returns where an expression ends whose opening braces text begins with, with or without the dollar sign: behind its
// closing braces, or where the line ends.
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
func (s *lenientScanner) word(inFlow bool) {
	for s.i++; s.i < len(s.text) && !s.blankAt(s.i); s.i++ {
		if inFlow && strings.IndexByte(",[]{}", s.text[s.i]) >= 0 {
			return
		}
	}
}

// plain passes over text without quotes, up to the end of the line.
func (s *lenientScanner) plain(inFlow bool) {
	from := s.i
	s.tokens++
	for ; s.i < len(s.text); s.i++ {
		c := s.text[s.i]
		switch {
		case c == '\n' || c == '\r':
			return
		case c == '#' && s.blankBefore():
			return
		case (c == ':' && from-s.lineStart == s.entry && isName(s.text[from:s.i]) || c == '-' && s.i == from) && s.oddAt(s.i+1):
		case c == ':' && (s.blankAt(s.i+1) || inFlow && strings.IndexByte(",[]{}", s.text[s.i+1]) >= 0):
			if n := bytes.Index(s.text[from:s.i], []byte("${{")); n >= 0 && !bytes.Contains(s.text[from+n:s.i], []byte("}}")) {
				s.colons = append(s.colons, bare{s.expression(from + n), span{from, s.textEnd(from, inFlow)}})
			}
			return
		case inFlow && strings.IndexByte(",[]{}", c) >= 0:
			if c == '{' && s.i > from && s.text[s.i-1] == '$' {
				s.dollar(from)
			}
			return
		}
	}
}

// variable is ${NAME} or ${NAME:-default}.
var variable = pattern.Lazy(`^\$\{[A-Za-z_][A-Za-z0-9_]*(?::-[^{}\r\n]*)?\}`) //nolint:gochecknoglobals // constant

// dollar notes a ${{ … }} or ${…} that YAML reads as a map, in the text that begins at from, and passes over that text.
func (s *lenientScanner) dollar(from int) {
	at := span{s.i - 1, s.i - 1 + len(variable().Find(s.text[s.i-1:]))}
	if bytes.HasPrefix(s.text[s.i:], []byte("{{")) {
		at = s.expression(s.i - 1)
	}
	if at.from == at.to {
		return
	}
	s.i = s.textEnd(from, true)
	s.braces = append(s.braces, bare{at, span{from, s.i}})
}

// textEnd is where text without quotes ends that begins at from, if what stands in braces in it is taken for a part of it.
func (s *lenientScanner) textEnd(from int, inFlow bool) int {
	line := s.text[:lineEnd(s.text, from)]
	i := from
	for i < len(line) {
		switch {
		case line[i] == '$' && bytes.HasPrefix(line[i:], []byte("${{")):
			i = s.expression(i).to
			continue
		case line[i] == '$' && variable().Match(line[i:]):
			i += len(variable().Find(line[i:]))
			continue
		case line[i] == '#' && s.blankAt(i-1), inFlow && strings.IndexByte(",[]{}", line[i]) >= 0:
			line = line[:i]
		}
		i++
	}
	return from + len(bytes.TrimRight(line[from:], " \t"))
}

// isName says whether a text may be a name of a job file: letters alone. In a sentence, too, a no-break space stands behind a colon.
func isName(text []byte) bool {
	return len(text) > 0 && !bytes.ContainsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
}

// oddAt notes a blank at i that is none to YAML.
func (s *lenientScanner) oddAt(i int) bool {
	n := oddBlanks(s.text[min(i, len(s.text)):])
	if n > 0 {
		s.odd = append(s.odd, span{i, i + n})
	}
	return n > 0
}

// oddBlanks returns how many bytes of blanks text begins with that look like spaces or like nothing, and are letters to YAML.
func oddBlanks(text []byte) int {
	if len(text) == 0 || text[0] < utf8.RuneSelf {
		return 0
	}
	return len(text) - len(bytes.TrimLeftFunc(text, func(r rune) bool {
		return r >= utf8.RuneSelf && (unicode.Is(unicode.Zs, r) || r == '\u200b' || r == '\u2060' || r == '\ufeff')
	}))
}

// blankAt says whether text ends at i, or a blank or a line break stands there.
func (s *lenientScanner) blankAt(i int) bool {
	return i >= len(s.text) || strings.IndexByte(" \t\r\n", s.text[i]) >= 0
}

func (s *lenientScanner) blankBefore() bool { return s.i == 0 || s.blankAt(s.i-1) }

// lineEnd returns the offset of the line break behind from, or of the end of the text.
func lineEnd(text []byte, from int) int {
	if n := bytes.IndexAny(text[from:], "\r\n"); n >= 0 {
		return from + n
	}
	return len(text)
}
