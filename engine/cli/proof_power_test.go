//go:build linux

package cli_test

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"waybill/engine/reliability/tally"
)

// TestPowerLoss takes the power away. A kill cannot do that, for the system keeps what a dead process wrote: here an apply
// is watched by strace, the ledger's folder is made as it may be found after a loss at a random moment, with any part of what
// was not synced yet, and the next apply goes on with it. Whoever's request had left by then is not written to again.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	strace := tracer(t)
	losses := sized(t, 12, 4)
	tally.Worlds(t, "power", losses, func(t *testing.T, r *rand.Rand) tally.Count {
		t.Helper()
		p := newProof(t, terms{people: 40, throughput: 400, concurrency: 1 + r.IntN(16)})
		sent := map[string]bool{} // whose request had left
		if r.IntN(2) == 0 {       // it has a ledger already; else its birth is watched too
			p.start(append(p.apply(), "--limit", "5")).want(0)
			for n := range p.people {
				sent[phone(n)] = len(p.log.of(phone(n))) > 0
			}
		}
		d := newDisk(t, filepath.Dir(p.state))
		story := p.watched(strace)
		moments := make([]int, losses)
		for n := range moments {
			moments[n] = r.IntN(len(story) + 1)
		}
		slices.Sort(moments)
		var sum tally.Count
		now := 0
		for _, moment := range moments {
			for ; now < moment; now++ {
				if e := story[now]; e.to != "" {
					sent[e.to] = true
				} else {
					d.see(e)
				}
			}
			how := d.lose(t, r)
			sum = sum.Plus(p.after(t, sent))
			if t.Failed() {
				t.Logf("at call %d of %d, %s", moment, len(story), how)
				break
			}
		}
		return sum
	})
}

// after lets an apply go on with the ledger's folder as it is, and counts who got something although their request had left, and
// who got nothing.
func (p *proof) after(t *testing.T, sent map[string]bool) tally.Count {
	t.Helper()
	before := map[string]int{}
	for n := range p.people {
		before[phone(n)] = len(p.log.of(phone(n)))
	}
	p.start(p.apply()).want(0, 4)
	p.born = true
	p.readable()
	c := tally.Count{Done: 1, People: p.people}
	known := p.deliveries("")
	for n := range p.people {
		number := phone(n)
		got := len(p.log.of(number)) - before[number]
		switch {
		case sent[number] && got > 0, got > 1:
			c.Twice++
			t.Errorf("the request to %s had left, and it got %d more", number, got)
		case known[number].State == "inDoubt":
			c.InDoubt++
		case !sent[number] && got == 0:
			c.Lost++
			t.Errorf("%s got nothing, and the ledger says %q", number, known[number].State)
		}
	}
	return c
}
