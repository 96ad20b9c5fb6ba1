package sources_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/xuri/excelize/v2"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/sources"
)

// many writes a source of n rows into a folder, and returns what a job says of it.
type many struct {
	key   string
	write func(tb testing.TB, dir string, n int) any
}

func lines(name, header, row string) func(testing.TB, string, int) any {
	return func(tb testing.TB, dir string, n int) any {
		tb.Helper()
		var out bytes.Buffer
		out.WriteString(header)
		for i := range n {
			fmt.Fprintf(&out, row, i, i%10000)
		}
		if err := os.WriteFile(filepath.Join(dir, name), out.Bytes(), 0o600); err != nil {
			tb.Fatal(err)
		}
		return name
	}
}

func sources4() []many {
	return []many{
		{"csv", lines("a.csv", "id,phone,name,note\n", "%d,+3461234%04d,José Núñez,\"one, two\"\n")},
		{"jsonl", lines("a.jsonl", "", `{"id":%d,"phone":"+3461234%04d","name":"José Núñez","note":"one, two"}`+"\n")},
		{"sql", func(tb testing.TB, dir string, n int) any {
			tb.Helper()
			db, err := sql.Open("sqlite", filepath.Join(dir, "a.db"))
			if err == nil {
				_, err = db.ExecContext(context.Background(), `CREATE TABLE people (id INTEGER, phone BIGINT, name TEXT, note TEXT);
					WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < `+fmt.Sprint(n)+`)
					INSERT INTO people SELECT i, 34612340000 + i % 10000, 'José Núñez', 'one, two' FROM n`)
			}
			if err != nil {
				tb.Fatal(err)
			}
			if err := db.Close(); err != nil {
				tb.Fatal(err)
			}
			return map[string]any{"driver": "sqlite", "dsn": "a.db", "query": "SELECT * FROM people"}
		}},
		{"xlsx", func(tb testing.TB, dir string, n int) any {
			tb.Helper()
			f := excelize.NewFile()
			w, err := f.NewStreamWriter("Sheet1")
			if err != nil {
				tb.Fatal(err)
			}
			_ = w.SetRow("A1", []any{"id", "phone", "name", "note"})
			for i := range n {
				if err := w.SetRow(fmt.Sprintf("A%d", i+2), []any{i, 34612340000 + i%10000, "José Núñez", "one, two"}); err != nil {
					tb.Fatal(err)
				}
			}
			if err := w.Flush(); err != nil {
				tb.Fatal(err)
			}
			if err := f.SaveAs(filepath.Join(dir, "a.xlsx")); err != nil {
				tb.Fatal(err)
			}
			return "a.xlsx"
		}},
	}
}

// stream reads a source twice, as a plan and its apply do, and returns its rows and the most that is kept in memory meanwhile.
func stream(tb testing.TB, key string, value any, dir string) (count int, most uint64) {
	tb.Helper()
	spool := engine.NewSpool(nil)
	defer func() {
		if err := spool.Close(); err != nil {
			tb.Error(err)
		}
	}()
	f := &engine.ForEach{From: eval.Const(value, diag.Range{})}
	for _, source := range sources.All(sources.World{}) {
		if source.Key() == key {
			f.Source = source
		}
	}
	var stats runtime.MemStats
	for range 2 {
		from, err := f.Source.Open(context.Background(), &engine.SourceCall{
			ForEach: f, Value: value, Open: engine.Files(&engine.Job{Dir: dir}, nil), Spool: spool,
		})
		if err != nil {
			tb.Fatal(err)
		}
		for _, err := range from.All() {
			if err != nil {
				tb.Fatal(err)
			}
			if count++; count%5_000 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&stats)
				most = max(most, stats.HeapAlloc)
			}
		}
		if err := from.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	return count, most
}

// TestSourcesStream: no more of a source is in memory than the row at hand, whatever its size.
func TestSourcesStream(t *testing.T) {
	for _, each := range sources4() {
		t.Run(each.key, func(t *testing.T) {
			dir, n := t.TempDir(), 20_000
			if each.key == "xlsx" {
				n = 10_000 // writing it is what takes the time
			}
			value := each.write(t, dir, n)
			if count, most := stream(t, each.key, value, dir); count != 2*n || most > 24<<20 {
				t.Errorf("%d rows, %d MiB kept", count, most>>20)
			}
		})
	}
}

// BenchmarkSources reads a million rows of text and of a query, and a hundred thousand of a workbook, twice.
func BenchmarkSources(b *testing.B) {
	for _, each := range sources4() {
		b.Run(each.key, func(b *testing.B) {
			dir, n := b.TempDir(), 1_000_000
			if each.key == "xlsx" {
				n = 100_000
			}
			value := each.write(b, dir, n)
			runtime.GC()
			for b.Loop() {
				count, most := stream(b, each.key, value, dir)
				if count != 2*n {
					b.Fatalf("%d rows", count)
				}
				b.ReportMetric(float64(most>>20), "MiB-kept")
			}
		})
	}
}
