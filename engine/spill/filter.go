package spill

// filter is a Bloom filter: it knows for certain that a place is new, and of a few new ones it does not.
type filter struct {
	bits []uint64
	room int // places that still fit
}

const (
	bitsPerPlace = 10
	probes       = 6        // bits of one place; with ten bits a place, 0.9 % of new places look as if they were known
	firstRoom    = 16 << 10 // places of the first filter; each later one has room for four times as many
)

// mark notes a place. A full filter stays, and a larger one takes what comes.
func (t *Table) mark(place uint64) {
	n := len(t.filters)
	if n == 0 || t.filters[n-1].room == 0 {
		room := firstRoom << (2 * n)
		t.filters = append(t.filters, filter{bits: make([]uint64, room*bitsPerPlace/64), room: room})
		n++
	}
	f := &t.filters[n-1]
	f.room--
	for bit := range f.places(place) {
		f.bits[bit/64] |= 1 << (bit % 64)
	}
}

// mayHave is false where a place was never added.
func (t *Table) mayHave(place uint64) bool {
	for i := range t.filters {
		if t.filters[i].mayHave(place) {
			return true
		}
	}
	return false
}

func (f *filter) mayHave(place uint64) bool {
	for bit := range f.places(place) {
		if f.bits[bit/64]&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

// places goes through the bits of a place: double hashing, with the halves of the place after it was mixed.
func (f *filter) places(place uint64) func(func(uint64) bool) {
	size := uint64(len(f.bits)) * 64
	mixed := (place ^ place>>32) * 0x9E3779B97F4A7C15
	mixed ^= mixed >> 29
	bit, step := mixed&(1<<32-1), mixed>>32|1
	return func(yield func(uint64) bool) {
		for range probes {
			if !yield(bit % size) {
				return
			}
			bit += step
		}
	}
}
