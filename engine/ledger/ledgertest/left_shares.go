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

// testLeftShares has processes that take parts of a run and no others come one after the other.
func testLeftShares(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	d.must(d.FinishRun(t.Context(), engine.Run{ID: theRun, Status: engine.RunSucceeded, FinishedAt: at(1)}, nil))
	odd, even := engine.Shard{Index: 1, Of: 2}.Parts(), engine.Shard{Of: 2}.Parts()
	// takes has a process of its own enter, do its parts, and leave; it returns which run that was, and how it stands then.
	takes := func(name string, only []int, id string, so engine.RunStatus, waits time.Time, change func(*engine.Run)) (string, engine.Run) {
		t.Helper()
		l := d.sender(name)
		r := divided
		r.ID = id
		if change != nil {
			change(&r)
		}
		got, err := shared(t, l.Ledger).Enter(t.Context(), r, "rows", only)
		d.must(err)
		if got.Status != engine.RunRunning && got.ID != id {
			t.Errorf("it entered a run that is %s", got.Status)
		}
		lease, err := shared(t, l.Ledger).LeaseParts(t.Context(), got.ID, engine.Leasing{Take: true, Only: only})
		d.must(err)
		if !slices.Equal(lease.Has, only) {
			t.Errorf("%s has %v", name, lease.Has)
		}
		var ended []engine.EndedPart
		for _, part := range lease.Has {
			ended = append(ended, engine.EndedPart{Part: part})
		}
		if len(ended) > 0 {
			_, err = shared(t, l.Ledger).EndParts(t.Context(), got.ID, ended, engine.SoFar{Status: so, WaitsUntil: waits, Last: true})
			d.must(err)
		}
		end := engine.Run{ID: got.ID, Job: got.Job, Status: so, WaitsUntil: waits, FinishedAt: at(9)}
		d.must(l.FinishRun(t.Context(), end, nil))
		d.must(l.release())
		stands, err := d.Run(t.Context(), got.ID)
		d.must(err)
		return got.ID, stands
	}
	for n, waits := range []time.Time{{}, at(3600)} {
		so, left := engine.RunSucceeded, engine.RunInterrupted
		if !waits.IsZero() {
			so, left = engine.RunStopped, engine.RunStopped
		}
		first, second := []string{"a", "c"}[n], []string{"b", "d"}[n]
		id, run := takes("first", odd, first, so, waits, nil)
		if id != first || run.Status != left || !run.WaitsUntil.Equal(waits) || n == 0 && !strings.HasPrefix(run.Reason, "32 of its parts are left") {
			t.Errorf("half of %s is left, and it is %s (%s) until %v", id, run.Status, run.Reason, run.WaitsUntil)
		}
		if id, _ := takes("of another job", odd, first+" of another", engine.RunSucceeded, time.Time{}, func(r *engine.Run) {
			r.Digest, r.Scope = "another job", "name/x"
		}); id != first+" of another" {
			t.Errorf("of another scope, it entered %s", id)
		}
		id, run = takes("second", even, second, engine.RunSucceeded, time.Time{}, nil)
		if id != first || run.Status != so || !run.WaitsUntil.Equal(waits) {
			t.Errorf("it entered %s, which is %s until %v", id, run.Status, run.WaitsUntil)
		}
	}
	if id, _ := takes("first", odd, "e", engine.RunSucceeded, time.Time{}, nil); id != "e" {
		t.Errorf("all was done, and it entered %s", id)
	}
	if id, _ := takes("first again", odd, "f", engine.RunSucceeded, time.Time{}, nil); id != "f" {
		t.Errorf("its parts were done, and it entered %s", id)
	}
	if id, _ := takes("with another job", even, "g", engine.RunSucceeded, time.Time{}, func(r *engine.Run) { r.Digest = "another job" }); id != "g" {
		t.Errorf("its job is another, and it entered %s", id)
	}
	if id, run := takes("the other of that", odd, "h", engine.RunStopped, time.Time{}, func(r *engine.Run) { r.Digest = "another job" }); id != "g" || run.Status != engine.RunStopped {
		t.Errorf("it entered %s, which is %s", id, run.Status)
	}
}
