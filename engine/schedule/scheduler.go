package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"waybill/engine"
)

// scheduler is a Loop at work. One goroutine decides everything.
type scheduler struct {
	*Loop
	log       *slog.Logger
	changed   <-chan struct{}
	jobs      map[string]*scheduledJob // by the job's name
	order     []string                 // names, as they were first seen
	underWay  int                      // calls of Start that have not returned
	completed chan completion
}

// completion tells that Start returned.
type completion struct {
	job        *scheduledJob
	occurrence Occurrence
	err        error
}

// wallClock returns the time without Go's monotonic reading, with which the difference of two times would not count the
// hours that the machine slept.
func (s *scheduler) wallClock() time.Time { return s.Now().Round(0) }

// sleep sleeps until the next occurrence, and no longer than maxSleep.
func (s *scheduler) sleep(ctx context.Context) {
	now := s.wallClock()
	nap := maxSleep
	for _, j := range s.jobs {
		if j.job == nil || !j.historyRead {
			continue
		}
		if next, ok := j.cron.next(j.decidedUntil); ok { // not from now: one may have come due since the last tick
			nap = min(nap, next.at.Sub(now))
		}
		if len(j.queue) > 0 && j.running == "" && j.backingOff(now) {
			nap = min(nap, j.retryAfter.Sub(now))
		}
	}
	timer := time.NewTimer(nap)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case end := <-s.completed:
		s.complete(ctx, end)
	case _, ok := <-s.changed:
		if !ok {
			s.changed = nil
		}
	}
}

// tick starts what is due of every job.
func (s *scheduler) tick(ctx context.Context) {
	s.updateJobs(s.wallClock())
	for _, name := range s.order {
		j := s.jobs[name]
		if j.job == nil || !s.knowsHistory(ctx, j) {
			continue
		}
		now := s.wallClock()
		s.reportSkipped(now, j.collectDue(now))
		s.startDue(ctx, j, now)
	}
}

// updateJobs brings the scheduled jobs up to date with what Jobs returns.
func (s *scheduler) updateJobs(now time.Time) {
	there := map[string]bool{}
	for _, job := range s.Jobs() {
		if job.Schedule == nil || there[job.Name] {
			continue
		}
		there[job.Name] = true
		j := s.jobs[job.Name]
		if j == nil {
			j = &scheduledJob{adopted: s.Adopted}
			s.jobs[job.Name] = j
			s.order = append(s.order, job.Name)
		}
		if j.seen == job {
			continue
		}
		if err := j.update(job, now); err != nil {
			s.reportError(j, job.Name, err)
		}
	}
	for name, j := range s.jobs {
		if !there[name] && j.seen != nil {
			s.reportSkipped(now, j.remove())
		}
	}
}

// knowsHistory reads from the ledger where the schedule stood before, once. It returns false when that failed: the next tick
// tries again.
func (s *scheduler) knowsHistory(ctx context.Context, j *scheduledJob) bool {
	if j.historyRead {
		return true
	}
	if err := j.readHistory(ctx, s.Runs, s.wallClock()); err != nil {
		s.reportError(j, j.job.Name, err)
		return false
	}
	j.lastError = ""
	return true
}

// startDue starts the job's next due occurrence, unless that has a finished run.
func (s *scheduler) startDue(ctx context.Context, j *scheduledJob, now time.Time) {
	for {
		o, skipped := j.dequeue(now)
		s.reportSkipped(now, skipped)
		if o == nil {
			return
		}
		done, unfinished, err := s.Runs.finished(ctx, *o)
		if err != nil {
			s.reportSkipped(now, j.requeue(*o))
			j.retryAfter = now.Add(maxSleep)
			s.reportError(j, o.Job, err)
			return
		}
		j.lastError = ""
		if done {
			s.log.LogAttrs(ctx, slog.LevelDebug, "occurrence ran already", logAttrs(*o)...)
			continue
		}
		o.Resume, o.cut = unfinished, false
		if n := len(j.queue); !o.begun() && n > 0 && !j.queue[n-1].begun() {
			s.reportSkipped(now, []Skip{skipOne(*o, superseded)})
			continue
		}
		if j.waitLogged != o.Scope {
			s.log.LogAttrs(ctx, slog.LevelInfo, "occurrence started", append(logAttrs(*o), slog.Bool("resumed", o.Resume != nil))...)
		}
		j.running = o.Scope
		s.underWay++
		go func(job *engine.Job) {
			s.completed <- completion{j, *o, s.Start(ctx, job, *o)}
		}(j.job)
		return
	}
}

// complete takes note that Start returned: the occurrence is over, or has to wait for another sender or for the ledger.
func (s *scheduler) complete(ctx context.Context, end completion) {
	s.underWay--
	j, o := end.job, end.occurrence
	j.running = ""
	var locked *engine.LockedError
	switch {
	case ctx.Err() != nil && (end.err == nil || errors.Is(end.err, ctx.Err())):
	case errors.As(end.err, &locked):
		if s.postpone(j, o) {
			s.log.LogAttrs(ctx, slog.LevelInfo, "occurrence waits for another sender", append(logAttrs(o), slog.String("holder", locked.Holder))...)
		}
		return
	case passes(end.err): // nobody else goes on with what it began
		o.cut = true
		if s.postpone(j, o) {
			s.log.LogAttrs(ctx, slog.LevelError, "occurrence waits for the ledger", append(logAttrs(o), slog.String("error", end.err.Error()))...)
		}
		return
	case end.err != nil:
		s.log.LogAttrs(ctx, slog.LevelError, "occurrence failed", append(logAttrs(o), slog.String("error", end.err.Error()))...)
	default:
		s.log.LogAttrs(ctx, slog.LevelInfo, "occurrence ended", logAttrs(o)...)
	}
	j.waitLogged = ""
	for _, other := range s.jobs {
		other.retryAfter = time.Time{} // the lock may be free now
	}
}

// passes says whether what ended an occurrence is the ledger's, and passes: it is away or full, or this process was taken for dead.
func passes(err error) bool {
	return errors.Is(err, engine.ErrBusy) || errors.Is(err, engine.ErrFull) || errors.Is(err, engine.ErrNotLocked)
}

// postpone lets an occurrence wait, and says whether that is to be told: once.
func (s *scheduler) postpone(j *scheduledJob, o Occurrence) (first bool) {
	if j.job == nil {
		s.reportSkipped(s.wallClock(), []Skip{skipOne(o, "its job is gone")})
		return false
	}
	s.reportSkipped(s.wallClock(), j.requeue(o))
	j.retryAfter = s.wallClock().Add(maxSleep)
	first = j.waitLogged != o.Scope
	j.waitLogged = o.Scope
	return first
}

// reportSkipped reports what does not run.
func (s *scheduler) reportSkipped(now time.Time, skips []Skip) {
	for _, skip := range skips {
		skip.Job, skip.At = skip.First.Job, now
		attrs := append(logAttrs(skip.Last), slog.Int("count", skip.Count), slog.String("reason", skip.Reason))
		if skip.Count > 1 {
			attrs = append(attrs, slog.String("first", skip.First.Scope))
		}
		s.log.LogAttrs(context.Background(), slog.LevelWarn, "occurrence skipped", attrs...)
		if s.Skipped != nil {
			s.Skipped(skip)
		}
	}
}

// reportError reports what keeps a job from being scheduled. The same error in a row is reported once.
func (s *scheduler) reportError(j *scheduledJob, job string, err error) {
	text := fmt.Sprint(err)
	if j.lastError == text {
		return
	}
	j.lastError = text
	s.log.LogAttrs(context.Background(), slog.LevelError, "job cannot be scheduled", slog.String("job", job), slog.String("error", text))
}

func logAttrs(o Occurrence) []slog.Attr {
	return []slog.Attr{slog.String("job", o.Job), slog.String("scope", o.Scope), slog.Time("due", o.At)}
}
