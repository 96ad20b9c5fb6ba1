// Package mould keeps bodies of requests small. Most of what the bodies of one step say is the same in all of them: the signs and names of
// JSON, words of the API's own, and what the job says to everybody. That is their mould, which is kept once. What is in its holes is kept
// with each message.
//
// A mould says nothing of a person, so that it may stay when a person is forgotten: whatever is not known to be everybody's is in a hole.
//
// Start reading at Maker.Split.
package mould

import (
	"strings"
	"sync"
)

// hole stands in a mould where the values are. It is in no JSON.
const hole = "\x1f"

const (
	// mostMoulds is how many moulds one maker makes. Bodies that differ in their make from row to row would be a mould each.
	mostMoulds = 256
	// shortestPiece is the length from which a piece of text is looked for in values: a shorter one costs as much as it spares.
	shortestPiece = 4
)

// Word is a value of the API's own vocabulary with the name that it stands under: type, text.
type Word struct{ Name, Value string }

// Maker takes the bodies of one step apart. Use New. It may be used by many goroutines.
type Maker struct {
	words  map[Word]struct{}
	values map[string]struct{}
	pieces []string

	mu   sync.Mutex
	made map[string]string // each under itself, so that equal ones share their memory

	used sync.Pool // of *splitting, whose memory serves the next
}

// New returns a maker. What it is given is said to everybody: words of the API, whole values of the job, and pieces of them, in the order in
// which they may stand in one value. Values and pieces are as JSON has them between its quotes.
func New(words []Word, values, pieces []string) *Maker {
	m := &Maker{words: map[Word]struct{}{}, values: map[string]struct{}{}, made: map[string]string{}}
	for _, w := range words {
		m.words[w] = struct{}{}
	}
	for _, v := range values {
		m.values[v] = struct{}{}
	}
	for _, p := range pieces {
		if len(p) >= shortestPiece {
			m.pieces = append(m.pieces, p)
		}
	}
	return m
}

// Whole keeps a body as it is.
func Whole(body string) (mould, values string) {
	return hole, string(appendValue(nil, body))
}

// Split takes a body apart, which is compact JSON; other text it keeps whole. Join puts it together again, to the byte.
func (m *Maker) Split(body string) (mould, values string) {
	s, is := m.used.Get().(*splitting)
	if !is {
		s = &splitting{maker: m}
	}
	defer func() {
		s.body = ""
		m.used.Put(s)
	}()
	s.body, s.copied, s.mould, s.values = body, 0, s.mould[:0], s.values[:0]
	if !s.all() {
		return Whole(body)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	mould, known := m.made[string(s.mould)]
	if !known {
		if len(m.made) >= mostMoulds {
			return Whole(body)
		}
		mould = string(s.mould)
		m.made[mould] = mould
	}
	return mould, string(s.values)
}

func (m *Maker) common(name, value string) bool {
	if _, is := m.values[value]; is {
		return true
	}
	_, is := m.words[Word{name, value}]
	return is
}

// splitting is one body being taken apart.
type splitting struct {
	maker  *Maker
	body   string
	copied int // up to where the body is in the mould or in the values
	mould  []byte
	values []byte
}

// all goes through the body; false: it is no JSON as the client writes it.
func (s *splitting) all() bool {
	name := ""
	for i := 0; i < len(s.body); {
		switch c := s.body[i]; {
		case c == '"':
			end := endOfText(s.body, i+1)
			if end < 0 {
				return false
			}
			text := s.body[i+1 : end]
			if end+1 < len(s.body) && s.body[end+1] == ':' {
				name = text
			} else if !s.maker.common(name, text) {
				s.value(i+1, end)
			}
			i = end + 1
		case c == '-' || '0' <= c && c <= '9':
			end := i + 1
			for end < len(s.body) && strings.IndexByte("+-.eE0123456789", s.body[end]) >= 0 {
				end++
			}
			s.cut(i, end)
			i = end
		case c < ' ':
			return false
		default:
			i++
		}
	}
	s.mould = append(s.mould, s.body[s.copied:]...)
	return true
}

// endOfText returns where the quote is that closes a text; -1: it is not closed, or holds what stands in no JSON.
func endOfText(body string, from int) int {
	for i := from; i < len(body); i++ {
		switch c := body[i]; {
		case c == '"':
			return i
		case c == '\\':
			i++
		case c < ' ':
			return -1
		}
	}
	return -1
}

// value puts a text into holes, but for the pieces in it that are everybody's.
func (s *splitting) value(from, to int) {
	for _, p := range s.maker.pieces {
		if len(p) > to-from {
			continue
		}
		if at := strings.Index(s.body[from:to], p); at >= 0 {
			s.cut(from, from+at)
			from += at + len(p)
		}
	}
	s.cut(from, to)
}

// cut puts a part of the body into a hole.
func (s *splitting) cut(from, to int) {
	s.mould = append(append(s.mould, s.body[s.copied:from]...), hole...)
	s.values = appendValue(s.values, s.body[from:to])
	s.copied = to
}
