package ledgertest

import (
	"fmt"
	"testing"
	"time"

	"waybill/engine"
)

// testTold has a run of a process alone end: it is told how, by that process or, where it died before, by whoever comes.
func testTold(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	b := ending{d, d.open()}
	t.Run("by its process", func(t *testing.T) {
		b.takes(t, false) // it is under way
		b.ends(engine.RunFailed, 0)
		b.takes(t, false) // nobody is to be told
		b.untold(t, "job")

		b.resumes()
		b.ends(engine.RunFailed, time.Minute)
		b.untold(t, "job") // its process has time
		b.takes(t, true)
		b.takes(t, false)
		d.must(d.Told(t.Context(), theRun))
		b.ends(engine.RunFailed, time.Minute) // as before
		b.takes(t, false)
		b.ends(engine.RunSucceeded, time.Minute) // what was heard since
		b.takes(t, true)
		d.must(d.Told(t.Context(), theRun))
	})
	t.Run("by another", func(t *testing.T) {
		b.resumes()
		b.ends(engine.RunStopped, -time.Second)
		b.untold(t, "another job")
		b.untold(t, "job", engine.RunStopped)
		b.untold(t, "job") // that one is telling
		b.takes(t, false)
		d.must(b.other.Told(t.Context(), theRun))
		b.untold(t, "job")

		b.resumes()
		b.ends(engine.RunInterrupted, -time.Second)
		b.resumes() // so it did not end
		b.untold(t, "job")
		b.takes(t, false)
	})
}

// finishAs has a process end theRun, as often as it was taken up by now.
func (d *desk) finishAs(l engine.Ledger, end engine.Run) {
	d.Helper()
	r, err := d.Run(d.Context(), theRun)
	d.must(err)
	end.ID, end.Resumes = theRun, r.Resumes
	d.must(l.FinishRun(d.Context(), end, nil))
}

// ending is a run that ends, and another process.
type ending struct {
	d     *desk
	other engine.Ledger
}

func (b ending) ends(status engine.RunStatus, tellsFor time.Duration) {
	b.d.Helper()
	b.d.finishAs(b.d.Ledger, engine.Run{Status: status, FinishedAt: at(9), TellsFor: tellsFor})
}

func (b ending) resumes() {
	b.d.Helper()
	b.d.must(b.d.StartRun(b.d.Context(), engine.Run{ID: theRun, Job: "job", Mode: engine.ModeApply, Scope: "ever", StartedAt: at(0)}))
}

func (b ending) takes(t *testing.T, want bool) {
	t.Helper()
	if mine, err := b.d.TakeTelling(t.Context(), theRun); err != nil || mine != want {
		t.Errorf("it is its to tell: %v, %v, want %v", mine, err, want)
	}
}

func (b ending) untold(t *testing.T, job string, want ...engine.RunStatus) {
	t.Helper()
	got, err := b.other.TakeUntold(t.Context(), job)
	if b.d.must(err); len(got) != len(want) || len(got) > 0 && (got[0].ID != theRun || got[0].Status != want[0]) {
		t.Errorf("untold are %+v, want %v", got, want)
	}
}

// testTelling has runs end whose processes die at odd moments: of each it is told how it ended.
func testTelling(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	other := d.sender("another")
	c := couple{d, other}
	takes := func(l *desk, want bool) {
		t.Helper()
		mine, err := l.TakeTelling(t.Context(), theRun)
		if d.must(err); mine != want {
			t.Errorf("it is its to tell: %v, want %v", mine, want)
		}
	}
	untold := func(want ...engine.RunStatus) {
		t.Helper()
		got, err := d.TakeUntold(t.Context(), "job")
		d.must(err)
		var is []engine.RunStatus
		for _, r := range got {
			is = append(is, r.Status)
		}
		if len(is) != len(want) || len(is) > 0 && is[0] != want[0] {
			t.Errorf("untold are %v, want %v", is, want)
		}
	}
	t.Run("by the first that asks", func(t *testing.T) {
		c.begin()
		takes(d, false) // it is under way
		c.endAll(d, engine.RunSucceeded)
		c.endAll(other, engine.RunSucceeded)
		c.endRest(d, engine.RunSucceeded)
		c.finish(d, engine.RunSucceeded, "", time.Time{})
		takes(other, true)
		takes(d, false)
		c.finish(other, engine.RunSucceeded, "", time.Time{}) // it ended so before
		takes(d, false)
		untold()
		d.must(other.Told(t.Context(), theRun))
		takes(d, false)
		c.finish(other, engine.RunFailed, "", time.Time{}) // what was heard since
		takes(d, true)
		d.must(d.Told(t.Context(), theRun))
	})
	t.Run("by whoever comes", func(t *testing.T) {
		c.begin()
		c.endAll(other, engine.RunFailed)
		c.endRest(d, engine.RunSucceeded)
		d.finishAs(d.Ledger, engine.Run{Status: engine.RunSucceeded, FinishedAt: at(9), TellsFor: -time.Second})
		untold(engine.RunFailed)
		untold()
		takes(other, false)
		d.must(d.Told(t.Context(), theRun))
		untold()
	})
	t.Run("ended by whoever comes", func(t *testing.T) {
		c.begin()
		var last *desk
		for n, l := range []*desk{d, other} {
			c.endRest(l, engine.RunFailed)
			last = l
			l.intend(intent(fmt.Sprint("under way of ", n))) // so it is not in order
			d.must(l.release())
		}
		if got, err := last.Run(t.Context(), theRun); err != nil || got.Status != engine.RunRunning {
			t.Errorf("before anybody looks it is %s, %v", got.Status, err)
		}
		third := d.sender("a third")
		got, err := third.Run(t.Context(), theRun)
		d.must(err)
		if got.Status != engine.RunFailed || got.FinishedAt.IsZero() {
			t.Errorf("all of it was done, and it is %s since %v", got.Status, got.FinishedAt)
		}
		untold(engine.RunFailed)
		d.must(third.release())
	})
}
