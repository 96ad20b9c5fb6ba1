package spill

import "math"

// filter is a Bloom filter: it knows for certain that a place is new, and of a few new ones it does not.
type filter struct {
	bits []uint64
	room int // places that still fit
}

const (
	bitsPerPlace = 4
	probes       = 3        // bits of one place; with four bits a place, at most 15 % of new places look as if they were known
	firstRoom    = 16 << 10 // places of the first filter; each later one has room for twice as many
)

// mark notes a place. A full filter is made anew, twice as large, of the places that were added until now.
func (t *Table) mark(place uint64) {
	if t.filter.room == 0 {
		room := max(firstRoom, 2*t.n)
		t.filter = filter{} // it need not be there beside the new one
		t.filter = filter{bits: make([]uint64, room*bitsPerPlace/64), room: room - t.n}
		for before := range t.Places() {
			t.filter.set(before)
		}
	}
	t.filter.room--
	t.filter.set(place)
}

func (f *filter) set(place uint64) {
	for _, bit := range f.bitsOf(place) {
		f.bits[bit/64] |= 1 << (bit % 64)
	}
}

// mayHave is false where a place was never added.
func (f *filter) mayHave(place uint64) bool {
	if len(f.bits) == 0 {
		return false
	}
	for _, bit := range f.bitsOf(place) {
		if f.bits[bit/64]&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

// bitsOf returns the bits of a place: double hashing, with the halves of the place after it was mixed.
func (f *filter) bitsOf(place uint64) (bits [probes]uint64) {
	mixed := (place ^ place>>32) * 0x9E3779B97F4A7C15
	mixed ^= mixed >> 29
	at, step := uint32(mixed&math.MaxUint32), uint32(mixed>>32)|1
	size := uint64(len(f.bits)) * 64
	for i := range bits {
		bits[i] = uint64(at) * size >> 32 // the share of the filter that at is of all numbers
		at += step
	}
	return bits
}
