package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"waybill/engine"
)

// Loop starts jobs when they are due. Jobs, Start, Runs and Now are required; the rest may be zero.
type Loop struct {
	// Jobs gives the jobs as they are now, with or without a schedule: Files.Jobs. Of two of one name the first counts.
	Jobs func() []*engine.Job
	// Changed wakes the loop when Jobs gives something new. nil: it looks at least every half minute.
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
	// Log is told what is started, skipped and broken. nil: nobody is.
	Log *slog.Logger
	// Skipped is told of occurrences that were due and do not run, beside Log. It must be quick. nil: nobody is.
	Skipped func(Skip)
}

// Run starts what is due until ctx ends, waits for what is under way, and returns nil. It may be called once at a
// time; the Loop itself is not changed.
func (l *Loop) Run(ctx context.Context) error {
	r := &rounds{Loop: l, log: l.Log, changed: l.Changed, entries: map[string]*entry{}, ended: make(chan ending)}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	for ctx.Err() == nil {
		r.round(ctx)
		r.wait(ctx)
	}
	for r.underWay > 0 {
		r.end(ctx, <-r.ended)
	}
	return nil
}

// rounds is a Loop at work. One goroutine decides everything.
type rounds struct {
	*Loop
	log      *slog.Logger
	changed  <-chan struct{}
	entries  map[string]*entry // by the job's name
	order    []string
	underWay int
	ended    chan ending
}

// ending tells that Start returned.
type ending struct {
	entry      *entry
	occurrence Occurrence
	err        error
}

// clock gives the time on the wall: with Go's monotonic reading in it, the difference of two times would not count
// the hours that the machine slept.
func (r *rounds) clock() time.Time { return r.Now().Round(0) }

// wait sleeps until the next occurrence, and no longer than recheck.
func (r *rounds) wait(ctx context.Context) {
	now := r.clock()
	nap := recheck
	for _, e := range r.entries {
		if e.job == nil || !e.known {
			continue
		}
		if next, ok := e.cron.next(e.after); ok { // not from now: one may have come due since the round
			nap = min(nap, next.at.Sub(now))
		}
		if len(e.queue) > 0 && e.running == "" && e.resting(now) {
			nap = min(nap, e.patient.Sub(now))
		}
	}
	timer := time.NewTimer(nap)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case e := <-r.ended:
		r.end(ctx, e)
	case _, ok := <-r.changed:
		if !ok {
			r.changed = nil
		}
	}
}

// round looks at every job once.
func (r *rounds) round(ctx context.Context) {
	r.adopt(r.clock())
	for _, name := range r.order {
		e := r.entries[name]
		if e.job == nil || !r.ready(ctx, e) {
			continue
		}
		now := r.clock()
		r.skipped(now, e.advance(now))
		r.start(ctx, e, now)
	}
}

// adopt brings the entries up to the jobs as they are now.
func (r *rounds) adopt(now time.Time) {
	there := map[string]bool{}
	for _, job := range r.Jobs() {
		if job.Schedule == nil || there[job.Name] {
			continue
		}
		there[job.Name] = true
		e := r.entries[job.Name]
		if e == nil {
			e = &entry{}
			r.entries[job.Name] = e
			r.order = append(r.order, job.Name)
		}
		if e.version == job {
			continue
		}
		if err := e.adopt(job, now); err != nil {
			r.trouble(e, job.Name, err)
		}
	}
	for name, e := range r.entries {
		if !there[name] && e.version != nil {
			r.skipped(now, e.drop())
		}
	}
}

// ready says whether it is known where the schedule stood before. A ledger that cannot be read is asked again in the
// next round.
func (r *rounds) ready(ctx context.Context, e *entry) bool {
	if e.known {
		return true
	}
	if err := e.recall(ctx, r.Runs, r.clock()); err != nil {
		r.trouble(e, e.job.Name, err)
		return false
	}
	e.trouble = ""
	return true
}

// start starts what is the job's turn, unless it ran already.
func (r *rounds) start(ctx context.Context, e *entry, now time.Time) {
	for {
		o, skipped := e.pick(now)
		r.skipped(now, skipped)
		if o == nil {
			return
		}
		done, open, err := r.Runs.finished(ctx, *o)
		if err != nil {
			r.skipped(now, e.putBack(*o))
			e.patient = now.Add(recheck)
			r.trouble(e, o.Job, err)
			return
		}
		e.trouble = ""
		if done {
			r.log.LogAttrs(ctx, slog.LevelDebug, "occurrence ran already", about(*o)...)
			continue
		}
		o.Resume = open
		if e.waits != o.Scope {
			r.log.LogAttrs(ctx, slog.LevelInfo, "occurrence started", append(about(*o), slog.Bool("resumed", o.Resume != nil))...)
		}
		e.running = o.Scope
		r.underWay++
		go func(job *engine.Job) {
			r.ended <- ending{e, *o, r.Start(ctx, job, *o)}
		}(e.job)
		return
	}
}

// end takes note that an occurrence is over, or has to wait for another sender.
func (r *rounds) end(ctx context.Context, end ending) {
	r.underWay--
	e, o := end.entry, end.occurrence
	e.running = ""
	var locked *engine.LockedError
	switch {
	case ctx.Err() != nil && (end.err == nil || errors.Is(end.err, ctx.Err())):
	case errors.As(end.err, &locked):
		if e.job == nil {
			r.skipped(r.clock(), []Skip{one(o, "its job is gone")})
			return
		}
		r.skipped(r.clock(), e.putBack(o))
		e.patient = r.clock().Add(recheck)
		if e.waits != o.Scope {
			e.waits = o.Scope
			r.log.LogAttrs(ctx, slog.LevelInfo, "occurrence waits for another sender", append(about(o), slog.String("holder", locked.Holder))...)
		}
		return
	case end.err != nil:
		r.log.LogAttrs(ctx, slog.LevelError, "occurrence failed", append(about(o), slog.String("error", end.err.Error()))...)
	default:
		r.log.LogAttrs(ctx, slog.LevelInfo, "occurrence ended", about(o)...)
	}
	e.waits = ""
	for _, other := range r.entries {
		other.patient = time.Time{} // the lock may be free now
	}
}

// skipped reports what does not run.
func (r *rounds) skipped(now time.Time, skips []Skip) {
	for _, s := range skips {
		s.Job, s.At = s.First.Job, now
		attrs := append(about(s.Last), slog.Int("count", s.Count), slog.String("reason", s.Reason))
		if s.Count > 1 {
			attrs = append(attrs, slog.String("first", s.First.Scope))
		}
		r.log.LogAttrs(context.Background(), slog.LevelWarn, "occurrence skipped", attrs...)
		if r.Skipped != nil {
			r.Skipped(s)
		}
	}
}

// trouble reports what keeps a job from being scheduled, each trouble once.
func (r *rounds) trouble(e *entry, job string, err error) {
	text := fmt.Sprint(err)
	if e.trouble == text {
		return
	}
	e.trouble = text
	r.log.LogAttrs(context.Background(), slog.LevelError, "job cannot be scheduled", slog.String("job", job), slog.String("error", text))
}

func about(o Occurrence) []slog.Attr {
	return []slog.Attr{slog.String("job", o.Job), slog.String("scope", o.Scope), slog.Time("due", o.At)}
}
