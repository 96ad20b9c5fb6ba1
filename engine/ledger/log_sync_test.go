package ledger_test

import (
	"path/filepath"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/ledger"
)

// TestDiskThatFails wants nothing told as written from the moment on at which the log could not be synced, though SQLite wrote it; and what
// is in the file read as ever.
func TestDiskThatFails(t *testing.T) {
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err == nil {
			t.Error("it is closed as if nothing had happened")
		}
	}()
	if err := l.StartRun(t.Context(), engine.Run{ID: "before"}); err != nil {
		t.Fatal(err)
	}
	if err := l.BreakDisk(); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"first", "second"} {
		if err := l.StartRun(t.Context(), engine.Run{ID: id}); err == nil {
			t.Errorf("%s is told as written", id)
		}
	}
	if _, err := l.Run(t.Context(), "before"); err != nil {
		t.Error(err)
	}
	if _, err := l.Run(t.Context(), "second"); err == nil {
		t.Error("it goes on writing")
	}
}
