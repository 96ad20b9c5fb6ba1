package source

import (
	"bytes"
	"sync"
	"unicode"
	"unicode/utf8"

	"waybill/engine/diag"
)

// scalarStyle is how a scalar is written that is more than plain characters of one line.
type scalarStyle uint8

const (
	unquotedLines scalarStyle = iota // a block, or several lines without quotes
	singleQuoted                     // '…'
	doubleQuoted                     // "…", in YAML or JSON
)

// runePositions returns a function from the index of a rune in a scalar's text to its position in the file, see Node.RunePos.
// Raw is the file's text from the scalar's first character on; origin returns the offset in the source of one in raw. The
// work is done at the first call.
func runePositions(src *diag.Source, raw []byte, text string, how scalarStyle, origin func(int) int) func(int) diag.Pos {
	offsets := sync.OnceValue(func() []int { return align(raw, text, how) })
	var mu sync.Mutex
	at := positions{source: src}
	return func(rune int) diag.Pos {
		all := offsets()
		if rune < 0 || rune >= len(all) {
			return diag.Pos{}
		}
		mu.Lock()
		defer mu.Unlock()
		return at.position(origin(all[rune]))
	}
}

// align returns the offset in raw of each rune of text and of its end; nil when the two do not fit together. All but blanks
// must be the same in both. Blanks, which YAML folds and indents, are matched with the next ones that fit.
func align(raw []byte, text string, how scalarStyle) []int {
	a := &runeAligner{raw: raw, how: how}
	offsets := make([]int, 0, len(text)+1)
	for _, r := range text {
		if !a.next(r) {
			return nil
		}
		offsets = append(offsets, a.at)
	}
	return append(offsets, a.i)
}

// runeAligner walks through raw, the file's text of a scalar.
type runeAligner struct {
	raw []byte
	how scalarStyle
	i   int // offset of what is not yet read
	at  int // offset of the rune found last
}

// next finds the next rune of the text; false when something else stands there.
func (a *runeAligner) next(want rune) bool {
	if unicode.IsSpace(want) && !a.blank(want) {
		return true
	}
	if !unicode.IsSpace(want) {
		a.skip()
	}
	a.at = a.i
	got, size := utf8.DecodeRune(a.raw[a.i:])
	switch {
	case size == 0:
		return unicode.IsSpace(want)
	case a.how == doubleQuoted && got == '\\':
		size = escapeLength(a.raw[a.i:])
	case got != want:
		return false
	case a.how == singleQuoted && got == '\'':
		size = 2
	}
	a.i += size
	return true
}

// blank finds a blank of the text; true when raw has the same one here, still to be read.
func (a *runeAligner) blank(want rune) bool {
	a.at = a.i
	got, _ := utf8.DecodeRune(a.raw[a.i:])
	switch {
	case got == want:
		return true
	case a.how != doubleQuoted:
		return false
	case unicode.IsSpace(got) && want == ' ':
		return false // a folded line break
	}
	a.skip()
	return a.i < len(a.raw) && a.raw[a.i] == '\\'
}

// skip passes over blanks, and over line breaks behind a backslash, which mean nothing.
func (a *runeAligner) skip() {
	for a.i < len(a.raw) {
		r, size := utf8.DecodeRune(a.raw[a.i:])
		hidden := a.how == doubleQuoted && (bytes.HasPrefix(a.raw[a.i:], []byte("\\\n")) || bytes.HasPrefix(a.raw[a.i:], []byte("\\\r")))
		if !unicode.IsSpace(r) && !hidden {
			return
		}
		a.i += size
	}
}

// escapeLength counts the bytes of the escape that raw begins with.
func escapeLength(raw []byte) int {
	length := 2
	switch {
	case len(raw) < 2:
	case raw[1] == 'x':
		length = 4
	case raw[1] == 'u' && surrogates(raw) != 0:
		length = 12
	case raw[1] == 'u':
		length = 6
	case raw[1] == 'U':
		length = 10
	}
	return min(length, len(raw))
}
