package schedule

import (
	"context"
	"log/slog"
	"time"

	"waybill/engine"
)

// Loop starts jobs when they are due. Jobs, Start, Runs and Now are required; the rest may be zero.
type Loop struct {
	// Jobs returns the jobs as they are now, with or without a schedule: Files.Jobs. Of two of one name the first counts.
	Jobs func() []*engine.Job
	// Changed wakes the loop when Jobs returns something new. nil: it looks at least every half minute.
	Changed <-chan struct{}
	// Start executes one occurrence and returns when that is over: engine.ModeServe, the occurrence's Scope, and its
	// Resume. How the run ended is in the ledger; an error means that it did not begin, or that the ledger failed. An
	// *engine.LockedError lets the occurrence wait for the other sender; any other is reported, and the occurrence is
	// over. When ctx ends, Start is to return soon: what it leaves unfinished is taken up after the next start. It is
	// called by many goroutines, for a job by one at a time.
	Start func(ctx context.Context, job *engine.Job, o Occurrence) error
	// Runs reads the ledger: engine.Reader's method.
	Runs Runs
	// Now is the clock. Where it jumps, the loop follows within half a minute.
	Now func() time.Time
	// Adopted is when the ledger was adopted, since it had gone back in time: what was due until then and has no run is skipped. Zero: never.
	Adopted time.Time
	// Log gets what is started, skipped and broken. nil: nothing is logged.
	Log *slog.Logger
	// Skipped is called with occurrences that were due and do not run. It must be quick. nil: it is not called.
	Skipped func(Skip)
}

// Run starts what is due until ctx ends, waits for what is under way, and returns nil. It may be called once at a
// time; the Loop itself is not changed.
func (l *Loop) Run(ctx context.Context) error {
	s := &scheduler{Loop: l, log: l.Log, changed: l.Changed, jobs: map[string]*scheduledJob{}, completed: make(chan completion)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	for ctx.Err() == nil {
		s.tick(ctx)
		s.sleep(ctx)
	}
	for s.underWay > 0 {
		s.complete(ctx, <-s.completed)
	}
	return nil
}
