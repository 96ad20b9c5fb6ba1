package ledger_test

import (
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

func TestConformance(t *testing.T) {
	ledgertest.Test(t, func(t *testing.T) (engine.Ledger, func() engine.Ledger) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "state", "ledger.db")
		l := open(t, path)
		return l, func() engine.Ledger {
			if err := l.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
			l = open(t, path)
			return l
		}
	})
}
