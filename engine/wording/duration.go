package wording

import (
	"fmt"
	"strings"
	"time"
)

// Compact returns a duration without blanks inside its units, for a line of a terminal: "0.4s", "12s", "3m 20s",
// "2h 05m". It has no days: durations there are those of a run or a wait.
func Compact(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0fs", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm %02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh %02dm", int(d.Hours()), int(d.Minutes())%60)
}

// Spaced returns a duration for a page: "0.4 s", "12 s", "3 m 20 s", "2 h 05 m", "3 days". A negative one is "0 s".
func Spaced(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < 10*time.Second:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d m %02d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d m", int(d.Hours()), int(d.Minutes())%60)
	}
	return Plural(int(d.Hours()/24), "day")
}

// Ago returns how long ago something was, or in what time it will be, in one unit: "just now", "3 minutes ago",
// "in 2 hours". A day has 24 hours here.
func Ago(d time.Duration) string {
	switch {
	case d < -time.Second:
		return "in " + oneUnit(-d)
	case d < 2*time.Second:
		return "just now"
	}
	return oneUnit(d) + " ago"
}

func oneUnit(d time.Duration) string {
	switch {
	case d < time.Minute:
		return Plural(int(d.Seconds()), "second")
	case d < time.Hour:
		return Plural(int(d.Minutes()), "minute")
	case d < 48*time.Hour:
		return Plural(int(d.Hours()), "hour")
	}
	return Plural(int(d.Hours()/24), "day")
}
