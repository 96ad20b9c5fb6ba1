package eval

import (
	"fmt"
	"time"
)

func timeFunctions(now func() time.Time) map[string]definition {
	clock := func(c call) (any, error) {
		if now == nil {
			return nil, &fault{bare: true, text: "now() has no clock here"}
		}
		if len(c.args) == 0 {
			return now(), nil
		}
		zone, ok := c.args[0].(*time.Location)
		if !ok {
			return nil, c.wrong(0, `a time zone: now(timezone("Europe/Madrid"))`)
		}
		return now().In(zone), nil
	}
	return map[string]definition{
		"now": {clock, []any{new(func() time.Time), new(func(*time.Location) time.Time)}},
		"date": {date, []any{
			new(func(string) time.Time), new(func(string, string) time.Time), new(func(string, string, string) time.Time),
		}},
		"duration": {duration, []any{new(func(string) time.Duration)}},
		"timezone": {timezone, []any{new(func(string) *time.Location)}},
	}
}

// layouts are the ways to write a time that date() takes without being told.
func layouts() []string {
	return []string{
		time.DateOnly, time.RFC3339, "2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", "2006-01-02T15:04:05",
	}
}

func date(c call) (any, error) {
	text, err := c.text(0)
	if err != nil {
		return nil, err
	}
	if len(c.args) == 1 {
		for _, layout := range layouts() {
			if t, err := time.Parse(layout, text); err == nil {
				return t, c.spend(50)
			}
		}
		return nil, &fault{text: `is no date such as 2026-03-25: give the layout, date(…, "02/01/2006")`}
	}
	layout, err := c.text(1)
	if err != nil {
		return nil, err
	}
	t, err := time.Parse(layout, text)
	if err != nil {
		return nil, &fault{text: fmt.Sprintf("is no date of the layout %q", layout)}
	}
	if len(c.args) == 2 {
		return t, c.spend(50 + len(layout))
	}
	zone, err := c.zone(2)
	if err != nil {
		return nil, err
	}
	return inZone(t, layout, text, zone)
}

// inZone reads text again as a time of the zone. Go moves a time that the clocks skip in spring by an hour, and
// an appointment with it; here that is an error. Of a time that comes twice in autumn it is the first.
func inZone(plainly time.Time, layout, text string, zone *time.Location) (any, error) {
	t, err := time.ParseInLocation(layout, text, zone)
	if err != nil {
		return nil, &fault{text: fmt.Sprintf("is no date of the layout %q", layout)}
	}
	if plainly.Location() == time.UTC && wall(t) != wall(plainly) && t.Location() == zone {
		return nil, &fault{text: "is a time that the clocks of " + zone.String() + " skip on that day"}
	}
	return t, nil
}

// wall is what a clock on the wall shows.
func wall(t time.Time) string { return t.Format("2006-01-02T15:04:05") }

func duration(c call) (any, error) {
	text, err := c.text(0)
	if err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return nil, &fault{text: `is no duration: write 36h, 90m or 1h30m (a day is 24h)`}
	}
	return d, nil
}

func timezone(c call) (any, error) { return c.zone(0) }

func (c call) zone(i int) (*time.Location, error) {
	name, err := c.text(i)
	if err != nil {
		return nil, err
	}
	// A zone is read from disk or from the embedded table.
	if err := c.spend(20_000); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, &fault{arg: i, text: "is no time zone such as Europe/Madrid"}
	}
	return zone, nil
}
