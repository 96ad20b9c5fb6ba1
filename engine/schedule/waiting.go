package schedule

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"waybill/engine"
)

const (
	// lockedSleep is how long a run whose hour has come waits for another sender before it tries again.
	lockedSleep = 5 * time.Second
	// failedSleep is how long one waits that could not be taken up.
	failedSleep = 5 * time.Minute
)

// Waiting takes up runs of which messages wait, whatever command made them, when their hour comes: one after the other. All fields but Log
// are required.
//
// It stands beside Loop, and neither keeps the other from its times: what they start is the sender of the ledger in turn, and who finds it
// taken waits. So an occurrence that comes due while a run is taken up is not missed.
type Waiting struct {
	// JobOf returns the job as it is now that a run is of; nil: it is not here.
	JobOf func(run engine.Run) *engine.Job
	// Resume takes a run up and returns when that is over. An *engine.LockedError lets it wait for the other sender; after an
	// *engine.TakenUpError it is looked for again, as another serve has it; after any other it is tried again some minutes later.
	Resume func(ctx context.Context, job *engine.Job, run engine.Run) error
	// Runs and Ordered read the ledger: engine.Reader's methods. What a person stopped or cancelled is left to people.
	Runs    Runs
	Ordered func(ctx context.Context, run string) (*engine.Order, error)
	Now     func() time.Time
	Log     *slog.Logger // nil: nothing is logged
}

// Run takes runs up until ctx ends, waits for the one that is under way, and returns nil.
func (w *Waiting) Run(ctx context.Context) error {
	s := &waiter{Waiting: w, log: w.Log, tried: map[string]try{}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	for ctx.Err() == nil {
		timer := time.NewTimer(s.tick(ctx))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// waiter is a Waiting at work.
type waiter struct {
	*Waiting
	log   *slog.Logger
	tried map[string]try // by the id of the run
	said  string         // of the ledger's last error, so that it is said once
}

// try is that a run was to be taken up.
type try struct {
	until time.Time // for which hour
	again time.Time // not before
	said  string
}

// tick takes up what is due, and returns when to look again.
func (s *waiter) tick(ctx context.Context) time.Duration {
	runs, err := s.waiting(ctx)
	if err != nil {
		if text := err.Error(); ctx.Err() == nil && s.said != text {
			s.said = text
			s.log.LogAttrs(ctx, slog.LevelError, "cannot look which runs wait", slog.String("error", text))
		}
		return maxSleep
	}
	s.said = ""
	tried := map[string]try{}
	nap := maxSleep
	for _, run := range runs {
		if ctx.Err() != nil {
			break
		}
		before, now := s.tried[run.ID], s.Now().Round(0)
		due := run.WaitsUntil
		if before.until.Equal(due) && before.again.After(due) {
			due = before.again
		}
		if due.After(now) {
			tried[run.ID], nap = before, min(nap, due.Sub(now))
			continue
		}
		if after, ok := s.takeUp(ctx, run, before); ok {
			tried[run.ID], nap = after, min(nap, max(0, after.again.Sub(s.Now().Round(0))))
		}
	}
	s.tried = tried
	return nap
}

// waiting are the runs of which messages wait, those whose hour comes first before others.
func (s *waiter) waiting(ctx context.Context) ([]engine.Run, error) {
	var runs []engine.Run
	for run, err := range s.Runs(ctx, engine.RunFilter{Waiting: true}) {
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	slices.SortFunc(runs, func(a, b engine.Run) int {
		return cmp.Or(a.WaitsUntil.Compare(b.WaitsUntil), cmp.Compare(a.ID, b.ID))
	})
	return runs, nil
}

// takeUp takes up one run. It is false for one that is not to be taken up here.
func (s *waiter) takeUp(ctx context.Context, run engine.Run, before try) (try, bool) {
	job := s.JobOf(run)
	if job == nil {
		return try{}, false
	}
	attrs := []slog.Attr{slog.String("run", run.ID), slog.String("job", run.Job), slog.Time("due", run.WaitsUntil)}
	order, err := s.Ordered(ctx, run.ID)
	if err == nil && order != nil {
		return try{}, false
	}
	if err == nil {
		s.log.LogAttrs(ctx, slog.LevelDebug, "run taken up: what of it waited may go", attrs...)
		err = s.Resume(ctx, job, run)
	}
	after := try{until: run.WaitsUntil, again: s.Now().Round(0).Add(lockedSleep)}
	if !after.until.Equal(before.until) {
		before = try{}
	}
	locked, isLocked := errors.AsType[*engine.LockedError](err)
	_, isTaken := errors.AsType[*engine.TakenUpError](err)
	switch {
	case err == nil || ctx.Err() != nil || isTaken:
	case isLocked:
		if after.said = "locked"; before.said != after.said {
			s.log.LogAttrs(ctx, slog.LevelInfo, "run waits for another sender", append(attrs, slog.String("holder", locked.Holder))...)
		}
	default:
		after.again = s.Now().Round(0).Add(failedSleep)
		if after.said = err.Error(); before.said != after.said {
			s.log.LogAttrs(ctx, slog.LevelError, "run cannot be taken up, and is tried again every few minutes", append(attrs, slog.String("error", after.said))...)
		}
	}
	return after, true
}
