package ledgertest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"waybill/engine"
)

// testWaitsBeside has a run end with rows that wait while another process works at it, which has nothing to do: it is not stopped for that
// one, and waits for its hour whatever that one says.
func testWaitsBeside(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	other := d.sender("another")
	c := couple{d, other}
	c.begin()
	c.endRest(other, engine.RunStopped)
	if got := c.finish(other, engine.RunStopped, "quiet hours", at(3600)); got.Status != engine.RunStopped || !got.WaitsUntil.Equal(at(3600)) {
		t.Errorf("its rows wait, and it is %s until %v", got.Status, got.WaitsUntil)
	}
	lease, err := shared(t, d.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{Take: true})
	if err != nil || lease.Status == engine.RunStopped || len(lease.Open) != 0 {
		t.Errorf("whose rows wait is %+v, %v", lease, err)
	}
	for _, end := range []engine.RunStatus{engine.RunInterrupted, engine.RunSucceeded} {
		if got := c.finish(d, end, "", time.Time{}); got.Status != engine.RunStopped || !got.WaitsUntil.Equal(at(3600)) {
			t.Errorf("the other ended as %s, and it is %s until %v", end, got.Status, got.WaitsUntil)
		}
	}
	c.begin()
	until := func(l *desk, at time.Time) engine.Run { return c.finish(l, engine.RunInterrupted, "Ctrl-C", at) }
	until(other, at(3600))
	if got := until(d, at(3600)); got.Status != engine.RunInterrupted || !got.WaitsUntil.Equal(at(3600)) {
		t.Errorf("taken up for its hour and interrupted, it is %s until %v", got.Status, got.WaitsUntil)
	}
}

// testEnding has a run be taken up that one of its processes still ends.
func testEnding(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	other, third := d.sender("another"), d.sender("a third")
	c := couple{d, other}
	c.begin()
	takesUp := func() error {
		r, err := d.Run(t.Context(), theRun)
		d.must(err)
		r.Resumes, r.Status = r.Resumes+1, engine.RunRunning
		_, err = shared(t, third.Ledger).Enter(t.Context(), r, "rows", nil)
		return err
	}
	c.finish(other, engine.RunStopped, "a person", time.Time{})
	err := takesUp()
	if locked, is := errors.AsType[*engine.LockedError](err); !is || !strings.Contains(locked.Holder, "the test") || !strings.Contains(locked.Holder, theRun) {
		t.Errorf("one counts what is left, and who takes it up is told %v", err)
	}
	c.finish(d, engine.RunStopped, "a person", time.Time{})
	if err := takesUp(); err != nil {
		t.Errorf("all left it, and who takes it up is told %v", err)
	}
}

// shareTaker is a process of its own that enters a run, does the parts that it was told, and leaves.
type shareTaker struct {
	only   []int
	change func(*engine.Run) // of the run that it asks for
	so     engine.RunStatus  // how its rows fared
	waits  time.Time         // until when some of them wait
}

// takes has it do so, asking for a run with that id, and returns the run as it stands then.
func (s shareTaker) takes(d *desk, id string) engine.Run {
	d.Helper()
	l := d.sender("of " + id)
	r := divided
	if s.change != nil {
		s.change(&r)
	}
	r.ID = id
	got, err := shared(d, l.Ledger).Enter(d.Context(), r, "rows", s.only)
	d.must(err)
	if got.ID != id && got.Status != engine.RunRunning {
		d.Errorf("it entered a run that is %s", got.Status)
	}
	lease, err := shared(d, l.Ledger).LeaseParts(d.Context(), got.ID, engine.Leasing{Take: true, Only: s.only})
	d.must(err)
	if !slices.Equal(lease.Has, s.only) {
		d.Errorf("of %s it has %v", got.ID, lease.Has)
	}
	var ended []engine.EndedPart
	for _, part := range lease.Has {
		ended = append(ended, engine.EndedPart{Part: part})
	}
	_, err = shared(d, l.Ledger).EndParts(d.Context(), got.ID, ended, engine.SoFar{Status: s.so, WaitsUntil: s.waits, Last: true})
	d.must(err)
	d.must(l.FinishRun(d.Context(), engine.Run{ID: got.ID, Job: got.Job, Status: s.so, WaitsUntil: s.waits, FinishedAt: at(9)}, nil))
	d.must(l.release())
	stands, err := d.Run(d.Context(), got.ID)
	d.must(err)
	return stands
}

// testLeftShares has processes that take parts of a run and no others come one after the other.
func testLeftShares(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	d.must(d.FinishRun(t.Context(), engine.Run{ID: theRun, Status: engine.RunSucceeded, FinishedAt: at(1)}, nil))
	odd, even := engine.Shard{Index: 1, Of: 2}.Parts(), engine.Shard{Of: 2}.Parts()
	elsewhere := func(r *engine.Run) { r.Scope = "name/x" }
	edited := func(r *engine.Run) { r.Digest = "another job" }
	const well, stopped, left = engine.RunSucceeded, engine.RunStopped, engine.RunInterrupted
	for _, c := range []struct {
		what, id string
		shareTaker
		enters string
		stands engine.RunStatus
		until  time.Time
	}{
		{"the first half", "a", shareTaker{odd, nil, well, time.Time{}}, "a", left, time.Time{}},
		{"of another scope", "a2", shareTaker{even, elsewhere, well, time.Time{}}, "a2", left, time.Time{}},
		{"the other half", "b", shareTaker{even, nil, well, time.Time{}}, "a", well, time.Time{}},
		{"one that waits", "c", shareTaker{odd, nil, stopped, at(3600)}, "c", stopped, at(3600)},
		{"the other half, which does not", "d", shareTaker{even, nil, well, time.Time{}}, "c", stopped, at(3600)},
		{"when all was done", "e", shareTaker{odd, nil, well, time.Time{}}, "e", left, time.Time{}},
		{"when its parts were", "f", shareTaker{odd, nil, well, time.Time{}}, "f", left, time.Time{}},
		{"with the job edited", "g", shareTaker{even, edited, well, time.Time{}}, "g", left, time.Time{}},
		{"the other half, which is stopped", "h", shareTaker{odd, edited, stopped, time.Time{}}, "g", stopped, time.Time{}},
		{"after that", "i", shareTaker{even, edited, well, time.Time{}}, "i", left, time.Time{}},
	} {
		run := c.takes(d, c.id)
		if run.ID != c.enters || run.Status != c.stands || !run.WaitsUntil.Equal(c.until) {
			t.Errorf("%s: it entered %s, which is %s (%s) until %v", c.what, run.ID, run.Status, run.Reason, run.WaitsUntil)
		}
		if run.Status == left && run.Reason != "32 of its parts are left, and nobody works at it" {
			t.Errorf("%s: it is left for %q", c.what, run.Reason)
		}
	}
}
