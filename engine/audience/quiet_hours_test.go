package audience_test

import (
	"errors"
	"testing"
	"time"

	"waybill/engine/audience"
)

func TestQuietHours(t *testing.T) {
	night := audience.QuietHours{From: 21 * 60, To: 9 * 60}
	for _, c := range []struct {
		name  string
		quiet audience.QuietHours
		zones []string
		now   string // in the first of the zones
		want  string // likewise; empty: now
	}{
		{"by day", night, []string{"Europe/Madrid"}, "2026-03-25 12:00:00", ""},
		{"the last minute of the day", night, []string{"Europe/Madrid"}, "2026-03-25 20:59:59", ""},
		{"the first minute of the night", night, []string{"Europe/Madrid"}, "2026-03-25 21:00:00", "2026-03-26 09:00:00"},
		{"in the small hours", night, []string{"Europe/Madrid"}, "2026-03-25 03:17:42", "2026-03-25 09:00:00"},
		{"at the end to the second", night, []string{"Europe/Madrid"}, "2026-03-25 08:59:59", "2026-03-25 09:00:00"},
		{"the end itself is free", night, []string{"Europe/Madrid"}, "2026-03-25 09:00:00", ""},
		{"not over midnight", audience.QuietHours{From: 13 * 60, To: 16 * 60}, []string{"Europe/Madrid"}, "2026-03-25 14:30:00", "2026-03-25 16:00:00"},
		{"the clock goes forward", night, []string{"Europe/Madrid"}, "2026-03-28 22:00:00", "2026-03-29 09:00:00"},
		{"the clock goes back", night, []string{"Europe/Madrid"}, "2026-10-24 22:00:00", "2026-10-25 09:00:00"},
		{
			"the hour that does not exist is skipped",
			audience.QuietHours{From: 60, To: 150},
			[]string{"Europe/Madrid"},
			"2026-03-29 01:30:00", "2026-03-29 03:00:00",
		},
		{
			"an hour that comes twice is quiet twice",
			audience.QuietHours{From: 60, To: 180},
			[]string{"Europe/Madrid"},
			"2026-10-25 01:30:00", "2026-10-25 03:00:00",
		},
		{"Santiago goes back", night, []string{"America/Santiago"}, "2026-04-04 23:30:00", "2026-04-05 09:00:00"},
		{"Santiago goes forward", night, []string{"America/Santiago"}, "2026-09-05 22:00:00", "2026-09-06 09:00:00"},
		{
			"midnight does not exist in Santiago",
			audience.QuietHours{From: 23 * 60, To: 30},
			[]string{"America/Santiago"},
			"2026-09-05 23:30:00", "2026-09-06 01:00:00",
		},
		{"half an hour", night, []string{"Asia/Kolkata"}, "2026-03-25 22:10:00", "2026-03-26 09:00:00"},
		{"three quarters", night, []string{"Asia/Kathmandu"}, "2026-03-25 22:10:00", "2026-03-26 09:00:00"},
		{"two zones: the later morning", night, []string{"America/New_York", "America/Los_Angeles"}, "2026-03-25 08:00:00", "2026-03-25 12:00:00"},
		{"two zones: night in one", night, []string{"America/New_York", "America/Los_Angeles"}, "2026-03-25 21:30:00", "2026-03-26 12:00:00"},
		{"two zones: day in both", night, []string{"America/New_York", "America/Los_Angeles"}, "2026-03-25 12:00:00", ""},
		{"no quiet hour", audience.QuietHours{}, []string{"Europe/Madrid"}, "2026-03-25 03:00:00", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			zones := load(t, c.zones...)
			read := func(text string) time.Time {
				at, err := time.ParseInLocation(time.DateTime, text, zones[0])
				if err != nil {
					t.Fatal(err)
				}
				return at
			}
			got, err := c.quiet.Until(read(c.now), zones)
			switch {
			case err != nil:
				t.Fatal(err)
			case c.want == "" && !got.IsZero():
				t.Errorf("it has to wait until %s", got.In(zones[0]))
			case c.want != "" && !got.Equal(read(c.want)):
				t.Errorf("until %s, want %s", got.In(zones[0]), c.want)
			}
		})
	}
}

func TestNoFreeHour(t *testing.T) {
	// Twelve hours apart, and half of each day is quiet.
	zones := load(t, "Etc/GMT", "Etc/GMT+12")
	_, err := audience.QuietHours{From: 18 * 60, To: 6 * 60}.Until(time.Date(2026, 3, 25, 0, 0, 0, 0, time.UTC), zones)
	if !errors.Is(err, audience.ErrNoFreeHour) {
		t.Errorf("got %v", err)
	}
}

func load(t *testing.T, names ...string) (zones []*time.Location) {
	t.Helper()
	for _, name := range names {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, zone)
	}
	return zones
}
