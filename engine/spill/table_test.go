package spill

import (
	"encoding/binary"
	"hash/fnv"
	"runtime"
	"slices"
	"testing"
)

func place(i int) uint64 {
	h := fnv.New64a()
	_ = binary.Write(h, binary.BigEndian, int64(i))
	return h.Sum64()
}

// Far more places than stay in memory are all found with their first row, and no others.
func TestTable(t *testing.T) {
	const n = 60_000
	var table Table
	defer func() {
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	}()
	for i := range n {
		if row, met := table.Meet(place(i), i+1); met {
			t.Fatalf("place %d is new and was met in row %d", i, row)
		}
	}
	for i := range n {
		if row, met := table.Meet(place(i), 7); !met || row != i+1 {
			t.Fatalf("place %d: row %d, %v", i, row, met)
		}
		if row, met := table.Row(place(n + i)); met {
			t.Fatalf("place %d was never added, and is said to stand in row %d", n+i, row)
		}
	}
	if table.Len() != n || table.Err() != nil {
		t.Error(table.Len(), table.Err())
	}
	places := slices.Sorted(table.Places())
	if len(slices.Compact(places)) != n {
		t.Error(len(places), "places, without doubles", len(slices.Compact(places)))
	}
}

// A bucket has few extents, however much is added.
func TestExtents(t *testing.T) {
	var table Table
	defer func() { _ = table.Close() }()
	for i := range 100_000 {
		table.Add(place(i), i)
	}
	for i := range table.buckets {
		if n := len(table.buckets[i].extents); n > 7 {
			t.Fatal("bucket", i, "has", n, "extents")
		}
	}
}

// The filter keeps most questions about a new place away from the file.
func TestFilter(t *testing.T) {
	var table Table
	defer func() { _ = table.Close() }()
	const n = 60_000
	for i := range n {
		table.Add(place(i), i)
	}
	asked := 0
	for i := range n {
		if table.filter.mayHave(place(n + i)) {
			asked++
		}
	}
	if asked > n/6 {
		t.Error(asked, "of", n, "new places look as if they were known")
	}
}

// A disk that does not take it is told, and nothing is claimed to be met.
func TestBrokenFile(t *testing.T) {
	var table Table
	for i := range 100_000 {
		table.Add(place(i), i)
	}
	if err := table.file.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range 100_000 {
		table.Meet(place(i), i)
	}
	if table.Err() == nil {
		t.Error("a closed file, and no error")
	}
	if row, met := table.Row(place(1)); met {
		t.Error("met in row", row)
	}
}

func TestZero(t *testing.T) {
	var table Table
	if _, met := table.Row(1); met || table.Len() != 0 || len(slices.Collect(table.Places())) != 0 || table.Close() != nil {
		t.Error("the zero table is not empty")
	}
}

func BenchmarkMeet(b *testing.B) {
	for _, known := range []bool{false, true} {
		name := map[bool]string{false: "new", true: "known"}[known]
		b.Run(name, func(b *testing.B) {
			var table Table
			defer func() { _ = table.Close() }()
			const rows = 1_000_000
			if known {
				for i := range rows {
					table.Add(place(i), i)
				}
				b.ResetTimer()
			}
			for i := 0; b.Loop(); i++ {
				if known {
					table.Row(place(i % rows))
				} else {
					table.Meet(place(i), i)
				}
			}
		})
	}
}

// Half a million places keep less than a megabyte of memory.
func TestMemory(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	var table Table
	defer func() { _ = table.Close() }()
	for i := range 500_000 {
		table.Meet(place(i), i)
	}
	if kept := heap() - before; kept > 1<<20 {
		t.Error(kept, "bytes are kept for", table.Len(), "places")
	}
}
