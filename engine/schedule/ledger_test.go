package schedule_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/ledger"
	"waybill/engine/schedule"
)

// office is a process that serves jobs on a real ledger, as the engine does it: lock, start, finish.
type office struct {
	*ledger.Ledger
	b      *book
	number string
	killed bool // the process dies before it writes down how its runs end
	begun  []string
}

func openOffice(t *testing.T, b *book, path, number string) *office {
	t.Helper()
	l, err := ledger.Open(path, ledger.Options{Now: b.now, MinFree: 1})
	if err != nil {
		t.Fatal(err)
	}
	return &office{Ledger: l, b: b, number: number}
}

func (o *office) execute(ctx context.Context, job *engine.Job, due schedule.Occurrence) (err error) {
	release, err := o.Lock(ctx, "waybill serve "+o.number)
	if err != nil {
		return err
	}
	defer func() { err = release() }()
	run := engine.Run{
		ID: fmt.Sprintf("%s-%s-%d", o.number, job.Name, len(o.begun)), Job: job.Name, Mode: engine.ModeServe, Scope: due.Scope,
		StartedAt: o.b.now(),
	}
	if due.Resume != nil {
		run = *due.Resume
		run.Resumes++
	}
	o.begun = append(o.begun, run.ID+" "+due.Scope)
	if err := o.StartRun(ctx, run); err != nil {
		return err
	}
	if o.killed {
		return nil
	}
	time.Sleep(5 * time.Minute)
	run.Status, run.FinishedAt = engine.RunSucceeded, o.b.now()
	return o.FinishRun(context.WithoutCancel(ctx), run, nil)
}

// serve runs a loop on the ledger; stop ends both.
func (o *office) serve(t *testing.T, jobs ...*engine.Job) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	loop := &schedule.Loop{
		Jobs: func() []*engine.Job { return jobs }, Runs: o.Runs, Now: o.b.now,
		Start: func(ctx context.Context, j *engine.Job, due schedule.Occurrence) error { return o.execute(ctx, j, due) },
	}
	done := make(chan error, 1)
	go func() { done <- loop.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := o.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}

// On a real ledger: a killed process's occurrence is taken up by the next under its scope and its run; two processes
// on one file make one run of each occurrence.
func TestOnTheLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	bubble(t, "2026-10-25 01:59:00", func(t *testing.T, b *book) {
		t.Helper()
		night := job(t, "night", "30 2 * * *", "run", 0)
		first := openOffice(t, b, path, "first")
		first.killed = true
		stop := first.serve(t, night)
		time.Sleep(32 * time.Minute)
		stop()
		second, third := openOffice(t, b, path, "second"), openOffice(t, b, path, "third")
		stops := []func(){second.serve(t, night), third.serve(t, night)}
		time.Sleep(26 * time.Hour)
		for _, stop := range stops {
			stop()
		}
		const again = "first-night-0 schedule/2026-10-25T02:30[Europe/Madrid]"
		if got := strings.Join(first.begun, ", "); got != again {
			t.Errorf("first: got %s", got)
		}
		begun := strings.Join(append(second.begun, third.begun...), "\n")
		if strings.Count(begun, "\n") != 1 || strings.Count(begun, again) != 1 ||
			strings.Count(begun, "2026-10-26T02:30[Europe/Madrid]") != 1 {
			t.Errorf("second and third: got\n%s", begun)
		}
	})
}
