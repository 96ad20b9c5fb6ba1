//go:build linux

package cli_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"waybill/whatsapp/sandbox"
)

// TestFullDisk fills the disk of the ledger at random moments while apply sends: with the ledger's ballast there, whose
// room lets outcomes be written, and without it, where they are lost and in doubt. Nobody gets it twice, the ledger stays
// whole, and with room again the next apply goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "size=96m")
	p := newProof(t, terms{people: sized(t, 2000, 1000), throughput: 400, state: filepath.Join(disk, "ledger.db")})
	// Answers take their time, so that many outcomes are still to be written when the disk is full.
	if _, err := p.box.AddFault(sandbox.Fault{Kind: sandbox.FaultLatency, Delay: 150 * time.Millisecond, Every: 1}); err != nil {
		t.Fatal(err)
	}
	r, stopped, kept := dice(t), 0, 0
	rounds := sized(t, 6, 4)
	for round := range rounds {
		before, _ := p.log.seen()
		c := p.start(p.apply())
		p.awaitMessages(c, before+1)
		time.Sleep(100*time.Millisecond + within(r, 150*time.Millisecond))
		if round%2 == 1 {
			if err := os.Remove(p.state + ".ballast"); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		free := p.fill(filepath.Join(disk, "filler"))
		status := c.want(0, 1, 4, 5)
		free()
		if status == 1 || status == 5 {
			stopped++
			if !bytes.Contains([]byte(c.errs.String()), []byte("full")) && !bytes.Contains(c.out.Bytes(), []byte("full")) {
				t.Errorf("status %d, and no word of the disk:\n%s%s", status, &c.out, &c.errs)
			}
		}
		p.nobodyTwice()
		left := p.readable()
		t.Logf("round %d: status %d, %d requests without an outcome", round, status, left)
		if round%2 == 0 && left == 0 {
			kept++
		}
	}
	// Whoever fills the disk may take the ballast's room too, when it is given up while they still write.
	if kept == 0 {
		t.Error("in every round requests have no outcome, and the ballast was there")
	}
	if stopped < rounds/2 {
		t.Errorf("the disk stopped %d of %d processes: it was not full", stopped, rounds)
	}
	var sum figures
	p.killed(r, 0, &sum)
	p.concluded(&sum)
}

// TestCommandsTellOfAFullDisk has commands meet a ledger that nobody has open on a disk without room: SQLite cannot make the file beside
// it that even a reader needs.
func TestCommandsTellOfAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "size=80m")
	p := newProof(t, terms{people: 3, state: filepath.Join(disk, "ledger.db")})
	p.start(p.apply()).want(0)
	free := p.fill(filepath.Join(disk, "filler"))
	for _, command := range [][]string{{"runs"}, {"show", "last"}, {"ledger", "check"}, p.apply()} {
		c := p.start(command)
		c.want(1)
		if !bytes.Contains([]byte(c.errs.String()), []byte("the disk that holds the ledger is full: make room on it")) {
			t.Errorf("%s says:\n%s", command, &c.errs)
		}
	}
	free()
	p.readable()
	p.start(p.apply()).want(0)
	p.nobodyTwice()
}

// smallDisk mounts one for the test, if it may.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("waybill-proof", dir, "tmpfs", 0, size); err != nil {
		t.Skipf("mounting a small disk takes root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// fill takes all room on a disk until free is called.
func (p *proof) fill(path string) (free func()) {
	p.Helper()
	f, err := os.Create(path)
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		p.Fatal(err)
	}
	block := make([]byte, 1<<20)
	for size := len(block); err == nil && size >= 1; {
		if _, err = f.Write(block[:size]); errors.Is(err, syscall.ENOSPC) {
			size, err = size/2, nil
		}
	}
	if err != nil {
		p.Fatal(err)
	}
	return func() {
		if err := errors.Join(f.Close(), os.Remove(path)); err != nil {
			p.Fatal(err)
		}
	}
}
