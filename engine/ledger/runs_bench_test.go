package ledger_test

import (
	"path/filepath"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// manyRuns makes a ledger of 200 runs and 1,000,000 deliveries, behind its back.
func manyRuns(tb testing.TB) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "ledger.db")
	if err := open(tb, path).Close(); err != nil {
		tb.Fatal(err)
	}
	db := openRaw(tb, path)
	for _, sql := range []string{
		`INSERT INTO step (seq, job, scope, path) VALUES (1, 'job', 'ever', 'patients/remind')`,
		`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
		INSERT INTO run (seq, id, job, mode, scope, status, file, digest, started_at)
		SELECT i, printf('20260325-090000-%04d', i), 'job', 'apply', 'ever', 'succeeded', '', '', i FROM n`,
		`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
		INSERT INTO delivery (id, step, item, run, recipient, digest, line, state, attempts, intended_at, result, settled_ms, ended_ms)
		SELECT i, 1, printf('%08d', i), 1 + i / 5001, 34600000000 + i, i, i, 5 + i % 4, 1, 0, 1, 9, 9 FROM n`,
		`INSERT INTO run_count (run, part, outcome, n)
		SELECT run, 0, CASE state WHEN 7 THEN 4 WHEN 8 THEN 5 ELSE 2 END, count(*) FROM delivery GROUP BY 1, 3`,
	} {
		if _, err := db.ExecContext(tb.Context(), sql); err != nil {
			tb.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		tb.Fatal(err)
	}
	return path
}

// BenchmarkRuns lists 200 runs with their counts, ends one that met a million deliveries, and reads a page and a count of what it met.
func BenchmarkRuns(b *testing.B) {
	l := open(b, manyRuns(b))
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			total := 0
			for r, err := range l.Runs(b.Context(), engine.RunFilter{}) {
				if err != nil {
					b.Fatal(err)
				}
				total += r.Counts.Total
			}
			if total != 1_000_000 {
				b.Fatalf("%d deliveries in all runs, want 1,000,000", total)
			}
		}
	})
	for name, every := range map[string]delivery.ID{"met all": 1, "met every second": 2} {
		b.Run(name, func(b *testing.B) {
			met := new(delivery.IDs)
			for id := delivery.ID(1); id <= 1_000_000; id += every {
				met.Add(id)
			}
			if err := l.StartRun(b.Context(), engine.Run{ID: benchRun, StartedAt: time.Now()}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := l.FinishRun(b.Context(), engine.Run{ID: benchRun, Status: engine.RunSucceeded}, met); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+", a page", func(b *testing.B) {
			for b.Loop() {
				n := 0
				for _, err := range l.Deliveries(b.Context(), engine.DeliveryFilter{SeenBy: benchRun, After: 500_000, Limit: 100}) {
					if n++; err != nil {
						b.Fatal(err)
					}
				}
				if n != 100 {
					b.Fatalf("%d deliveries, want 100", n)
				}
			}
		})
		b.Run(name+", counted", func(b *testing.B) {
			for b.Loop() {
				tally, err := l.Tally(b.Context(), engine.DeliveryFilter{SeenBy: benchRun})
				if err != nil || len(tally) == 0 {
					b.Fatal(tally, err)
				}
			}
		})
	}
}
