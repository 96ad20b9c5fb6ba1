//go:build unix

package temporal

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// frozenFor is how long a worker is frozen: its lease and what Temporal grants it are over by then.
const frozenFor = 35 * time.Second

// TestServerWorkerFrozen freezes one of two workers by SIGSTOP. Its parts are the other's when its lease is over, in a run that ends without
// it, and in one that is under way yet when it wakes up.
func TestServerWorkerFrozen(t *testing.T) {
	t.Run("until the run has ended", func(t *testing.T) {
		w := newWorld(t, 900)
		frozen, other, apply := w.freeze()
		apply.want(0, 4)
		t.Logf("the run ended meanwhile, and %d of %d are in doubt", w.judge(), w.people)
		run, sent := w.lastRun(), w.accepted.seen()
		frozen.wake()
		time.Sleep(5 * time.Second) // it would send now
		if more := w.accepted.seen() - sent; more > 0 {
			t.Errorf("it sent %d more", more)
		}
		w.endsAs(run.Status)
		w.onlyBy(frozen.process, other)
	})
	t.Run("in the middle of the run", func(t *testing.T) {
		w := newWorld(t, 3000)
		frozen, other, apply := w.freeze()
		frozen.wake()
		select {
		case <-apply.ended:
			t.Error("the run had ended by then")
		default:
		}
		apply.want(0, 1, 4) // 1: it says on waking that a request never left, and others had gone by that row
		w.onlyBy(frozen.process, other)
	})
}

// asleep is a worker that was stopped by SIGSTOP.
type asleep struct {
	*process

	since time.Time
}

// freeze begins a run with two workers, and stops the first of them when it is in the middle of its parts.
func (w *world) freeze() (frozen asleep, other, apply *process) {
	w.Helper()
	frozen.process = w.start("worker", "job.yaml")
	apply = w.start("apply", "job.yaml", "--yes", "--engine", "temporal")
	w.awaits(60, frozen.process, apply)
	other = w.start("worker", "job.yaml")
	w.awaits(150, frozen.process, other, apply)
	frozen.signal(syscall.SIGSTOP)
	frozen.since = time.Now()
	w.accepted.resetPause()
	return frozen, other, apply
}

// wake lets it go on when it was frozen for long enough. It finds that another has its parts.
func (p asleep) wake() {
	p.Helper()
	time.Sleep(time.Until(p.since.Add(frozenFor)))
	p.Logf("while it was frozen, the longest pause between two messages was %s", p.accepted.resetPause().Round(10*time.Millisecond))
	p.signal(syscall.SIGCONT)
	p.says("was silent for too long") // its sender was ended
	if shown := p.start("show", "last"); !strings.Contains(shown.done(), "taken over from waybill worker --engine temporal") {
		p.Errorf("nobody took its parts over:\n%s", &shown.out)
	}
}

// onlyBy has the one that was frozen alone send what never left: it says so on waking, or it is in doubt.
func (w *world) onlyBy(frozen, other *process) {
	w.Helper()
	w.Logf("awake: %+v", w.lastRun().Counts)
	other.interrupt()
	other.want(0, 130)
	w.start("apply", "job.yaml", "--yes", "--engine", "temporal").want(0)
	if got := w.judge(); got != 0 {
		w.Errorf("%d are in doubt", got)
	}
	frozen.interrupt()
	frozen.want(0, 130)
}
