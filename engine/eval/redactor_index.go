package eval

import (
	"encoding/binary"
	"slices"
	"strings"
)

// index finds which of many words begins at a place: by two bytes at first, by four next, by comparing at last.
type index struct {
	pairs   [1 << 10]uint64     // a bit for each pair of bytes that a word begins with
	words   map[uint32][]string // by their first four bytes, the longest first
	sorted  []string
	longest int
}

func newIndex(words []string) *index {
	if len(words) == 0 {
		return nil
	}
	x := &index{words: map[uint32][]string{}, sorted: words}
	slices.Sort(x.sorted)
	for _, word := range words {
		pair := binary.BigEndian.Uint16([]byte(word))
		x.pairs[pair/64] |= 1 << (pair % 64)
		key := head(word)
		x.words[key] = append(x.words[key], word)
		x.longest = max(x.longest, len(word))
	}
	for _, same := range x.words {
		slices.SortFunc(same, func(a, b string) int { return len(b) - len(a) })
	}
	return x
}

func head(text string) uint32 {
	return uint32(text[0])<<24 | uint32(text[1])<<16 | uint32(text[2])<<8 | uint32(text[3])
}

// candidate gives the first place from on where a word may begin, or -1.
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

// match gives the length of the longest word that text begins with, or 0. The beginning of a word counts as one
// where an ellipsis follows: whoever cut the text off did not know what it was.
func (x *index) match(text string) int {
	if len(text) < 4 {
		return 0
	}
	same := x.words[head(text)]
	cut := 0
	for _, word := range same {
		n := shared(text, word)
		switch {
		case n == len(word):
			return n
		case n >= minSecret && strings.HasPrefix(text[n:], ellipsis):
			cut = max(cut, n)
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

// unfinished gives the first place from which text may be the beginning of a word, or of one that is cut off, and
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

// open gives the first place from which text is the beginning of a word that is longer than what is left of it.
func (x *index) open(text string) int {
	for at := max(0, len(text)-x.longest+1); at < len(text); at++ {
		rest := text[at:]
		if len(rest) > 1 && !x.begins(text, at) {
			continue
		}
		i, _ := slices.BinarySearch(x.sorted, rest)
		for ; i < len(x.sorted) && strings.HasPrefix(x.sorted[i], rest); i++ {
			if len(x.sorted[i]) > len(rest) {
				return at
			}
		}
	}
	return len(text)
}
