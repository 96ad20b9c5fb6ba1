//go:build unix

package temporal

import (
	"syscall"
	"testing"
	"time"
)

// TestServerWorkerFrozen freezes one of two workers by SIGSTOP in the middle of a run. Its parts are the other's when its lease is over, and
// the run ends without it. When it wakes up it sends nothing more of that, says what never left, and works at the next run.
func TestServerWorkerFrozen(t *testing.T) {
	w := newWorld(t, 900)
	frozen := w.start("worker", "job.yaml")
	apply := w.start("apply", "job.yaml", "--yes", "--engine", "temporal")
	w.awaits(60, frozen, apply)
	other := w.start("worker", "job.yaml")
	w.awaits(150, frozen, other, apply)
	frozen.signal(syscall.SIGSTOP)
	since := time.Now()
	w.accepted.resetPause()
	apply.want(0, 4)
	t.Logf("the run ended after %s, and the longest pause between two messages was %s",
		time.Since(since).Round(10*time.Millisecond), w.accepted.resetPause().Round(10*time.Millisecond))
	t.Logf("frozen: %d of %d in doubt", w.judge(), w.people)
	run, sent := w.lastRun(), w.accepted.seen()
	time.Sleep(time.Until(since.Add(35 * time.Second)))
	frozen.signal(syscall.SIGCONT)
	frozen.says("was silent")   // its sender was ended
	time.Sleep(5 * time.Second) // it would send now
	t.Logf("awake: %+v", w.lastRun().Counts)
	if more := w.accepted.seen() - sent; more > 0 {
		t.Errorf("it sent %d more", more)
	}
	w.endsAs(run.Status)

	other.interrupt()
	other.want(0)
	w.start("apply", "job.yaml", "--yes", "--engine", "temporal").want(0) // what never left, by the one that is awake again
	if got := w.judge(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	frozen.interrupt()
	frozen.want(0)
}
