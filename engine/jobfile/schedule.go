package jobfile

import (
	"fmt"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/source"
)

// schedule reads when the job runs by itself.
func (d *document) schedule(f *source.Field) *engine.Schedule {
	s := &engine.Schedule{
		Cron: f.At("cron").AsText(), Zone: time.UTC, Missed: "run",
		MaxLateness: d.duration(f.Field("maxLateness")), Range: f.Range,
	}
	if missed := f.At("missed").AsText(); missed != "" {
		s.Missed = missed
	}
	if zone := f.At("timezone"); zone != nil && zone.Kind == source.Text && !zone.Broken {
		s.Zone = d.zone(zone)
	}
	d.cron(f.At("cron"), s.Zone)
	return s
}

// cron checks the cron expression of a schedule in its time zone.
func (d *document) cron(n *source.Node, zone *time.Location) {
	if n.AsText() == "" || d.loader.Cron == nil {
		return
	}
	if err := d.loader.Cron(n.Text, zone); err != nil {
		d.Fault("bad-schedule", n.Range, err.Error(), "The fields are minute, hour, day of the month, month and day of the week.",
			`every day at nine is "0 9 * * *"`)
	}
}

// zone finds a time zone by its name.
func (d *document) zone(n *source.Node) *time.Location {
	if n.Text != "" && n.Text != "Local" {
		if zone, err := time.LoadLocation(n.Text); err == nil {
			return zone
		}
	}
	hint := "names are a region and a city, such as Europe/Madrid"
	city := strings.ReplaceAll(n.Text, " ", "_")
	for _, region := range [...]string{"Europe", "America", "Asia", "Africa", "Australia", "Atlantic", "Pacific", "Indian"} {
		if city == "" || strings.ContainsAny(city, `/\.`) {
			break
		}
		if _, err := time.LoadLocation(region + "/" + city); err == nil {
			hint = didYouMean(region + "/" + city)
			break
		}
	}
	d.Fault("unknown-timezone", n.Range, fmt.Sprintf("there is no time zone %s", source.Quote(n.Text)), "", hint)
	return time.UTC
}
