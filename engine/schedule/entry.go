package schedule

import (
	"context"
	"fmt"
	"time"

	"waybill/engine"
)

const (
	// recheck is the longest that the loop sleeps: the timers of a process stand still while its machine sleeps, and
	// know nothing of a clock that is set.
	recheck = 30 * time.Second
	// onTime is how late an occurrence may start without being missed. It is more than recheck.
	onTime = time.Minute
	// leastLateness is the shortest maxLateness that a timer can keep.
	leastLateness = time.Second

	superseded = "a later one came due while it waited"
)

// entry is one job in the loop.
type entry struct {
	job     *engine.Job // nil once its file is gone
	version *engine.Job // the last one that was looked at, good or bad
	cron    *Cron
	key     string       // of cron and zone
	known   bool         // the ledger was asked
	after   time.Time    // what was due until then is decided
	queue   []Occurrence // due and not started: interrupted ones, then at most one of the schedule
	running string       // the scope that is under way; empty: none
	patient time.Time    // not tried before: the ledger was another sender's
	waits   string       // the scope of which it was said that it waits
	trouble string       // the last error that was reported, so that it is reported once
}

// adopt takes a new version of the job. Times of a new schedule count from now on.
func (e *entry) adopt(job *engine.Job, now time.Time) error {
	e.version = job
	c, err := Parse(job.Schedule.Cron, job.Schedule.Zone)
	if err != nil {
		return fmt.Errorf("schedule of job %s: %w", job.Name, err)
	}
	if key := c.String(); e.key != key {
		if e.key != "" && e.after.Before(now) {
			e.after = now
		}
		e.key = key
	}
	e.job, e.cron = job, c
	return nil
}

// recall asks the ledger where the schedule stood.
func (e *entry) recall(ctx context.Context, runs Runs, now time.Time) error {
	open, err := runs.open(ctx, e.job.Name)
	if err != nil {
		return err
	}
	last, err := runs.last(ctx, e.job.Name)
	if err != nil {
		return err
	}
	e.after = now
	if !last.At.IsZero() {
		e.after = last.At
	}
	e.queue, e.known = open, true
	return nil
}

// advance puts the latest occurrence that came due into the queue, and gives those that will not run.
func (e *entry) advance(now time.Time) []Skip {
	if e.after.After(now) {
		e.after = now // the clock was set back; what ran already is found in the ledger
	}
	latest, ok := e.cron.latest(e.after, now)
	if !ok {
		return nil
	}
	var skipped []Skip
	if before, more := e.cron.latest(e.after, latest.at.Add(-1)); more {
		oldest, _ := e.cron.next(e.after)
		skipped = append(skipped, Skip{
			First: e.cron.occurrence(e.job.Name, oldest), Last: e.cron.occurrence(e.job.Name, before),
			Count: e.cron.count(e.after, before.at), Reason: "a later one was due as well",
		})
	}
	e.after = latest.at
	return append(skipped, e.enqueue(e.cron.occurrence(e.job.Name, latest), now)...)
}

// enqueue lets an occurrence wait for its turn, in the place of an older one of the schedule, or skips it.
func (e *entry) enqueue(o Occurrence, now time.Time) []Skip {
	if o.Scope == e.running {
		return nil
	}
	for _, other := range e.queue {
		if other.Scope == o.Scope {
			return nil
		}
	}
	if e.running != "" && e.job.Schedule.Missed != "run" {
		return []Skip{one(o, "the one before still ran, and missed is skip")}
	}
	if reason := e.late(o, now); reason != "" {
		return []Skip{one(o, reason)}
	}
	var skipped []Skip
	if n := len(e.queue); n > 0 && e.queue[n-1].Resume == nil {
		skipped = append(skipped, one(e.queue[n-1], superseded))
		e.queue = e.queue[:n-1]
	}
	e.queue = append(e.queue, o)
	return skipped
}

// late says why it is too late for an occurrence; "" when it is not.
func (e *entry) late(o Occurrence, now time.Time) string {
	late := now.Sub(o.At).Round(time.Second)
	if most := e.job.Schedule.MaxLateness; most > 0 && now.Sub(o.At) > max(most, leastLateness) {
		return fmt.Sprintf("it is %s late, and maxLateness is %s", late, most)
	}
	if e.job.Schedule.Missed != "run" && o.Resume == nil && !o.tried && now.Sub(o.At) > onTime {
		return fmt.Sprintf("it is %s late, and missed is skip", late)
	}
	return ""
}

// pick takes the occurrence off the queue that is to be started now; nil: none.
func (e *entry) pick(now time.Time) (*Occurrence, []Skip) {
	var skipped []Skip
	for e.running == "" && len(e.queue) > 0 && !e.resting(now) {
		o := e.queue[0]
		e.queue = e.queue[1:]
		reason := e.late(o, now)
		if reason == "" {
			return &o, skipped
		}
		skipped = append(skipped, one(o, reason))
	}
	return nil, skipped
}

// resting says that the ledger was in use a moment ago. A clock that was set back does not prolong the wait.
func (e *entry) resting(now time.Time) bool {
	rest := e.patient.Sub(now)
	return rest > 0 && rest <= recheck
}

// putBack lets an occurrence be the next again. Of the schedule's own, the later one alone waits.
func (e *entry) putBack(o Occurrence) []Skip {
	o.tried = true
	if n := len(e.queue); o.Resume == nil && n > 0 && e.queue[n-1].Resume == nil {
		return []Skip{one(o, superseded)}
	}
	e.queue = append([]Occurrence{o}, e.queue...)
	return nil
}

// drop empties the queue of a job that is gone.
func (e *entry) drop() []Skip {
	var skipped []Skip
	for _, o := range e.queue {
		skipped = append(skipped, one(o, "its job is gone"))
	}
	e.queue, e.job, e.version = nil, nil, nil
	return skipped
}

func one(o Occurrence, reason string) Skip {
	return Skip{First: o, Last: o, Count: 1, Reason: reason}
}
