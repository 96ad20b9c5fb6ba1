package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// schedule reads when the job runs by itself.
func (d *document) schedule(f *field) *Schedule {
	s := &Schedule{
		Cron: f.at("cron").words(), Zone: time.UTC, Missed: "run",
		MaxLateness: d.duration(f.field("maxLateness")), Range: f.node.rng,
	}
	if missed := f.at("missed").words(); missed != "" {
		s.Missed = missed
	}
	if cron := f.at("cron"); cron.words() != "" {
		if why := badCron(cron.text); why != "" {
			d.fault("bad-schedule", cron.rng, why, "The fields are minute, hour, day of the month, month and day of the week.", `every day at nine is "0 9 * * *"`)
		}
	}
	if zone := f.at("timezone"); zone != nil && zone.kind == isText && !zone.broken {
		s.Zone = d.zone(zone)
	}
	return s
}

// zone finds a time zone by its name.
func (d *document) zone(n *node) *time.Location {
	if n.text != "" && n.text != "Local" {
		if zone, err := time.LoadLocation(n.text); err == nil {
			return zone
		}
	}
	hint := "names are a region and a city, such as Europe/Madrid"
	city := strings.ReplaceAll(n.text, " ", "_")
	for _, region := range [...]string{"Europe", "America", "Asia", "Africa", "Australia", "Atlantic", "Pacific", "Indian"} {
		if city == "" || strings.ContainsAny(city, `/\.`) {
			break
		}
		if _, err := time.LoadLocation(region + "/" + city); err == nil {
			hint = didYouMean(region + "/" + city)
			break
		}
	}
	d.fault("unknown-timezone", n.rng, fmt.Sprintf("there is no time zone %s", quote(n.text)), "", hint)
	return time.UTC
}

// badCron says what is implausible about five fields; "" when nothing is.
func badCron(text string) string {
	fields := strings.Fields(text)
	if len(fields) != 5 {
		return fmt.Sprintf("a cron expression has five fields, and this has %d", len(fields))
	}
	for i, bounds := range [5]struct {
		name        string
		least, most int
	}{{"minute", 0, 59}, {"hour", 0, 23}, {"day of the month", 1, 31}, {"month", 1, 12}, {"day of the week", 0, 7}} {
		for part := range strings.SplitSeq(fields[i], ",") {
			if !cronPart(part, bounds.least, bounds.most, i >= 3) {
				return fmt.Sprintf("%s is no %s", quote(part), bounds.name)
			}
		}
	}
	return ""
}

// cronPart says whether a part of a field is plausible: *, 5, 1-5, */10, 1-30/2, and names such as mon.
func cronPart(part string, least, most int, names bool) bool {
	span, step, stepped := strings.Cut(part, "/")
	if stepped {
		if n, err := strconv.Atoi(step); err != nil || n < 1 || n > most {
			return false
		}
	}
	if span == "*" {
		return true
	}
	from, to, ranged := strings.Cut(span, "-")
	low, ok := cronNumber(from, names)
	high := low
	if ok && ranged {
		high, ok = cronNumber(to, names)
	}
	return ok && low >= least && high <= most && low <= high
}

func cronNumber(text string, names bool) (int, bool) {
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	if !names || len(text) != 3 {
		return 0, false
	}
	const days, months = "sunmontuewedthufrisat", "janfebmaraprmayjunjulaugsepoctnovdec"
	text = strings.ToLower(text)
	if i := strings.Index(days, text); i >= 0 && i%3 == 0 {
		return i / 3, true
	}
	if i := strings.Index(months, text); i >= 0 && i%3 == 0 {
		return i/3 + 1, true
	}
	return 0, false
}
