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

	attempted bool // it was to start, and could not: it was not missed
	cut       bool // the ledger failed it, and it may have a run since
}

// begun says whether it may have a run to go on with: a later occurrence does not take its place.
func (o *Occurrence) begun() bool { return o.Resume != nil || o.cut }

// Skip is about occurrences of one job that were due and do not run.
type Skip struct {
	Job         string
	First, Last Occurrence // the same when it is one
	Count       int        // 10,000 stands for that many or more
	Reason      string     // for people: "the one before still ran"
	At          time.Time  // when that was decided
}

const (
	scopePrefix = "schedule/"
	wallLayout  = "2006-01-02T15:04"
	passLayout  = wallLayout + "-07:00"
)

func (c *Cron) occurrence(job string, f fireTime) Occurrence {
	return Occurrence{Job: job, At: f.at, Local: f.at.In(c.zone), Scope: scope(f, c.zone)}
}

// scope names a time by the clock on the wall and its zone. A second pass says its offset; other times do not, so that
// their scope stays the same when a government changes its mind about summer time after the file was written.
func scope(f fireTime, zone *time.Location) string {
	text := f.wall.Format(wallLayout)
	if f.kind == secondPass {
		text = f.at.In(zone).Format(passLayout)
	}
	return scopePrefix + text + "[" + zone.String() + "]"
}

// parseScope returns the occurrence that a scope names. Scopes of other kinds are not ok.
func parseScope(job, text string) (Occurrence, bool) {
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
		at = wallToInstant(wall, zone)
	}
	return Occurrence{Job: job, At: at.UTC(), Local: at.In(zone), Scope: text}, true
}
