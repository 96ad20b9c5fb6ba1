package schedule

import (
	"context"
	"fmt"
	"time"

	"waybill/engine"
)

const (
	// maxSleep is the longest that the loop sleeps: the timers of a process stand still while its machine sleeps, and
	// know nothing of a clock that is set.
	maxSleep = 30 * time.Second
	// gracePeriod is how late an occurrence may start without being missed. It is more than maxSleep.
	gracePeriod = time.Minute
	// minLateness is the shortest maxLateness that a timer can keep.
	minLateness = time.Second

	superseded = "a later one came due while it waited"
)

// scheduledJob is one job of a scheduler: where its schedule stands, and what is due.
type scheduledJob struct {
	job          *engine.Job // nil once its file is gone
	seen         *engine.Job // the version that was looked at last, whether or not its schedule could be read
	cron         *Cron
	cronAndZone  string       // as Cron.String has it
	historyRead  bool         // readHistory succeeded
	decidedUntil time.Time    // what was due until then was started, queued or skipped
	queue        []Occurrence // due and not started: interrupted ones, then at most one of the schedule
	running      string       // the scope that is under way; empty: none
	retryAfter   time.Time    // nothing is started before: the ledger was another sender's, or could not be read
	waitLogged   string       // the scope of which the log says that it waits
	lastError    string       // the last error that was reported, so that it is reported once
	adopted      time.Time    // Loop.Adopted
}

// update takes a new version of the job. Times of a new schedule count from now on.
func (j *scheduledJob) update(job *engine.Job, now time.Time) error {
	j.seen = job
	c, err := cronOf(job)
	if err != nil {
		return err
	}
	if key := c.String(); j.cronAndZone != key {
		if j.cronAndZone != "" && j.decidedUntil.Before(now) {
			j.decidedUntil = now
		}
		j.cronAndZone = key
	}
	j.job, j.cron = job, c
	return nil
}

// readHistory asks the ledger where the schedule stood.
func (j *scheduledJob) readHistory(ctx context.Context, runs Runs, now time.Time) error {
	unfinished, err := runs.unfinished(ctx, j.job.Name)
	if err != nil {
		return err
	}
	last, err := runs.last(ctx, j.job.Name)
	if err != nil {
		return err
	}
	j.decidedUntil = now
	if !last.At.IsZero() {
		j.decidedUntil = last.At
	}
	j.queue, j.historyRead = unfinished, true
	return nil
}

// collectDue puts the latest occurrence that came due into the queue, and returns those that will not run.
func (j *scheduledJob) collectDue(now time.Time) []Skip {
	if j.decidedUntil.After(now) {
		j.decidedUntil = now // the clock was set back; what ran already is found in the ledger
	}
	latest, ok := j.cron.latest(j.decidedUntil, now)
	if !ok {
		return nil
	}
	var skipped []Skip
	if before, more := j.cron.latest(j.decidedUntil, latest.at.Add(-1)); more {
		oldest, _ := j.cron.next(j.decidedUntil)
		skipped = append(skipped, Skip{
			First: j.cron.occurrence(j.job.Name, oldest), Last: j.cron.occurrence(j.job.Name, before),
			Count: j.cron.count(j.decidedUntil, before.at), Reason: "a later one was due as well",
		})
	}
	j.decidedUntil = latest.at
	return append(skipped, j.enqueue(j.cron.occurrence(j.job.Name, latest), now)...)
}

// enqueue puts an occurrence at the end of the queue, in the place of an older one of the schedule, or skips it.
func (j *scheduledJob) enqueue(o Occurrence, now time.Time) []Skip {
	if o.Scope == j.running {
		return nil
	}
	for _, other := range j.queue {
		if other.Scope == o.Scope {
			return nil
		}
	}
	if j.running != "" && j.job.Schedule.Missed != "run" {
		return []Skip{skipOne(o, "the one before still ran, and missed is skip")}
	}
	if reason := j.tooLate(o, now); reason != "" {
		return []Skip{skipOne(o, reason)}
	}
	var skipped []Skip
	if n := len(j.queue); n > 0 && !j.queue[n-1].begun() {
		skipped = append(skipped, skipOne(j.queue[n-1], superseded))
		j.queue = j.queue[:n-1]
	}
	j.queue = append(j.queue, o)
	return skipped
}

// tooLate returns why it is too late for an occurrence, or why nobody knows whether it ran; "" when it may run.
func (j *scheduledJob) tooLate(o Occurrence, now time.Time) string {
	if o.Resume == nil && !o.At.After(j.adopted) {
		return "it was due before the ledger was adopted, and may have run in the time that is lost"
	}
	late := now.Sub(o.At).Round(time.Second)
	if most := j.job.Schedule.MaxLateness; most > 0 && now.Sub(o.At) > max(most, minLateness) {
		return fmt.Sprintf("it is %s late, and maxLateness is %s", late, most)
	}
	if j.job.Schedule.Missed != "run" && o.Resume == nil && !o.attempted && now.Sub(o.At) > gracePeriod {
		return fmt.Sprintf("it is %s late, and missed is skip", late)
	}
	return ""
}

// dequeue takes the occurrence off the queue that is to be started now; nil: none.
func (j *scheduledJob) dequeue(now time.Time) (*Occurrence, []Skip) {
	var skipped []Skip
	for j.running == "" && len(j.queue) > 0 && !j.backingOff(now) {
		o := j.queue[0]
		j.queue = j.queue[1:]
		reason := j.tooLate(o, now)
		if reason == "" {
			return &o, skipped
		}
		skipped = append(skipped, skipOne(o, reason))
	}
	return nil, skipped
}

// backingOff says whether retryAfter is still to come. A clock that was set back does not prolong the wait.
func (j *scheduledJob) backingOff(now time.Time) bool {
	rest := j.retryAfter.Sub(now)
	return rest > 0 && rest <= maxSleep
}

// requeue puts an occurrence at the head of the queue. Of those that have no run only the latest is queued.
func (j *scheduledJob) requeue(o Occurrence) []Skip {
	o.attempted = true
	if n := len(j.queue); !o.begun() && n > 0 && !j.queue[n-1].begun() {
		return []Skip{skipOne(o, superseded)}
	}
	j.queue = append([]Occurrence{o}, j.queue...)
	return nil
}

// remove empties the queue of a job that is gone.
func (j *scheduledJob) remove() []Skip {
	var skipped []Skip
	for _, o := range j.queue {
		skipped = append(skipped, skipOne(o, "its job is gone"))
	}
	j.queue, j.job, j.seen = nil, nil, nil
	return skipped
}

func skipOne(o Occurrence, reason string) Skip {
	return Skip{First: o, Last: o, Count: 1, Reason: reason}
}
