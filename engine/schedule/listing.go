package schedule

import (
	"fmt"
	"time"

	"waybill/engine"
)

// maxListed bounds Listing.
const maxListed = 1000

// Layout shows a time on a job's own clock.
const Layout = "Mon 2006-01-02 15:04 MST"

// Upcoming is the next times of one job.
type Upcoming struct {
	Job   string
	Cron  string
	Zone  string
	Times []Time
}

// Time is one of them, on two clocks.
type Time struct {
	Local time.Time // in the job's zone
	UTC   time.Time
	Scope string
	Note  string // what a change of the clock does to it; empty: nothing
}

// Listing returns the next n occurrences after an instant of each job that has a schedule, in the order of the jobs. n
// is 1 at least and 1000 at most. The error is that of the first cron expression that cannot be read.
func Listing(jobs []*engine.Job, from time.Time, n int) ([]Upcoming, error) {
	n = min(max(n, 1), maxListed)
	var all []Upcoming
	for _, job := range jobs {
		if job.Schedule == nil {
			continue
		}
		c, err := cronOf(job)
		if err != nil {
			return nil, err
		}
		u := Upcoming{Job: job.Name, Cron: c.spec, Zone: c.zone.String()}
		after := from
		for range n {
			f, ok := c.next(after)
			if !ok {
				break
			}
			after = f.at
			u.Times = append(u.Times, Time{Local: f.at.In(c.zone), UTC: f.at, Scope: scope(f, c.zone), Note: c.note(f)})
		}
		all = append(all, u)
	}
	return all, nil
}

// note returns what a change of the clock does to a time, in words.
func (c *Cron) note(f fireTime) string {
	const clock = "15:04"
	p := periodAt(c.zone, f.at)
	switch f.kind {
	case inGap:
		return fmt.Sprintf("there is no %s that day: the clock goes from %s to %s",
			f.wall.Format(clock), p.start.UTC().Add(p.before).Format(clock), p.start.In(c.zone).Format(clock))
	case firstPass:
		if !c.repeats {
			return fmt.Sprintf("%s comes twice that day: it runs at the first alone", f.wall.Format(clock))
		}
		return fmt.Sprintf("%s comes twice that day: the first", f.wall.Format(clock))
	case secondPass:
		return fmt.Sprintf("%s comes twice that day: the second", f.wall.Format(clock))
	case unaffected:
	}
	return ""
}
