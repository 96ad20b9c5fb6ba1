package engine

import (
	"fmt"
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
	if zone := f.at("timezone"); zone != nil && zone.kind == isText && !zone.broken {
		s.Zone = d.zone(zone)
	}
	d.cron(f.at("cron"), s.Zone)
	return s
}

// cron lets whoever knows schedules judge an expression.
func (d *document) cron(n *node, zone *time.Location) {
	if n.words() == "" || d.loader.Cron == nil {
		return
	}
	if err := d.loader.Cron(n.text, zone); err != nil {
		d.fault("bad-schedule", n.rng, err.Error(), "The fields are minute, hour, day of the month, month and day of the week.", `every day at nine is "0 9 * * *"`)
	}
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
