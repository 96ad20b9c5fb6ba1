package ledger

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"

	"waybill/engine/delivery"
)

// metSet is what an apply met: deliveries in spans of ids, and of those that had more than one attempt then, how many. What later
// attempts made of a delivery is no business of the runs that met it before.
type metSet struct {
	spans []span
	more  []metMore // in the order of ids
}

type span struct{ first, last int64 }

type metMore struct{ id, attempts int64 }

// spansOf are the ids of a set, less some others, which are in order.
func spansOf(ids *delivery.IDs, less []int64) []span {
	var out []span
	for id := range ids.All() {
		n := int64(id)
		if last := len(out) - 1; last >= 0 && out[last].last == n-1 {
			out[last].last = n
		} else {
			out = append(out, span{n, n})
		}
	}
	return without(out, less)
}

// without takes ids, which are in order, out of spans.
func without(spans []span, less []int64) []span {
	if len(less) == 0 {
		return spans
	}
	var out []span
	for _, s := range spans {
		for len(less) > 0 && less[0] <= s.last {
			if n := less[0]; n >= s.first {
				if n > s.first {
					out = append(out, span{s.first, n - 1})
				}
				s.first = n + 1
			}
			less = less[1:]
		}
		if s.first <= s.last {
			out = append(out, s)
		}
	}
	return out
}

// spansJSON is what json_each reads in SQL: [[1,5],[7,7]].
func spansJSON(spans []span) string {
	b := []byte{'['}
	for i, s := range spans {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, '['), s.first, 10)
		b = strconv.AppendInt(append(b, ','), s.last, 10)
		b = append(b, ']')
	}
	return string(append(b, ']'))
}

// attempts is how many attempts a delivery of the set had; 0: it is not in it.
func (s *metSet) attempts(id int64) int64 {
	_, in := slices.BinarySearchFunc(s.spans, id, func(s span, id int64) int {
		if s.first <= id && id <= s.last {
			return 0
		}
		return cmp.Compare(s.first, id)
	})
	if !in {
		return 0
	}
	if i, ok := slices.BinarySearchFunc(s.more, id, func(m metMore, id int64) int { return cmp.Compare(m.id, id) }); ok {
		return s.more[i].attempts
	}
	return 1
}

// pack returns the set as it is stored, in unsigned varints: how many spans there are, of each how far it begins behind the one before
// and how many ids follow its first; then, of those with more attempts, how far behind the one before, and how many attempts.
func (s *metSet) pack() []byte {
	b := binary.AppendUvarint(nil, uint64(len(s.spans)))
	before := int64(0)
	put := func(n int64) { b = binary.AppendUvarint(b, uint64(n)) } //nolint:gosec // ids count up
	for _, p := range s.spans {
		put(p.first - before)
		put(p.last - p.first)
		before = p.last
	}
	before = 0
	for _, m := range s.more {
		put(m.id - before)
		put(m.attempts)
		before = m.id
	}
	return b
}

var errMetSet = errors.New("a set of deliveries cannot be read")

func unpackMetSet(b []byte) (metSet, error) {
	var s metSet
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
		s.spans = append(s.spans, span{first, before})
		if broken {
			return s, errMetSet
		}
	}
	for before = 0; len(b) > 0; {
		before += next()
		s.more = append(s.more, metMore{before, next()})
	}
	if broken {
		return s, errMetSet
	}
	return s, nil
}
