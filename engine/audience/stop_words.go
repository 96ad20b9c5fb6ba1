package audience

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Words are what a person writes to be left alone, or to hear from us again. The zero value knows none.
type Words struct {
	stop, start []string
}

// The words that are always known, unless the user wants none.
const (
	stopWord  = "STOP"
	startWord = "START"
)

// NewWords returns STOP and START, and more stop words.
func NewWords(more ...string) Words {
	w := Words{stop: []string{plain(stopWord)}, start: []string{plain(startWord)}}
	for _, m := range more {
		if p := plain(m); p != "" && !slices.Contains(w.stop, p) && !slices.Contains(w.start, p) {
			w.stop = append(w.stop, p)
		}
	}
	return w
}

// List returns the words as they are compared: without case, blanks and punctuation.
func (w Words) List() []string { return slices.Concat(w.stop, w.start) }

// None says whether no word is known.
func (w Words) None() bool { return len(w.stop) == 0 && len(w.start) == 0 }

// Said says whether a message is a stop word or a start word and nothing else: its text, or the text or payload of a button that was
// pressed. Case, blanks and punctuation do not matter.
func (w Words) Said(texts ...string) (word string, stop, start bool) {
	const longest = 100 // bytes; no stop word is as long
	for _, text := range texts {
		if len(text) > longest {
			continue
		}
		p := plain(text)
		switch {
		case p == "":
		case slices.Contains(w.stop, p):
			return text, true, false
		case slices.Contains(w.start, p):
			return text, false, true
		}
	}
	return "", false, false
}

// plain is a text without case, blanks and punctuation.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(text))
}
