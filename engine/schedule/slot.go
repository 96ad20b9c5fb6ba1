package schedule

import "time"

// slot is one time of a schedule: what the wall clock was to show, and when that is.
type slot struct {
	at   time.Time // UTC
	wall time.Time // the wall clock, written as a time in UTC
	kind slotKind
}

// slotKind says what a change of the clock made of a slot.
type slotKind uint8

const (
	plain slotKind = iota
	moved          // the clock leaves it out
	first          // the clock shows it twice: this is the first pass
	again          // this is the second
)

// period is a stretch of time in which the offset of a zone stays the same. Two in a row may have the same one.
type period struct {
	zone       *time.Location
	start, end time.Time     // zero: no beginning, no end
	offset     time.Duration // east of UTC
	before     time.Duration // the offset until start
	after      time.Duration // the offset from end on
}

func periodAt(zone *time.Location, t time.Time) period {
	local := t.In(zone)
	p := period{zone: zone, offset: offsetAt(local)}
	p.before, p.after = p.offset, p.offset
	p.start, p.end = local.ZoneBounds()
	if !p.end.IsZero() && !p.end.After(t) {
		// Where the zone's rule counts rather than its table, Go 1.26 gives a leap year 365 days, and on its last day
		// an end that is past. No zone changes its clock on that day.
		p.end = t.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
	}
	if !p.start.IsZero() {
		p.before = offsetAt(p.start.Add(-1))
	}
	if !p.end.IsZero() {
		p.after = offsetAt(p.end)
	}
	return p
}

func offsetAt(local time.Time) time.Duration {
	_, seconds := local.Zone()
	return time.Duration(seconds) * time.Second
}

// contains says whether the period lasts at that instant, which is not before its start.
func (p period) contains(at time.Time) bool { return p.end.IsZero() || at.Before(p.end) }

// kind says of an instant of the period whether its wall clock comes twice.
func (p period) kind(at time.Time) slotKind {
	switch {
	case !p.start.IsZero() && at.Before(p.start.Add(p.before-p.offset)):
		return again
	case !p.end.IsZero() && !at.Before(p.end.Add(p.after-p.offset)):
		return first
	}
	return plain
}

// next gives the first slot after that instant.
func (c *Cron) next(after time.Time) (slot, bool) {
	p := periodAt(c.zone, after)
	// A zone changes its clock up to four times a year; periods end with years, too.
	for range 8 * searchYears {
		if s, ok := c.within(p, after); ok {
			return s, true
		}
		if p.end.IsZero() {
			break
		}
		p = periodAt(c.zone, p.end)
		if after.Before(p.start) {
			after = p.start.Add(-1)
		}
	}
	return slot{}, false
}

// latest gives the last slot after from and no later than to. It looks back in growing strides, so that years of a
// schedule by the minute cost no more than a day of it.
func (c *Cron) latest(from, to time.Time) (slot, bool) {
	for stride := time.Minute; ; stride *= 4 {
		start := from
		if to.Sub(from) > stride {
			start = to.Add(-stride)
		}
		var last slot
		found := false
		for s, ok := c.next(start); ok && !s.at.After(to); s, ok = c.next(s.at) {
			last, found = s, true
		}
		if found || start.Equal(from) {
			return last, found
		}
	}
}

// maxCounted is how far count counts.
const maxCounted = 10_000

// count counts the slots after from and no later than to, up to maxCounted.
func (c *Cron) count(from, to time.Time) int {
	n := 0
	for s, ok := c.next(from); ok && !s.at.After(to) && n < maxCounted; s, ok = c.next(s.at) {
		n++
	}
	return n
}

// within gives the period's first slot after that instant.
func (c *Cron) within(p period, after time.Time) (slot, bool) {
	own, ok := c.shown(p, after)
	late, was := c.leftOut(p, after)
	if was && (!ok || late.at.Before(own.at)) {
		return late, true
	}
	return own, ok
}

// shown gives the first slot whose time the clock shows in the period.
func (c *Cron) shown(p period, after time.Time) (slot, bool) {
	for {
		wall := c.fields.Next(after.UTC().Add(p.offset))
		at := wall.Add(-p.offset)
		if wall.IsZero() || !p.contains(at) {
			return slot{}, false
		}
		s := slot{at: at, wall: wall, kind: p.kind(at)}
		if s.kind != again || c.open {
			return s, true
		}
		after = p.start.Add(p.before - p.offset).Add(-1) // past what the clock repeats
	}
}

// leftOut gives the first slot among those that the clock left out at the period's start. They come when they would
// have come by the clock before.
func (c *Cron) leftOut(p period, after time.Time) (slot, bool) {
	if p.start.IsZero() || p.offset <= p.before {
		return slot{}, false
	}
	wall := c.fields.Next(after.UTC().Add(p.before))
	at := wall.Add(-p.before)
	if wall.IsZero() || !p.contains(at) || !at.Before(p.start.Add(p.offset-p.before)) {
		return slot{}, false
	}
	return slot{at: at, wall: wall, kind: moved}, true
}

// instant gives the slot of a wall clock without its cron expression: the first pass where it comes twice, and by
// the clock before where it is left out.
func instant(wall time.Time, zone *time.Location) time.Time {
	const widest = 26 * time.Hour // no two clocks of the world differ by more
	p := periodAt(zone, wall.Add(-widest))
	for {
		at := wall.Add(-p.offset)
		switch {
		case !p.start.IsZero() && at.Before(p.start):
			return wall.Add(-p.before)
		case p.contains(at):
			return at
		}
		p = periodAt(zone, p.end)
	}
}
