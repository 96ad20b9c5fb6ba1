package jobfile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/eval"
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
	starredDay, err := d.loader.Cron(n.Text, zone)
	switch {
	case err != nil:
		d.Fault("bad-schedule", n.Range, err.Error(), "The fields are minute, hour, day of the month, month and day of the week.",
			`every day at nine is "0 9 * * *"`)
	case starredDay != "":
		d.Warn("cron-days", n.Range, fmt.Sprintf("%s and the other day field: a day that matches either is taken", starredDay),
			"Debian's cron takes days that match both, for a field that begins with a star restricts nothing there.",
			"write the days as a range, such as 1-31/2 or 0-6/2, which every cron reads so; waybill schedule lists the times")
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
	if zone, err := eval.Zone(n.Text); err == nil {
		return zone
	}
	hint := "names are a region and a city, such as Europe/Madrid"
	city := strings.ReplaceAll(n.Text, " ", "_")
	for _, region := range [...]string{"Europe", "America", "Asia", "Africa", "Australia", "Atlantic", "Pacific", "Indian"} {
		if city == "" || strings.ContainsAny(city, `/\.`) {
			break
		}
		if _, err := eval.Zone(region + "/" + city); err == nil {
			hint = didYouMean(region + "/" + city)
			break
		}
	}
	d.Fault("unknown-timezone", n.Range, fmt.Sprintf("there is no time zone %s", source.Quote(n.Text)), "", hint)
	return time.UTC
}
