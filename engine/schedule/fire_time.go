package schedule

import "time"

// fireTime is one time of a schedule: what the clock on the wall was to show, and at which instant that is.
type fireTime struct {
	at   time.Time // UTC
	wall time.Time // the wall clock, written as a time in UTC
	kind clockChange
}

// clockChange says what a change of the clock made of a time.
type clockChange uint8

const (
	unaffected clockChange = iota
	inGap                  // the clock leaves it out
	firstPass              // the clock shows it twice: this is the first pass
	secondPass             // this is the second
)

// next returns the first time after that instant.
func (c *Cron) next(after time.Time) (fireTime, bool) {
	p := periodAt(c.zone, after)
	// A zone changes its clock up to four times a year; periods end with years, too.
	for range 8 * searchYears {
		if f, ok := c.nextInPeriod(p, after); ok {
			return f, true
		}
		if p.end.IsZero() {
			break
		}
		p = periodAt(c.zone, p.end)
		if after.Before(p.start) {
			after = p.start.Add(-1)
		}
	}
	return fireTime{}, false
}

// latest returns the last time after from and no later than to. It looks back in growing strides, so that years of a
// schedule by the minute cost no more than a day of it.
func (c *Cron) latest(from, to time.Time) (fireTime, bool) {
	for stride := time.Minute; ; stride *= 4 {
		start := from
		if to.Sub(from) > stride {
			start = to.Add(-stride)
		}
		var last fireTime
		found := false
		for f, ok := c.next(start); ok && !f.at.After(to); f, ok = c.next(f.at) {
			last, found = f, true
		}
		if found || start.Equal(from) {
			return last, found
		}
	}
}

// maxCounted is the most that count returns.
const maxCounted = 10_000

// count counts the times after from and no later than to, up to maxCounted.
func (c *Cron) count(from, to time.Time) int {
	n := 0
	for f, ok := c.next(from); ok && !f.at.After(to) && n < maxCounted; f, ok = c.next(f.at) {
		n++
	}
	return n
}

// nextInPeriod returns the period's first time after that instant.
func (c *Cron) nextInPeriod(p period, after time.Time) (fireTime, bool) {
	shown, ok := c.nextShown(p, after)
	gap, found := c.nextInGap(p, after)
	if found && (!ok || gap.at.Before(shown.at)) {
		return gap, true
	}
	return shown, ok
}

// nextShown returns the first time that the clock shows in the period.
func (c *Cron) nextShown(p period, after time.Time) (fireTime, bool) {
	for {
		wall := c.fields.Next(after.UTC().Add(p.offset))
		at := wall.Add(-p.offset)
		if wall.IsZero() || !p.contains(at) {
			return fireTime{}, false
		}
		f := fireTime{at: at, wall: wall, kind: p.kind(at)}
		if f.kind != secondPass || c.repeats {
			return f, true
		}
		after = p.start.Add(p.before - p.offset).Add(-1) // past what the clock repeats
	}
}

// nextInGap returns the first of the times that the clock left out at the period's start. They come when they would
// have come by the clock before.
func (c *Cron) nextInGap(p period, after time.Time) (fireTime, bool) {
	if p.start.IsZero() || p.offset <= p.before {
		return fireTime{}, false
	}
	wall := c.fields.Next(after.UTC().Add(p.before))
	at := wall.Add(-p.before)
	if wall.IsZero() || !p.contains(at) || !at.Before(p.start.Add(p.offset-p.before)) {
		return fireTime{}, false
	}
	return fireTime{at: at, wall: wall, kind: inGap}, true
}
