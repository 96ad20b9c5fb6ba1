package schedule

import (
	"fmt"
	"time"

	"waybill/engine"
)

// maxListed bounds Listing.
const maxListed = 1000

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

// Listing gives the next n occurrences after an instant of each job that has a schedule, in the order of the jobs. n
// is 1 at least and 1000 at most. The error is that of the first cron expression that cannot be read.
func Listing(jobs []*engine.Job, from time.Time, n int) ([]Upcoming, error) {
	n = min(max(n, 1), maxListed)
	var all []Upcoming
	for _, job := range jobs {
		if job.Schedule == nil {
			continue
		}
		c, err := Parse(job.Schedule.Cron, job.Schedule.Zone)
		if err != nil {
			return nil, fmt.Errorf("schedule of job %s: %w", job.Name, err)
		}
		u := Upcoming{Job: job.Name, Cron: c.spec, Zone: c.zone.String()}
		after := from
		for range n {
			s, ok := c.next(after)
			if !ok {
				break
			}
			after = s.at
			u.Times = append(u.Times, Time{Local: s.at.In(c.zone), UTC: s.at, Scope: scope(s, c.zone), Note: c.note(s)})
		}
		all = append(all, u)
	}
	return all, nil
}

// note says what a change of the clock does to a slot.
func (c *Cron) note(s slot) string {
	const clock = "15:04"
	p := periodAt(c.zone, s.at)
	switch s.kind {
	case moved:
		return fmt.Sprintf("there is no %s that day: the clock goes from %s to %s",
			s.wall.Format(clock), p.start.UTC().Add(p.before).Format(clock), p.start.In(c.zone).Format(clock))
	case first:
		if !c.open {
			return fmt.Sprintf("%s comes twice that day: it runs at the first alone", s.wall.Format(clock))
		}
		return fmt.Sprintf("%s comes twice that day: the first", s.wall.Format(clock))
	case again:
		return fmt.Sprintf("%s comes twice that day: the second", s.wall.Format(clock))
	case plain:
	}
	return ""
}
