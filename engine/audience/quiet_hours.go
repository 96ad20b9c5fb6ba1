package audience

import (
	"errors"
	"time"
)

// ErrNoFreeHour says that no hour of a day is free in all zones that a number may be in.
var ErrNoFreeHour = errors.New("no hour of the day is outside the quiet hours in all of its time zones")

// TimeOfDay is minutes since midnight, as a clock on the wall shows them.
type TimeOfDay int

// QuietHours are the hours of a day in which nobody is messaged, by the clock on the wall. From after To: over midnight.
type QuietHours struct {
	From, To TimeOfDay
}

// quiet says whether the clock on the wall shows a quiet hour.
func (q QuietHours) quiet(wall time.Time) bool {
	at := TimeOfDay(wall.Hour()*60 + wall.Minute())
	if q.From <= q.To {
		return q.From <= at && at < q.To
	}
	return at >= q.From || at < q.To
}

// Until says when a message may go to a person who may be in any of these zones: the zero time, when it may go now. It is the first
// minute that is free in all of them. On a day on which the clock is changed it is still what the clock shows that counts.
func (q QuietHours) Until(now time.Time, zones []*time.Location) (time.Time, error) {
	if !q.quietIn(now, zones) {
		return time.Time{}, nil
	}
	// The clock is changed by whole minutes; two days see every hour that it can show.
	at := now.Truncate(time.Minute)
	for range 2 * 24 * 60 {
		at = at.Add(time.Minute)
		if !q.quietIn(at, zones) {
			return at, nil
		}
	}
	return time.Time{}, ErrNoFreeHour
}

func (q QuietHours) quietIn(at time.Time, zones []*time.Location) bool {
	for _, z := range zones {
		if q.quiet(at.In(z)) {
			return true
		}
	}
	return false
}
