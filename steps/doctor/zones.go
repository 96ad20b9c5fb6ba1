package doctor

import (
	"maps"
	"slices"
	"strings"
	"time"

	"waybill/engine/wording"
)

// clockChange is a place whose clocks stopped changing in 2026, or changed otherwise. A copy of the tz database older than its release
// knows the place, and has another hour there: nothing fails, and schedules run and quiet hours end at the wrong time.
type clockChange struct {
	release string        // of the tz database that has it first
	east    time.Duration // of UTC, in the winter of 2026
}

// clockChanges returns what changed, by the names of the zones. Go 1.26 brings release 2025c, and uses it where the system has no zones of
// its own, as in an image made from scratch; what a system has is as old as its last update.
func clockChanges() map[string]clockChange {
	columbia, alberta := clockChange{"2026b", -7 * time.Hour}, clockChange{"2026c", -6 * time.Hour}
	morocco := clockChange{"2026c", 0}
	territories, manitoba := clockChange{"2026d", -6 * time.Hour}, clockChange{"2026e", -5 * time.Hour}
	cuba := clockChange{"2026f", -4 * time.Hour}
	return map[string]clockChange{
		"America/Vancouver": columbia, "Canada/Pacific": columbia,
		"America/Edmonton": alberta, "Canada/Mountain": alberta,
		"America/Yellowknife": territories, "America/Inuvik": territories,
		"America/Winnipeg": manitoba, "Canada/Central": manitoba, "America/Rainy_River": manitoba,
		"Africa/Casablanca": morocco, "Africa/El_Aaiun": morocco,
		"America/Havana": cuba, "Cuba": cuba,
	}
}

// checkZones looks whether the zones that schedules and quiet hours go by know what changed. It says nothing of jobs that name none of those.
func (d *doctor) checkZones() {
	changes, winter := clockChanges(), time.Date(2026, time.December, 15, 12, 0, 0, 0, time.UTC)
	add := func(status Status, summary, hint string) {
		d.found.add(Check{Name: "zones", Status: status, About: "time zones", Summary: summary, Hint: hint})
	}
	zones, err := d.zones()
	if err != nil {
		add(Failed, err.Error(), zonesHint)
		return
	}
	var known, stale []string
	newest := ""
	for name, zone := range zones {
		change, ok := changes[name]
		if !ok {
			continue
		}
		known = append(known, name)
		if _, east := winter.In(zone).Zone(); time.Duration(east)*time.Second != change.east {
			stale = append(stale, name)
			newest = max(newest, change.release)
		}
	}
	switch slices.Sort(stale); {
	case len(stale) > 0:
		add(Warning, "this machine's are older than "+newest+" of the tz database: the hour is wrong in "+strings.Join(stale, ", "), zonesHint)
	case len(known) > 0:
		add(OK, "know what changed in 2026 in "+wording.Plural(len(known), "zone")+" of these jobs", "")
	}
}

const zonesHint = "update the system's package tzdata, or install it (an image may have none), or name newer zones in ZONEINFO: schedules and quiet hours go by them"

// zones returns the zones that the jobs go by, by name. By the recipient's clock it may be each of those that changed.
func (d *doctor) zones() (map[string]*time.Location, error) {
	zones := map[string]*time.Location{}
	for _, job := range d.Jobs {
		if s := job.Schedule; s != nil {
			zones[s.Zone.String()] = s.Zone
		}
		switch q := job.Recipients.QuietHours; {
		case q == nil:
		case q.Zone != nil:
			zones[q.Zone.String()] = q.Zone
		default:
			for name := range maps.Keys(clockChanges()) {
				zone, err := time.LoadLocation(name)
				if err != nil {
					return nil, err
				}
				zones[name] = zone
			}
		}
	}
	return zones, nil
}
