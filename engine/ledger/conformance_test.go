package ledger_test

import (
	"database/sql"
	"flag"
	"io"
	"path/filepath"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/ledger"
	"waybill/engine/ledger/ledgertest"
)

// open opens a ledger for a test and closes it after.
func open(tb testing.TB, path string) *ledger.Ledger {
	tb.Helper()
	l, err := ledger.Open(path, ledger.Options{Now: time.Now, MinFree: 1 << 20})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := l.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return l
}

// openRaw opens the file beside the ledger's back.
func openRaw(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// closed closes what must close without an error.
func closed(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// TestConformance lets chance interleave less with the race detector; .ci/run has it at full size, without.
func TestConformance(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); raced && f.Value.String() == f.DefValue { // else the caller wants his own number
		t.Cleanup(func() { _ = flag.Set("rapid.checks", f.DefValue) })
		_ = flag.Set("rapid.checks", "30")
	}
	ledgertest.Test(t, func(t *testing.T) func() engine.Ledger {
		t.Helper()
		path := filepath.Join(t.TempDir(), "state", "ledger.db")
		return func() engine.Ledger { return open(t, path) }
	})
}
