package ledger_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
)

// TestBackupBeside backs up a ledger while messages are sent from it: each copy is whole, and has what was settled before it was begun.
func TestBackupBeside(t *testing.T) {
	dir := t.TempDir()
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
		if _, err := ledger.Open(path, ledger.Options{Now: time.Now}); !errors.Is(err, engine.ErrBehind) {
			t.Errorf("%s may be sent from: %v", name, err)
		}
		c, err := ledger.Open(path, ledger.Options{Now: time.Now, ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
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
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	stop()
	<-done
	if err := l.Backup(t.Context(), filepath.Join(dir, "a.db")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
}

// TestBackupBesideItsWitness puts a backup in the place of its ledger. It goes on where the witness tells that nothing was sent since, and nobody
// sent while it was made: who did may have gone on without a further epoch.
func TestBackupBesideItsWitness(t *testing.T) {
	for name, beside := range map[string]struct{ sending, later, goesOn bool }{
		"nothing was sent since":         {goesOn: true},
		"somebody sent since":            {later: true},
		"somebody sent when it was made": {sending: true},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			lockOnce(t, path)
			sender := func() error { return nil }
			if beside.sending {
				l := open(t, path)
				if _, err := l.Lock(t.Context(), "the test"); err != nil {
					t.Fatal(err)
				}
				sender = l.Close
			}
			r, err := ledger.Open(path, ledger.Options{Now: time.Now, ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(r.Backup(t.Context(), path+".backup"), r.Close()); err != nil {
				t.Fatal(err)
			}
			witnesses, err := filepath.Glob(filepath.Join(filepath.Dir(path), "witness-*"))
			if err != nil || len(witnesses) != 1 {
				t.Fatalf("witnesses: %q, %v", witnesses, err)
			}
			if beside.later {
				lockOnce(t, path)
			}
			kept, err := os.ReadFile(witnesses[0])
			if err := errors.Join(err, sender(), os.WriteFile(witnesses[0], kept, 0o600)); err != nil { // as if the sender had been killed
				t.Fatal(err)
			}
			if err := errors.Join(os.Remove(path), os.Rename(path+".backup", path)); err != nil {
				t.Fatal(err)
			}
			l, err := ledger.Open(path, ledger.Options{Now: time.Now, MinFree: 1 << 20})
			switch {
			case err == nil:
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
			case !errors.Is(err, engine.ErrBehind):
				t.Fatal(err)
			}
			if beside.goesOn != (err == nil) {
				t.Fatalf("it is opened to send: %v", err)
			}
			if !beside.goesOn {
				return
			}
			lockOnce(t, path) // what is sent from is no backup any more, also where its witness is lost
			if err := os.Remove(witnesses[0]); err != nil {
				t.Fatal(err)
			}
			lockOnce(t, path)
		})
	}
}

// lockOnce sends from a ledger, and ends that.
func lockOnce(t *testing.T, path string) {
	t.Helper()
	l, err := ledger.Open(path, ledger.Options{Now: time.Now, MinFree: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	release, err := l.Lock(t.Context(), "the test")
	if err == nil {
		err = release()
	}
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
}
