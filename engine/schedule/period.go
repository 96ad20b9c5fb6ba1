package schedule

import "time"

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

// kind says of an instant of the period whether the clock on the wall shows its time twice.
func (p period) kind(at time.Time) clockChange {
	switch {
	case !p.start.IsZero() && at.Before(p.start.Add(p.before-p.offset)):
		return secondPass
	case !p.end.IsZero() && !at.Before(p.end.Add(p.after-p.offset)):
		return firstPass
	}
	return unaffected
}

// wallToInstant returns when a clock on the wall of a zone shows a time, which is written as one in UTC: the first pass
// where it comes twice; where it is left out, when the clock before the change would have shown it.
func wallToInstant(wall time.Time, zone *time.Location) time.Time {
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
