package ledger_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
	"waybill/engine/ledger/ledgertest"
)

// wantBehind wants a ledger to be refused since it went back in time.
func wantBehind(t *testing.T, path string, o ledger.Options) {
	t.Helper()
	l, err := ledger.Open(path, o)
	if err == nil {
		_ = l.Close()
	}
	if !errors.Is(err, engine.ErrBehind) || !strings.Contains(err.Error(), "waybill ledger adopt") {
		t.Errorf("open: %v, want a refusal that names the way on", err)
	}
}

// TestPutBack puts a backup of the file in its place: it is refused, and once it was adopted nothing is sent again by itself.
func TestPutBack(t *testing.T) {
	dir := t.TempDir()
	path, backup := filepath.Join(dir, "ledger.db"), filepath.Join(t.TempDir(), "backup.db")
	l := open(t, path)
	ready(t, l)
	send(t, l, 1)
	closed(t, l)
	copyFile(t, path, backup)
	l = open(t, path)
	ready(t, l)
	send(t, l, 2)
	closed(t, l)
	copyFile(t, backup, path)
	wantBehind(t, path, options())
	if r, err := ledger.Open(path, ledger.Options{Now: time.Now, ReadOnly: true}); err != nil {
		t.Errorf("it is read: %v", err)
	} else {
		closed(t, r)
	}
	found, err := ledger.Adopt(t.Context(), path, options())
	if err != nil || !found.Lost {
		t.Fatalf("adopted as %+v, %v", found, err)
	}
	l = open(t, path)
	ready(t, l)
	for n, want := range map[uint64]delivery.State{1: delivery.Accepted, 2: delivery.InDoubt, 3: delivery.InDoubt} {
		_, err := l.Intend(t.Context(), benchIntent(n))
		if held, is := errors.AsType[*delivery.DecidedError](err); !is || held.Delivery.State != want {
			t.Errorf("item %d: %v, want it held as %v", n, err, want)
		}
	}
	i := benchIntent(4)
	i.Allowed.Resend = true
	if _, err := l.Intend(t.Context(), i); err != nil {
		t.Errorf("who allows what is in doubt: %v", err)
	}
}

// TestPutBackOfServe puts back the file of a job that serve runs.
func TestPutBackOfServe(t *testing.T) {
	path, backup := filepath.Join(t.TempDir(), "ledger.db"), filepath.Join(t.TempDir(), "backup.db")
	ledgertest.TestAdopted(t, func() engine.Ledger { return open(t, path) }, func() {
		copyFile(t, path, backup)
		l := open(t, path)
		if _, err := l.Lock(t.Context(), "the lost time"); err != nil {
			t.Fatal(err)
		}
		closed(t, l)
		copyFile(t, backup, path)
		if found, err := ledger.Adopt(t.Context(), path, options()); err != nil || !found.Lost {
			t.Fatalf("adopted as %+v, %v", found, err)
		}
	})
}

// TestPutBackUnnoticed is what may be done with the files: a copy of the folder goes on, and so does the file alone where there is no
// witness of it.
func TestPutBackUnnoticed(t *testing.T) {
	dir, copied, alone := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, filepath.Join(dir, "ledger.db"))
	ready(t, l)
	send(t, l, 1)
	closed(t, l)
	if err := os.CopyFS(filepath.Join(copied, "whole"), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	copyFile(t, filepath.Join(dir, "ledger.db"), alone)
	for _, path := range []string{filepath.Join(copied, "whole", "ledger.db"), alone} {
		if err := os.Chmod(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		l := open(t, path)
		ready(t, l)
		send(t, l, 2)
		closed(t, l)
	}
}

// TestPutBackKilled puts back a backup that was made while a sender went on, which was killed then: what it wrote more than ten seconds
// later is missed.
func TestPutBackKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "ledger.db")
		o := options()
		o.Now, o.WitnessFile = time.Now, filepath.Join(t.TempDir(), "witness.json")
		l, err := ledger.Open(path, o)
		if err != nil {
			t.Fatal(err)
		}
		defer closed(t, l)
		ready(t, l)
		send(t, l, 1)
		kept, err := os.ReadFile(o.WitnessFile)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Second)
		synctest.Wait()
		later, err := os.ReadFile(o.WitnessFile)
		if err != nil || string(later) == string(kept) {
			t.Errorf("the witness stays %s, %v", kept, err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if idle, err := os.ReadFile(o.WitnessFile); err != nil || string(idle) != string(later) {
			t.Errorf("nothing was written, and the witness went on to %s, %v", idle, err)
		}
	})
}

// TestNamedWitness is a witness that the user named: it has to be kept, and be of this ledger.
func TestNamedWitness(t *testing.T) {
	dir := t.TempDir()
	o := options()
	o.WitnessFile = filepath.Join(dir, "unmounted", "witness.json")
	l, err := ledger.Open(filepath.Join(dir, "one.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Lock(t.Context(), "the test"); err == nil {
		t.Error("it sends without its witness")
	}
	_ = l.Close()
	o.WitnessFile = filepath.Join(dir, "witness.json")
	for _, name := range []string{"two.db", "three.db"} {
		l, err := ledger.Open(filepath.Join(dir, name), o)
		if err == nil {
			_, err = l.Lock(t.Context(), "the test")
			_ = l.Close()
		}
		if other := name == "three.db"; other != errors.Is(err, engine.ErrBehind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
