package rows_test

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"waybill/engine/rows"
)

// million is a CSV file of n rows that is never in memory.
func million(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		_, err := fmt.Fprint(w, "id,phone,name,note\n")
		for i := 0; i < n && err == nil; i++ {
			_, err = fmt.Fprintf(w, "%d,+3461234%04d,José Núñez,\"one, \"\"two\"\"\"\n", i, i%10000)
		}
		_ = w.CloseWithError(err)
	}()
	return r
}

func BenchmarkCSVMillionRows(b *testing.B) {
	for b.Loop() {
		c, err := rows.CSV(million(1_000_000), rows.CSVOptions{})
		if err != nil {
			b.Fatal(err)
		}
		count := 0
		for _, err := range c.Rows() {
			if err != nil {
				b.Fatal(err)
			}
			count++
		}
		if count != 1_000_000 {
			b.Fatalf("%d rows", count)
		}
	}
}

// TestCSVMemory streams 200,000 rows and looks at what is kept.
func TestCSVMemory(t *testing.T) {
	c, err := rows.CSV(million(200_000), rows.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	most, count := uint64(0), 0
	var stats runtime.MemStats
	for _, err := range c.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if count++; count%50_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&stats)
			most = max(most, stats.HeapAlloc)
		}
	}
	if count != 200_000 || most > 32<<20 {
		t.Errorf("%d rows, %d MiB kept", count, most>>20)
	}
}
