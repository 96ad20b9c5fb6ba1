package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/schedule"
)

// bench is a ledger of runs of which rows wait.
type bench struct {
	mu      sync.Mutex
	runs    map[string]engine.Run
	stopped map[string]bool
	begun   []string // "01:00 a"
	answer  func(run engine.Run) (time.Time, error)
}

func (b *bench) read(_ context.Context, f engine.RunFilter) iter.Seq2[engine.Run, error] {
	return func(yield func(engine.Run, error) bool) {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, r := range b.runs {
			if f.Waiting && r.WaitsUntil.IsZero() {
				continue
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (b *bench) ordered(_ context.Context, run string) (*engine.Order, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped[run] {
		return &engine.Order{Kind: engine.OrderStop}, nil
	}
	return nil, nil
}

// wait has a run wait until so long after the beginning.
func (b *bench) wait(id, job string, after time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs[id] = engine.Run{ID: id, Job: job, Status: engine.RunStopped, WaitsUntil: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(after)}
}

// serve works until it is stopped.
func (b *bench) serve(t *testing.T) (stop func()) {
	t.Helper()
	w := &schedule.Waiting{
		JobOf: func(r engine.Run) *engine.Job {
			if r.Job == "elsewhere" {
				return nil
			}
			return &engine.Job{Name: r.Job}
		},
		Runs: b.read, Ordered: b.ordered, Now: time.Now,
		Resume: func(_ context.Context, _ *engine.Job, r engine.Run) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.begun = append(b.begun, fmt.Sprintf("%s %s", time.Now().Format(time.TimeOnly), r.ID))
			var err error
			until := time.Time{}
			if b.answer != nil {
				until, err = b.answer(r)
			}
			if err == nil {
				r.WaitsUntil = until
				b.runs[r.ID] = r
			}
			return err
		},
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func (b *bench) want(t *testing.T, begun ...string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Equal(b.begun, begun) {
		t.Errorf("taken up %v, want %v", b.begun, begun)
	}
}

// TestWaiting: a run is taken up when its hour comes, whenever it began to wait, also by a process that begins later; what a person stopped,
// and whose job is not here, is not.
func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{runs: map[string]engine.Run{}, stopped: map[string]bool{"stopped": true}}
		b.wait("a", "job", time.Hour)
		b.wait("stopped", "job", time.Hour)
		b.wait("foreign", "elsewhere", time.Hour)
		stop := b.serve(t)
		time.Sleep(40 * time.Minute)
		b.wait("b", "job", 50*time.Minute+3*time.Second)
		time.Sleep(2 * time.Hour)
		stop()
		b.want(t, "00:50:03 b", "01:00:00 a")
		b.wait("c", "job", 2*time.Hour) // it is later than that
		b.wait("d", "job", time.Hour)
		stop = b.serve(t)
		time.Sleep(time.Minute)
		stop()
		b.want(t, "00:50:03 b", "01:00:00 a", "02:40:00 d", "02:40:00 c")
	})
}

// TestWaitingAgain: a run waits for a second hour, for another sender, or for somebody to mend its file.
func TestWaitingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		midnight := time.Now()
		b := &bench{runs: map[string]engine.Run{}}
		tries := map[string]int{}
		b.answer = func(r engine.Run) (time.Time, error) {
			switch tries[r.ID]++; {
			case r.ID == "twice" && tries[r.ID] == 1:
				return midnight.Add(90 * time.Minute), nil
			case r.ID == "locked" && tries[r.ID] < 3:
				return time.Time{}, &engine.LockedError{Holder: "waybill apply"}
			case r.ID == "wrong" && tries[r.ID] < 3:
				return time.Time{}, errors.New("its file is wrong")
			}
			return time.Time{}, nil
		}
		b.wait("twice", "job", time.Hour)
		b.wait("locked", "job", 2*time.Hour)
		b.wait("wrong", "job", 3*time.Hour)
		defer b.serve(t)()
		time.Sleep(4 * time.Hour)
		b.want(t, "01:00:00 twice", "01:30:00 twice", "02:00:00 locked", "02:00:05 locked", "02:00:10 locked",
			"03:00:00 wrong", "03:05:00 wrong", "03:10:00 wrong")
	})
}
