package source

import (
	"bytes"
	"sync"
	"unicode"
	"unicode/utf8"

	"waybill/engine/diag"
)

// writing is how a scalar that is more than plain characters of one line is written.
type writing uint8

const (
	inLines  writing = iota // a block, or several lines without quotes
	inSingle                // '…'
	inDouble                // "…", in YAML or JSON
)

// runePlaces tells where the runes of a scalar's text stand, see eval.Anchor. Raw is the file's text from the scalar's
// first character on; origin gives the offset in the source of one in raw. Nothing is done before somebody asks.
func runePlaces(src *diag.Source, raw []byte, text string, how writing, origin func(int) int) func(int) diag.Pos {
	offsets := sync.OnceValue(func() []int { return align(raw, text, how) })
	var mu sync.Mutex
	at := places{source: src}
	return func(rune int) diag.Pos {
		all := offsets()
		if rune < 0 || rune >= len(all) {
			return diag.Pos{}
		}
		mu.Lock()
		defer mu.Unlock()
		return at.pos(origin(all[rune]))
	}
}

// align gives the offset in raw of each rune of text and of its end; nil when the two do not fit together. What is no
// blank must be met in its order. Blanks, which are folded and indented, are taken for the next ones that fit.
func align(raw []byte, text string, how writing) []int {
	a := &aligning{raw: raw, how: how}
	offsets := make([]int, 0, len(text)+1)
	for _, r := range text {
		if !a.next(r) {
			return nil
		}
		offsets = append(offsets, a.at)
	}
	return append(offsets, a.i)
}

type aligning struct {
	raw []byte
	how writing
	i   int // not yet read
	at  int // of the last rune
}

// next finds a rune of the text.
func (a *aligning) next(want rune) bool {
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
	case a.how == inDouble && got == '\\':
		size = escapeLength(a.raw[a.i:])
	case got != want:
		return false
	case a.how == inSingle && got == '\'':
		size = 2
	}
	a.i += size
	return true
}

// blank places a blank of the text; it says whether the raw text has the very same one here, still to be read.
func (a *aligning) blank(want rune) bool {
	a.at = a.i
	got, _ := utf8.DecodeRune(a.raw[a.i:])
	switch {
	case got == want:
		return true
	case a.how != inDouble:
		return false
	case unicode.IsSpace(got) && want == ' ':
		return false // a folded line break
	}
	a.skip()
	return a.i < len(a.raw) && a.raw[a.i] == '\\'
}

// skip passes over blanks, and over line breaks that a backslash hides.
func (a *aligning) skip() {
	for a.i < len(a.raw) {
		r, size := utf8.DecodeRune(a.raw[a.i:])
		hidden := a.how == inDouble && (bytes.HasPrefix(a.raw[a.i:], []byte("\\\n")) || bytes.HasPrefix(a.raw[a.i:], []byte("\\\r")))
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
