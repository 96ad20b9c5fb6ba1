package form

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"

	"waybill/engine/delivery"
)

// Set is what an apply met: deliveries in spans of ids, and of those that had more than one attempt then, how many. What later
// attempts made of a delivery is no business of the runs that met it before.
type Set struct {
	Spans []Span
	More  []More // in the order of ids
}

// Len is how many deliveries it has.
func (s *Set) Len() int64 {
	n := int64(0)
	for _, p := range s.Spans {
		n += p.Last - p.First + 1
	}
	return n
}

// Bits says of each id from the first to the last whether it is in the set: the n-th by bit n%8 of byte n/8. nil: there are so few spans
// for their range that each is found sooner by itself.
func (s *Set) Bits() []byte {
	if len(s.Spans) == 0 {
		return nil
	}
	const apart = 32 // ids of the range for each span: as long takes what looks for one
	first := s.Spans[0].First
	size := s.Spans[len(s.Spans)-1].Last - first + 1
	if size > apart*int64(len(s.Spans)) {
		return nil
	}
	bits := make([]byte, (size+7)/8)
	for _, p := range s.Spans {
		for n := p.First - first; n <= p.Last-first; n++ {
			bits[n/8] |= 1 << (n % 8)
		}
	}
	return bits
}

// Span is the ids from First to Last.
type Span struct{ First, Last int64 }

// More is a delivery that had more than one attempt.
type More struct{ ID, Attempts int64 }

// SpansOf are the ids of a set, less some others, which are in order.
func SpansOf(ids *delivery.IDs, less []int64) []Span {
	var out []Span
	for id := range ids.All() {
		n := int64(id)
		if last := len(out) - 1; last >= 0 && out[last].Last == n-1 {
			out[last].Last = n
		} else {
			out = append(out, Span{n, n})
		}
	}
	return Without(out, less)
}

// Without takes ids, which are in order, out of spans.
func Without(spans []Span, less []int64) []Span {
	if len(less) == 0 {
		return spans
	}
	var out []Span
	for _, s := range spans {
		for len(less) > 0 && less[0] <= s.Last {
			if n := less[0]; n >= s.First {
				if n > s.First {
					out = append(out, Span{s.First, n - 1})
				}
				s.First = n + 1
			}
			less = less[1:]
		}
		if s.First <= s.Last {
			out = append(out, s)
		}
	}
	return out
}

// With returns what is in either of two sets. Of a delivery that is in both, the attempts are those of the first.
func (s *Set) With(o Set) Set {
	spans := slices.Concat(s.Spans, o.Spans)
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.First, b.First) })
	var out Set
	for _, p := range spans {
		if last := len(out.Spans) - 1; last >= 0 && p.First <= out.Spans[last].Last+1 {
			out.Spans[last].Last = max(out.Spans[last].Last, p.Last)
		} else {
			out.Spans = append(out.Spans, p)
		}
	}
	out.More = slices.Clone(s.More)
	for _, m := range o.More {
		if s.Attempts(m.ID) == 0 {
			out.More = append(out.More, m)
		}
	}
	slices.SortFunc(out.More, func(a, b More) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// SpansJSON is what json_each reads in SQL: [[1,5],[7,7]].
func SpansJSON(spans []Span) string {
	b := []byte{'['}
	for i, s := range spans {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, '['), s.First, 10)
		b = strconv.AppendInt(append(b, ','), s.Last, 10)
		b = append(b, ']')
	}
	return string(append(b, ']'))
}

// Attempts is how many attempts a delivery of the set had; 0: it is not in it.
func (s *Set) Attempts(id int64) int64 {
	_, in := slices.BinarySearchFunc(s.Spans, id, func(s Span, id int64) int {
		if s.First <= id && id <= s.Last {
			return 0
		}
		return cmp.Compare(s.First, id)
	})
	if !in {
		return 0
	}
	if i, ok := slices.BinarySearchFunc(s.More, id, func(m More, id int64) int { return cmp.Compare(m.ID, id) }); ok {
		return s.More[i].Attempts
	}
	return 1
}

// Pack returns the set as it is stored, in unsigned varints: how many spans there are, of each how far it begins behind the one before
// and how many ids follow its first; then, of those with more attempts, how far behind the one before, and how many attempts.
func (s *Set) Pack() []byte {
	b := binary.AppendUvarint(nil, uint64(len(s.Spans)))
	before := int64(0)
	put := func(n int64) { b = binary.AppendUvarint(b, uint64(n)) } //nolint:gosec // ids count up
	for _, p := range s.Spans {
		put(p.First - before)
		put(p.Last - p.First)
		before = p.Last
	}
	before = 0
	for _, m := range s.More {
		put(m.ID - before)
		put(m.Attempts)
		before = m.ID
	}
	return b
}

var errMetSet = errors.New("a set of deliveries cannot be read")

// UnpackSet is the reverse of Pack.
func UnpackSet(b []byte) (Set, error) {
	var s Set
	broken := false
	next := func() int64 {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			broken, b = true, nil
			return 0
		}
		b = b[size:]
		return int64(n) //nolint:gosec // we wrote it
	}
	before := int64(0)
	for range next() {
		first := before + next()
		before = first + next()
		s.Spans = append(s.Spans, Span{first, before})
		if broken {
			return s, errMetSet
		}
	}
	for before = 0; len(b) > 0; {
		before += next()
		s.More = append(s.More, More{before, next()})
	}
	if broken {
		return s, errMetSet
	}
	return s, nil
}
