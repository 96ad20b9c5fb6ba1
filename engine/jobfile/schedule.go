package jobfile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/source"
)

// schedule reads when the job runs by itself.
func (d *document) schedule(f *source.Field) *engine.Schedule {
	s := &engine.Schedule{
		Cron: f.At("cron").AsText(), Zone: time.UTC, Missed: "run",
		MaxLateness: d.duration(f.Field("maxLateness")), Sends: engine.Sends(f.At("sends").AsText()), Range: f.Range,
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

// scheduledSends refuses a schedule that does not say what an occurrence means, in a job that sends.
func (d *document) scheduledSends() {
	f := d.root.Field("schedule")
	if d.job.Schedule == nil || f.Broken || f.Merged || slices.Contains(d.missing[f.Node], "sends") || f.Field("sends") != nil {
		return
	}
	if sender := firstSender(d.job.Steps); sender != nil {
		d.Fault("schedule-sends", f.NameRange, fmt.Sprintf("the schedule does not say to whom an occurrence sends, and step %s sends", sender.Path),
			"With sends: new an occurrence sends what the ledger does not have yet, as apply does: a row that is still in the file "+
				"tomorrow gets nothing more. With sends: everyone each occurrence sends to every row again.",
			"add sends: new for reminders and lists that grow, sends: everyone for a message that recurs")
	}
}

// firstSender returns the first step that sends messages; nil for none.
func firstSender(steps []*engine.Step) *engine.Step {
	for _, s := range steps {
		if _, sends := s.Sender(); sends {
			return s
		}
		if inside := firstSender(s.Steps); inside != nil {
			return inside
		}
	}
	return nil
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
