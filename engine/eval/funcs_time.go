package eval

import (
	"fmt"
	"strings"
	"time"
)

func timeFunctions(now func() time.Time) map[string]definition {
	clock := func() (time.Time, error) {
		if now == nil {
			return time.Time{}, &fault{bare: true, text: "now() has no clock here"}
		}
		return now(), nil
	}
	clockIn := func(zone *time.Location) (time.Time, error) {
		t, err := clock()
		if err != nil {
			return t, err
		}
		return t.In(zone), nil
	}
	return map[string]definition{
		"now":      {clock, clockIn},
		"date":     {date, dateAs, dateIn},
		"duration": {duration},
		"timezone": {timezone},
	}
}

// layouts are the ways to write a time that date() takes without being told.
func layouts() []string {
	return []string{
		time.DateOnly, time.RFC3339, "2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", "2006-01-02T15:04:05",
	}
}

func date(text string) (time.Time, error) {
	for _, layout := range layouts() {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, noDate(text, `no date such as 2026-03-25: give the layout, date(…, "02/01/2006")`)
}

func dateAs(text, layout string) (time.Time, error) {
	t, err := time.Parse(layout, text)
	if err != nil {
		return time.Time{}, noDate(text, fmt.Sprintf("no date of the layout %q", layout))
	}
	return t, nil
}

// noDate is the fault of a text that is no date.
func noDate(text, what string) error {
	f := &fault{text: "is " + what}
	if text = strings.TrimSpace(text); text != "" && len(text) <= 40 {
		f.value = fmt.Sprintf("is %q, %s", text, what)
	}
	return f
}

// dateIn reads a time of a zone. Go moves a time that the clocks skip in spring by an hour, and an appointment with
// it; here that is an error. Of a time that comes twice in autumn it is the first.
func dateIn(text, layout, name string) (time.Time, error) {
	asUTC, err := dateAs(text, layout)
	if err != nil {
		return time.Time{}, err
	}
	zone, err := zoneAt(2, name)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.ParseInLocation(layout, text, zone)
	if err != nil {
		return time.Time{}, noDate(text, fmt.Sprintf("no date of the layout %q", layout))
	}
	if asUTC.Location() == time.UTC && wall(t) != wall(asUTC) && t.Location() == zone {
		return time.Time{}, &fault{text: "is a time that the clocks of " + zone.String() + " skip on that day"}
	}
	return t, nil
}

// wall is what a clock on the wall shows.
func wall(t time.Time) string { return t.Format("2006-01-02T15:04:05") }

func duration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, &fault{text: `is no duration: write 36h, 90m or 1h30m (a day is 24h)`}
	}
	return d, nil
}

func timezone(name string) (*time.Location, error) { return zoneAt(0, name) }

func zoneAt(i int, name string) (*time.Location, error) {
	zone, err := Zone(name)
	if err != nil {
		return nil, &fault{arg: i, text: "is no time zone such as Europe/Madrid"}
	}
	return zone, nil
}
