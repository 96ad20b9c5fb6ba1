package eval

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// minSecret is the length from which a secret is looked for: what is shorter stands in innocent text too.
const minSecret = 6

// Redactor knows the secrets and takes them out of text, in whatever form they got there: raw, escaped for a URL
// or for JSON, in base64 and in hex, and each line of a secret of several lines. It is safe for concurrent use.
type Redactor struct {
	mu      sync.Mutex
	secrets map[string][]string   // with their forms
	index   atomic.Pointer[index] // nil: no secrets
}

// NewRedactor gives a Redactor that knows no secrets.
func NewRedactor() *Redactor { return &Redactor{secrets: map[string][]string{}} }

// Add makes secret known. One shorter than 6 characters is not looked for.
func (r *Redactor) Add(secret string) {
	r.change(func() bool {
		if r.secrets[secret] != nil || len(secret) < minSecret {
			return false
		}
		r.secrets[secret] = forms(secret)
		return true
	})
}

// remove forgets a secret that was released.
func (r *Redactor) remove(secret string) {
	r.change(func() bool {
		_, known := r.secrets[secret]
		delete(r.secrets, secret)
		return known
	})
}

func (r *Redactor) change(change func() bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !change() {
		return
	}
	all := map[string]bool{}
	for _, forms := range r.secrets {
		for _, form := range forms {
			all[form] = true
		}
	}
	r.index.Store(newIndex(slices.Collect(maps.Keys(all))))
}

// Redact gives text with [redacted] in the place of each secret. Secrets that overlap become one.
func (r *Redactor) Redact(text string) string {
	if r == nil {
		return text
	}
	x := r.index.Load()
	if x == nil {
		return text
	}
	var out strings.Builder
	copied, covered := 0, 0 // up to where text is in out; up to where a secret reaches
	for at := 0; ; at++ {
		at = x.candidate(text, at)
		if at < 0 {
			break
		}
		length := x.match(text[at:])
		if length == 0 {
			continue
		}
		if at >= covered {
			out.WriteString(text[copied:at])
			out.WriteString(redacted)
		}
		covered = max(covered, at+length)
		copied = covered
	}
	if copied == 0 {
		return text
	}
	out.WriteString(text[copied:])
	return out.String()
}

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

// match gives the length of the longest word that text begins with, or 0.
func (x *index) match(text string) int {
	if len(text) < 4 {
		return 0
	}
	for _, word := range x.words[head(text)] {
		if strings.HasPrefix(text, word) {
			return len(word)
		}
	}
	return 0
}

// unfinished gives the first place from which text may be the beginning of a word that goes on after its end;
// len(text) when there is none.
func (x *index) unfinished(text string) int {
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
