//go:build unix

package cli_test

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"waybill/engine/reliability/tally"
)

// TestStopsAndJumps stops an apply at random moments (SIGSTOP) and wakes it, with another process beside it in between, and sets
// its clock forward and back by milliseconds up to days.
func TestStopsAndJumps(t *testing.T) {
	t.Parallel()
	tally.Worlds(t, "stops", sized(t, 8, 3), func(t *testing.T, r *rand.Rand) tally.Count {
		t.Helper()
		var sum figures
		p := newProof(t, terms{people: 300, throughput: 300, live: r.IntN(2) == 0})
		clock := filepath.Join(t.TempDir(), "clock")
		c := p.start(p.apply(), clockFile+"="+clock)
		done := 0
		for ; done < 8; done++ {
			if !p.awaitOrEnd(c, r) {
				break
			}
			if r.IntN(2) == 0 {
				p.jump(clock, r)
			} else {
				p.stop(c, r)
			}
		}
		c.want(0, 1, 4, 5)
		p.nobodyTwice()
		p.readable()
		p.killed(r, 0, &sum)
		p.concluded(&sum)
		t.Log(sum)
		return sum.count(done)
	})
}

// awaitOrEnd waits for some moment of the sending, and says whether the process is still there.
func (p *proof) awaitOrEnd(c *child, r *rand.Rand) bool {
	_, next := p.log.seen()
	select {
	case <-c.ended:
		return false
	case <-next:
	case <-time.After(2 * time.Second): // it waits, for the clock's sake
	}
	select {
	case <-c.ended:
		return false
	case <-time.After(within(r, 150*time.Millisecond)):
		return true
	}
}

// jump sets the clock of a process.
func (p *proof) jump(clock string, r *rand.Rand) {
	p.Helper()
	reach := [...]time.Duration{100 * time.Millisecond, 4 * time.Second, time.Hour, 72 * time.Hour}[r.IntN(4)]
	p.file(clock+".new", (within(r, 2*reach) - reach).String())
	if err := os.Rename(clock+".new", clock); err != nil {
		p.Fatal(err)
	}
}

// stop stops a process for a while, mostly short, and lets another try to send meanwhile.
func (p *proof) stop(c *child, r *rand.Rand) {
	p.Helper()
	signal := func(s os.Signal) {
		if err := c.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
			p.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	if r.IntN(3) == 0 {
		if _, err := os.Stat(p.state); err == nil || !errors.Is(err, fs.ErrNotExist) {
			p.start(p.apply()).want(0, 1, 4)
		}
	}
	pause := 300 * time.Millisecond
	if r.IntN(4) == 0 {
		pause = 6 * time.Second // past the deadline of a request
	}
	time.Sleep(within(r, pause))
	signal(syscall.SIGCONT)
}
