package schedule

import (
	"strings"
	"time"

	"waybill/engine"
)

// Occurrence is one time at which a job is due.
type Occurrence struct {
	Job    string
	At     time.Time   // the instant, in UTC
	Local  time.Time   // the same instant on the clock of the job's zone
	Scope  string      // "schedule/2026-10-25T02:30[Europe/Madrid]"
	Resume *engine.Run // the unfinished run of that scope to go on with; nil: there is none

	tried bool // its turn came, and it could not begin: it was not missed
}

const (
	scopePrefix = "schedule/"
	wallLayout  = "2006-01-02T15:04"
	passLayout  = wallLayout + "-07:00"
)

func (c *Cron) occurrence(job string, s slot) Occurrence {
	return Occurrence{Job: job, At: s.at, Local: s.at.In(c.zone), Scope: scope(s, c.zone)}
}

// scope names a slot by its wall clock and zone. A second pass says its offset; other slots do not, so that their
// scope stays the same when a government changes its mind about summer time after the file was written.
func scope(s slot, zone *time.Location) string {
	text := s.wall.Format(wallLayout)
	if s.kind == again {
		text = s.at.In(zone).Format(passLayout)
	}
	return scopePrefix + text + "[" + zone.String() + "]"
}

// readScope gives the occurrence that a scope names. Scopes of other kinds are not ok.
func readScope(job, text string) (Occurrence, bool) {
	rest, ok := strings.CutPrefix(text, scopePrefix)
	if !ok {
		return Occurrence{}, false
	}
	clock, name, ok := strings.Cut(strings.TrimSuffix(rest, "]"), "[")
	if !ok || name == "" || name == "Local" {
		return Occurrence{}, false
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return Occurrence{}, false
	}
	at, err := time.Parse(passLayout, clock)
	if err != nil {
		wall, err := time.Parse(wallLayout, clock)
		if err != nil {
			return Occurrence{}, false
		}
		at = instant(wall, zone)
	}
	return Occurrence{Job: job, At: at.UTC(), Local: at.In(zone), Scope: text}, true
}
