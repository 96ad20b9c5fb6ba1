package delivery

import (
	"iter"
	"maps"
	"slices"
)

// IDs is a set of deliveries that takes little room when they were made together: a bit for each. The zero value is empty.
type IDs struct {
	words map[ID]uint64 // by id / 64
	n     int
}

// Add takes in a delivery.
func (s *IDs) Add(id ID) {
	if s.words == nil {
		s.words = map[ID]uint64{}
	}
	word, bit := id/64, uint64(1)<<(id%64)
	if s.words[word]&bit == 0 {
		s.words[word] |= bit
		s.n++
	}
}

// Has says whether a delivery is in it.
func (s *IDs) Has(id ID) bool { return s != nil && s.words[id/64]&(1<<(id%64)) != 0 }

// Len is how many there are; of nil, zero.
func (s *IDs) Len() int {
	if s == nil {
		return 0
	}
	return s.n
}

// All yields them in order.
func (s *IDs) All() iter.Seq[ID] {
	return func(yield func(ID) bool) {
		if s == nil {
			return
		}
		for _, word := range slices.Sorted(maps.Keys(s.words)) {
			bits := s.words[word]
			for b := range ID(64) {
				if bits&(1<<b) != 0 && !yield(word*64+b) {
					return
				}
			}
		}
	}
}
