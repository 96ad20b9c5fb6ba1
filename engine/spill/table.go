package spill

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"sort"

	"waybill/engine"
)

const (
	entrySize = 12             // bytes: place, row
	blockSize = 85 * entrySize // of a bucket's part that stays in memory
	buckets   = 1 << bucketBits
	// bucketBits are the first bits of a place, which tell its bucket.
	bucketBits = 7
)

// Table is a set of places with the row of each. The zero value is empty and ready. Close frees its file. It is not safe for use by
// several goroutines at once.
//
// The first error, of a disk that is full for example, is kept for Err: what a table says from then on is not to be relied on.
type Table struct {
	buckets [buckets]bucket
	filter  filter
	file    *engine.Copy
	piece   [128 * entrySize]byte // of an extent, while a place is looked for
	n       int
	err     error
}

// bucket holds the places that begin alike: the newest in memory, the others in the file.
type bucket struct {
	tail    []byte
	extents []extent // the older, the larger: each is more than twice the next one
}

// extent is a part of the file.
type extent struct{ offset, size int64 }

// Len is how many entries were added.
func (t *Table) Len() int { return t.n }

// Err is the first thing that went wrong; nil: nothing did.
func (t *Table) Err() error { return t.err }

// Add adds an entry. It does not look whether the place is there already. Rows above 4,294,967,295 are kept as that.
func (t *Table) Add(place uint64, row int) {
	if t.err != nil {
		return
	}
	t.mark(place)
	t.n++
	b := &t.buckets[place>>(64-bucketBits)]
	b.tail = binary.BigEndian.AppendUint64(b.tail, place)
	b.tail = binary.BigEndian.AppendUint32(b.tail, uint32(min(uint64(max(row, 0)), math.MaxUint32)))
	if len(b.tail) >= blockSize {
		t.err = t.spill(b)
	}
}

// Row returns a row that was added for a place, and whether there is one.
func (t *Table) Row(place uint64) (row int, met bool) {
	if t.err != nil || !t.filter.mayHave(place) {
		return 0, false
	}
	b := &t.buckets[place>>(64-bucketBits)]
	if row, met = find(b.tail, place); met {
		return row, true
	}
	for _, e := range b.extents {
		if row, met = t.search(e, place); met || t.err != nil {
			return row, met
		}
	}
	return 0, false
}

// Meet returns the row that a place was first met in; a new place is added with this one.
func (t *Table) Meet(place uint64, row int) (first int, met bool) {
	if first, met = t.Row(place); !met {
		t.Add(place, row)
	}
	return first, met
}

// Places goes through the places of all entries, in no order that means anything.
func (t *Table) Places() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for i := range t.buckets {
			b := &t.buckets[i]
			if !each(b.tail, yield) {
				return
			}
			for _, e := range b.extents {
				entries := make([]byte, e.size)
				if t.err = t.read(entries, e.offset); t.err != nil {
					return
				}
				if !each(entries, yield) {
					return
				}
			}
		}
	}
}

// Close frees the file. The table is empty then.
func (t *Table) Close() error {
	file := t.file
	*t = Table{}
	if file == nil {
		return nil
	}
	return file.Close()
}

// spill writes the tail of a bucket to the file, in order. Extents that are not much larger than it are written with it as one, so
// that a bucket has few of them and each entry is written few times.
func (t *Table) spill(b *bucket) (err error) {
	if t.file == nil {
		nothing := func(context.Context, *engine.Copy) error { return nil }
		if t.file, err = engine.NewCopy(context.Background(), nothing); err != nil {
			return fmt.Errorf("too many rows for the memory: %w", err)
		}
	}
	entries := b.tail
	for n := len(b.extents); n > 0 && b.extents[n-1].size <= 2*int64(len(entries)); n-- {
		older := b.extents[n-1]
		both := make([]byte, older.size, older.size+int64(len(entries)))
		if err := t.read(both, older.offset); err != nil {
			return err
		}
		entries = append(both, entries...)
		b.extents = b.extents[:n-1]
	}
	sort.Sort(byPlace(entries))
	at := t.file.Size()
	if _, err := t.file.Write(entries); err != nil {
		return err
	}
	b.extents = append(b.extents, extent{at, int64(len(entries))})
	b.tail = b.tail[:0]
	return nil
}

// search looks for a place in an extent. Places are spread evenly, so that it stands near the share of the extent that it is of all
// places of its bucket: mostly, one piece is read.
func (t *Table) search(e extent, place uint64) (row int, met bool) {
	const piece = int64(len(t.piece) / entrySize)
	low, high := int64(0), e.size/entrySize // it stands in [low, high)
	guess := int64(float64(place<<bucketBits) / (1 << 64) * float64(high))
	for low < high {
		from := max(low, min(guess-piece/2, high-piece))
		entries := t.piece[:min(piece, high-from)*entrySize]
		if err := t.read(entries, e.offset+from*entrySize); err != nil {
			t.err = err
			return 0, false
		}
		to := from + int64(len(entries))/entrySize
		switch {
		case place < binary.BigEndian.Uint64(entries):
			high = from
			guess = from - piece/2
		case place > binary.BigEndian.Uint64(entries[len(entries)-entrySize:]):
			low = to
			guess = to + piece/2
		default:
			return find(entries, place)
		}
	}
	return 0, false
}

func (t *Table) read(into []byte, offset int64) error {
	if _, err := t.file.Reader().ReadAt(into, offset); err != nil {
		return fmt.Errorf("what was spilled to the disk: %w", err)
	}
	return nil
}

func find(entries []byte, place uint64) (row int, met bool) {
	for ; len(entries) > 0; entries = entries[entrySize:] {
		if binary.BigEndian.Uint64(entries) == place {
			return int(binary.BigEndian.Uint32(entries[8:])), true
		}
	}
	return 0, false
}

// byPlace sorts entries.
type byPlace []byte

func (b byPlace) at(i int) []byte    { return b[i*entrySize : (i+1)*entrySize] }
func (b byPlace) Len() int           { return len(b) / entrySize }
func (b byPlace) Less(i, j int) bool { return bytes.Compare(b.at(i), b.at(j)) < 0 }
func (b byPlace) Swap(i, j int) {
	var spare [entrySize]byte
	copy(spare[:], b.at(i))
	copy(b.at(i), b.at(j))
	copy(b.at(j), spare[:])
}

func each(entries []byte, yield func(uint64) bool) bool {
	for ; len(entries) > 0; entries = entries[entrySize:] {
		if !yield(binary.BigEndian.Uint64(entries)) {
			return false
		}
	}
	return true
}
