package source

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
)

// double reads text in double quotes. JSON's escapes that yaml.v3 refuses become what they mean.
func (s *lenientScanner) double() {
	from := s.i
	s.tokens++
	for s.i++; s.i < len(s.text); s.i++ {
		switch s.text[s.i] {
		case '"':
			s.closed(from)
			return
		case '\\':
			s.backslash()
		case '\n':
			s.quotedLine(from)
		}
	}
	s.unclosed(from)
}

// backslash reads an escape and leaves s.i on its last byte.
func (s *lenientScanner) backslash() {
	rest := s.text[s.i:]
	switch {
	case bytes.HasPrefix(rest, []byte(`\/`)):
		s.edits = append(s.edits, edit{s.i, 2, "/"})
	case bytes.HasPrefix(rest, []byte(`\u`)):
		if pair := surrogates(rest); pair != 0 {
			s.edits = append(s.edits, edit{s.i, 12, string(pair)})
			s.i += 11
			return
		}
	}
	if s.escape == (span{}) && !knownEscape(rest) {
		s.escape = span{s.i, min(len(s.text), s.i+2)}
	}
	s.i++
}

// knownEscape says whether YAML knows the escape that text begins with, and it has its digits.
func knownEscape(text []byte) bool {
	if len(text) < 2 {
		return true // the quote is open, which is told instead
	}
	digits, hexadecimal := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[1]]
	if !hexadecimal {
		return strings.IndexByte("0abt\tnvfre \"'/\\N_LP\r\n", text[1]) >= 0
	}
	if len(text) < 2+digits {
		return false
	}
	_, err := strconv.ParseUint(string(text[2:2+digits]), 16, 32)
	return err == nil
}

// surrogates returns the character that two \u escapes stand for; 0 when text does not begin with such a pair.
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
func (s *lenientScanner) single() {
	from := s.i
	s.tokens++
	for s.i++; s.i < len(s.text); s.i++ {
		switch {
		case s.text[s.i] == '\n':
			s.quotedLine(from)
		case s.text[s.i] != '\'':
		case s.i+1 < len(s.text) && s.text[s.i+1] == '\'':
			s.i++
		default:
			s.closed(from)
			return
		}
	}
	s.unclosed(from)
}

// closed passes over the quote that ends a text which began at from.
func (s *lenientScanner) closed(from int) {
	if at := bytes.LastIndex(s.text[from:s.i], []byte("${{")); at >= 0 && s.cut == (span{}) && !bytes.Contains(s.text[from+at:s.i], []byte("}}")) {
		s.cut = span{s.i, s.i + 1}
	}
	s.i++
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
func (s *lenientScanner) quotedLine(from int) {
	s.lineStart = s.i + 1
	if s.open == (span{}) && keyLine(s.text[s.lineStart:min(len(s.text), s.lineStart+200)]) {
		s.unclosed(from)
	}
}

func (s *lenientScanner) unclosed(from int) {
	if s.open == (span{}) {
		s.open = span{from, from + 1}
	}
}

// blockHeader says whether | or > begins a block: only indicators and a comment follow on the line.
func (s *lenientScanner) blockHeader() bool {
	for i := s.i + 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '\n' || c == '\r' || c == '#' && s.blankAt(i-1):
			return true
		case c == ' ' || c == '\t' || c == '+' || c == '-' || c >= '1' && c <= '9':
		default:
			return false
		}
	}
	return true
}

// block passes over a block of text: the lines that are indented more than the key or the dash that it belongs to.
func (s *lenientScanner) block() {
	s.tokens++
	above := s.key
	if !s.pending && s.entry > 0 {
		above = min(s.key, s.entry-1)
	}
	if !s.pending && s.key == 0 && s.entry == 0 {
		above = -1
	}
	s.i = lineEnd(s.text, s.i)
	for s.i < len(s.text) {
		start := s.i
		for start < len(s.text) && (s.text[start] == '\n' || s.text[start] == '\r') {
			start++
		}
		first := start
		for first < len(s.text) && s.text[first] == ' ' {
			first++
		}
		end := lineEnd(s.text, first)
		if first < end && first-start <= above {
			break
		}
		s.i = end
		if end == len(s.text) {
			return
		}
	}
	// The line break before the next line is left, so that its indentation is examined.
}
