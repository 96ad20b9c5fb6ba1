package audience

import (
	"crypto/sha256"
	"encoding/binary"
	"iter"
	"slices"

	"waybill/engine"
)

// id is a number or a user id in eight bytes: the digits of a number as they are, so that no two numbers are ever taken for one, and a
// hash of a user id.
type id uint64

const (
	userBit    = 1 << 63
	mostDigits = 18
)

func idOf(text string) id {
	if n, ok := numberOf(text); ok {
		return n
	}
	sum := sha256.Sum256([]byte(text))
	return id(binary.BigEndian.Uint64(sum[:8]) | userBit)
}

func numberOf(text string) (id, bool) {
	if len(text) < 2 || text[0] != '+' || len(text) > mostDigits+1 {
		return 0, false
	}
	n := id(0)
	for _, c := range []byte(text[1:]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + id(c-'0')
	}
	return n, true
}

// Set is a set of people's ids: eight bytes for each, however many there are. The zero value is empty. It is filled first and asked
// then.
type Set struct {
	ids    []id
	sorted bool
}

// Add puts an id into the set: a number "+34…" or a user id.
func (s *Set) Add(text string) { s.add(idOf(text)) }

func (s *Set) add(i id) { s.ids, s.sorted = append(s.ids, i), false }

// Sort makes the set ready to be asked by many goroutines.
func (s *Set) Sort() {
	if !s.sorted {
		slices.Sort(s.ids)
		s.ids = slices.Clip(slices.Compact(s.ids))
		s.sorted = true
	}
}

// Has says whether an id is in the set, which was sorted after the last Add.
func (s *Set) Has(text string) bool { return len(s.ids) > 0 && s.has(idOf(text)) }

func (s *Set) has(i id) bool {
	_, found := slices.BinarySearch(s.ids, i)
	return found
}

// Len is how many ids are in the set, once it is sorted.
func (s *Set) Len() int { return len(s.ids) }

// Expand adds the other ids of the people of whom one is in the set. pairs yields the pairs that hold, and is asked again while the set
// grows: a person may be known by three ids.
func (s *Set) Expand(pairs func() iter.Seq2[engine.Pair, error]) error {
	for s.Sort(); s.Len() > 0; s.Sort() {
		var more []id
		for p, err := range pairs() {
			if err != nil {
				return err
			}
			a, b := idOf(p.Number), idOf(p.Other)
			switch hasA, hasB := s.has(a), s.has(b); {
			case hasA && !hasB:
				more = append(more, b)
			case hasB && !hasA:
				more = append(more, a)
			}
		}
		if len(more) == 0 {
			return nil
		}
		s.ids, s.sorted = append(s.ids, more...), false
	}
	return nil
}
