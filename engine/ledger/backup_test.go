package ledger_test

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// TestBackupBeside backs up a ledger while messages are sent from it: each copy is whole, and has what was settled before it was begun.
func TestBackupBeside(t *testing.T) {
	dir := t.TempDir() // another folder than the ledger's: beside its witness a backup is behind
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	if _, err := l.Lock(t.Context(), "the test"); err != nil {
		t.Fatal(err)
	}
	if err := l.StartRun(t.Context(), engine.Run{ID: benchRun, Job: "job", StartedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	sent := make(chan uint64, 100_000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := uint64(0); ctx.Err() == nil && n < 100_000; n++ {
			send(t, l, n)
			sent <- n
		}
	}()
	var before []delivery.Key
	for _, name := range []string{"a.db", "b.db", "c.db"} {
		before = append(before, benchIntent(<-sent).Key)
		path := filepath.Join(dir, name)
		if err := l.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if wrong, err := l.Examine(t.Context()); err != nil || len(wrong) > 0 {
				t.Fatalf("the ledger, while messages are sent: %q, %v", wrong, err)
			}
		}
		c := open(t, path)
		found, err := c.Lookup(t.Context(), before)
		if err != nil || len(found) != len(before) {
			t.Errorf("%s has %d of %d (%v)", name, len(found), len(before), err)
		}
		for _, d := range found {
			if d.State != delivery.Accepted {
				t.Errorf("%s: %s is %s", name, d.Key.Item, d.State)
			}
		}
		if wrong, err := c.Examine(t.Context()); err != nil || len(wrong) > 0 {
			t.Errorf("%s: %q, %v", name, wrong, err)
		}
	}
	stop()
	<-done
	if err := l.Backup(t.Context(), filepath.Join(dir, "a.db")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
}
