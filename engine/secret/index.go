package secret

import (
	"slices"
	"strings"
)

// index finds which of many words begins at a place: by two bytes at first, by four next, by comparing at last. A
// word has at least four bytes.
type index struct {
	firsts  [256]bool           // the bytes that words begin with
	pairs   [1 << 10]uint64     // a bit for each pair of bytes that a word begins with
	words   map[uint32][]string // by their first four bytes, in order
	longest int
}

func newIndex() *index { return &index{words: map[uint32][]string{}} }

// add takes a word in. It is idempotent.
func (x *index) add(word string) {
	key := head(word)
	at, known := slices.BinarySearch(x.words[key], word)
	if known {
		return
	}
	x.words[key] = slices.Insert(x.words[key], at, word)
	pair := uint16(word[0])<<8 | uint16(word[1])
	x.pairs[pair/64] |= 1 << (pair % 64)
	x.firsts[word[0]] = true
	x.longest = max(x.longest, len(word))
}

func head(text string) uint32 {
	return uint32(text[0])<<24 | uint32(text[1])<<16 | uint32(text[2])<<8 | uint32(text[3])
}

// candidate returns the first place from on where a word may begin, or -1.
func (x *index) candidate(text string, from int) int {
	for at := from; at+4 <= len(text); at++ {
		if x.begins(text, at) {
			return at
		}
	}
	return -1
}

// begins says whether some word begins with the two bytes at at.
func (x *index) begins(text string, at int) bool {
	pair := uint16(text[at])<<8 | uint16(text[at+1])
	return x.pairs[pair/64]&(1<<(pair%64)) != 0
}

// ellipsis is what stands where text was cut off.
const ellipsis = "…"

// match returns the length of the longest word that text begins with, or 0. The beginning of a word counts as one
// where an ellipsis follows: the text was cut off without knowing what it was.
func (x *index) match(text string) int {
	if len(text) < 4 {
		return 0
	}
	words := x.words[head(text)]
	at, whole := slices.BinarySearch(words, text)
	if whole {
		return len(text)
	}
	// What words share most with text stand beside its place. The longest that text begins with stands before it; if
	// another is between them, that one begins so too.
	cut := 0
	for _, word := range words[max(0, at-1):min(len(words), at+1)] {
		if n := shared(text, word); n >= MinLength && strings.HasPrefix(text[n:], ellipsis) {
			cut = max(cut, n)
		}
	}
	for at > 0 {
		n := shared(text, words[at-1])
		if n == len(words[at-1]) {
			return max(n, cut)
		}
		text = text[:n]
		if at, whole = slices.BinarySearch(words[:at], text); whole {
			return max(n, cut)
		}
	}
	return cut
}

// shared counts the bytes that both texts begin with.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// unfinished returns the first place from which text may be the beginning of a word, or of one that is cut off, and
// goes on after its end; len(text) when there is none.
func (x *index) unfinished(text string) int {
	at := x.open(text)
	for i := 1; i < len(ellipsis); i++ {
		if whole := len(text) - i; strings.HasSuffix(text, ellipsis[:i]) {
			if begun := x.open(text[:whole]); begun < whole {
				at = min(at, begun)
			}
		}
	}
	return at
}

// open returns the first place from which text is the beginning of a word that is longer than what is left of it.
func (x *index) open(text string) int {
	for at := max(0, len(text)-x.longest+1); at < len(text); at++ {
		if x.continues(text[at:]) {
			return at
		}
	}
	return len(text)
}

// continues says whether a word may begin with rest and go on. Of less than four bytes it is not said exactly.
func (x *index) continues(rest string) bool {
	switch {
	case len(rest) == 1:
		return x.firsts[rest[0]]
	case !x.begins(rest, 0) || len(rest) < 4:
		return x.begins(rest, 0)
	}
	words := x.words[head(rest)]
	at, known := slices.BinarySearch(words, rest)
	if known {
		at++
	}
	return at < len(words) && strings.HasPrefix(words[at], rest)
}
