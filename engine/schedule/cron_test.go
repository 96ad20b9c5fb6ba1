package schedule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waybill/engine/schedule"
)

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

func parse(tb testing.TB, spec string, z *time.Location) *schedule.Cron {
	tb.Helper()
	c, err := schedule.Parse(spec, z)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// times returns the occurrences in [from, to), as the clock of the zone shows them.
func times(c *schedule.Cron, from, to time.Time) string {
	var all []string
	for t := c.Next(from.Add(-1)); !t.IsZero() && t.Before(to); t = c.Next(t) {
		all = append(all, strings.TrimSuffix(t.Format("15:04-0700"), "00"))
	}
	return strings.Join(all, " ")
}

func TestClockChanges(t *testing.T) {
	const madrid, newYork, lordHowe = "Europe/Madrid", "America/New_York", "Australia/Lord_Howe"
	for _, test := range []struct{ zone, day, spec, want string }{
		// Spring: 02:00 → 03:00.
		{madrid, "2026-03-29", "30 2 * * *", "03:30+02"},
		{madrid, "2026-03-29", "0 2 * * *", "03:00+02"},
		{madrid, "2026-03-29", "0 3 * * *", "03:00+02"},
		{madrid, "2026-03-29", "30 1 * * *", "01:30+01"},
		{madrid, "2026-03-29", "0 9 * * *", "09:00+02"},
		{madrid, "2026-03-29", "0 2,3 * * *", "03:00+02"},
		{madrid, "2026-03-29", "30 2,3 * * *", "03:30+02"},
		{madrid, "2026-03-29", "15,45 2 * * *", "03:15+02 03:45+02"},
		{madrid, "2026-03-29", "0 0-4 * * *", "00:00+01 01:00+01 03:00+02 04:00+02"},
		{
			madrid, "2026-03-29", "0 */2 * * *",
			"00:00+01 03:00+02 04:00+02 06:00+02 08:00+02 10:00+02 12:00+02 14:00+02 16:00+02 18:00+02 20:00+02 22:00+02",
		},
		{madrid, "2026-03-29", "*/30 1-3 * * *", "01:00+01 01:30+01 03:00+02 03:30+02"},
		{madrid, "2026-03-30", "30 2 * * *", "02:30+02"},
		// Autumn: 03:00 → 02:00.
		{madrid, "2026-10-25", "30 2 * * *", "02:30+02"},
		{madrid, "2026-10-25", "0 2 * * *", "02:00+02"},
		{madrid, "2026-10-25", "0 3 * * *", "03:00+01"},
		{madrid, "2026-10-25", "30 1 * * *", "01:30+02"},
		{madrid, "2026-10-25", "0 9 * * *", "09:00+01"},
		{madrid, "2026-10-25", "*/30 1-3 * * *", "01:00+02 01:30+02 02:00+02 02:30+02 03:00+01 03:30+01"},
		{madrid, "2026-10-25", "0 */6 * * *", "00:00+02 06:00+01 12:00+01 18:00+01"},
		{madrid, "2026-10-26", "30 2 * * *", "02:30+01"},
		// A day of the week is that of the clock.
		{madrid, "2026-03-29", "30 2 * * 7", "03:30+02"},
		{madrid, "2026-03-29", "30 2 * * MON-SAT", ""},
		{newYork, "2026-03-08", "30 2 * * *", "03:30-04"},
		{newYork, "2026-11-01", "30 1 * * *", "01:30-04"},
		{newYork, "2026-11-01", "0 2 * * *", "02:00-05"},
		// Half an hour: 02:00 → 02:30 in October, 02:00 → 01:30 in April.
		{lordHowe, "2026-10-04", "0 2 * * *", "02:30+11"},
		{lordHowe, "2026-10-04", "15 2 * * *", "02:45+11"},
		{lordHowe, "2026-10-04", "30 2 * * *", "02:30+11"},
		{lordHowe, "2026-04-05", "45 1 * * *", "01:45+11"},
		{lordHowe, "2026-04-05", "0 2 * * *", "02:00+1030"},
		{lordHowe, "2026-04-05", "0 1,2 * * *", "01:00+11 02:00+1030"},
		// Midnight itself is left out.
		{"America/Asuncion", "2024-10-06", "0 0 * * *", "01:00-03"},
		// A whole day is left out, and comes a day later.
		{"Pacific/Apia", "2011-12-31", "0 9 30 12 *", "09:00+14"},
		{"UTC", "2026-03-29", "30 2 * * *", "02:30Z"},
	} {
		z := zone(t, test.zone)
		day, err := time.ParseInLocation(time.DateOnly, test.day, z)
		if err != nil {
			t.Fatal(err)
		}
		got := times(parse(t, test.spec, z), day, day.AddDate(0, 0, 1))
		if got = strings.ReplaceAll(got, "+00", "Z"); got != test.want {
			t.Errorf("%s on %s in %s: got %q, want %q", test.spec, test.day, test.zone, got, test.want)
		}
	}
}

// What runs every hour or every few minutes goes on through the change at its real pace.
func TestEveryRealHour(t *testing.T) {
	for _, name := range []string{"Europe/Madrid", "America/New_York", "UTC"} {
		z := zone(t, name)
		for spec, pace := range map[string]time.Duration{"0 * * * *": time.Hour, "@hourly": time.Hour, "*/10 * * * *": 10 * time.Minute} {
			c := parse(t, spec, z)
			for _, month := range []time.Month{time.March, time.October, time.November} {
				at := c.Next(time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC))
				for at.Month() == month {
					next := c.Next(at)
					if got := next.Sub(at); got != pace {
						t.Fatalf("%s in %s: %s after %s, want %s", spec, name, got, at, pace)
					}
					at = next
				}
			}
		}
	}
}

// What Debian's cron reads in another way is told: 0 9 */2 * 1 there means Mondays that are odd days.
func TestStarredDay(t *testing.T) {
	for spec, want := range map[string]string{
		"0 9 */2 * 1": "*/2", "27 * 1 * */2": "*/2", "0 9 */2 * */3": "*/2", "0 9 */5,7 * MON": "*/5,7",
		"0 9 */2 * *": "", "0 9 * * 1": "", "0 9 1-31/2 * 1": "", "0 9 15 * 2": "", "0 9 */1 * 1": "", "0 9 */2 * */1": "", "0 9 *,3 * 1": "",
		"*/5 */2 * * *": "", "@weekly": "",
	} {
		if got := parse(t, spec, nil).StarredDay(); got != want {
			t.Errorf("%s: got %q, want %q", spec, got, want)
		}
	}
	// Both fields are restricted, and either is enough: the odd days of November 2026 after the 26th, and Mondays.
	from := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	if got := times(parse(t, "0 9 */2 * 1", nil), from, from.AddDate(0, 0, 5)); got != "09:00+00 09:00+00 09:00+00 09:00+00" {
		t.Errorf("got %q", got)
	}
}

func TestFields(t *testing.T) {
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) // a Sunday
	for _, test := range []struct{ spec, want string }{
		{"0 9 * * 1-5", "2026-03-02T09:00 2026-03-03T09:00 2026-03-04T09:00"},
		{"0 9 * * mon,Fri", "2026-03-02T09:00 2026-03-06T09:00 2026-03-09T09:00"},
		{"0 9 * * 0", "2026-03-01T09:00 2026-03-08T09:00 2026-03-15T09:00"},
		{"0 9 * * 7", "2026-03-01T09:00 2026-03-08T09:00 2026-03-15T09:00"},
		{"0 9 * * 5-7", "2026-03-01T09:00 2026-03-06T09:00 2026-03-07T09:00"},
		{"0 9 * * FRI-MON", "2026-03-01T09:00 2026-03-02T09:00 2026-03-06T09:00"},
		{"0 22-1 * * *", "2026-03-01T00:00 2026-03-01T01:00 2026-03-01T22:00"},
		{"0 0 1 JAN,jul *", "2026-07-01T00:00 2027-01-01T00:00 2027-07-01T00:00"},
		{"0 0 29 2 *", "2028-02-29T00:00 2032-02-29T00:00 2036-02-29T00:00"},
		{"0 0 31 * *", "2026-03-31T00:00 2026-05-31T00:00 2026-07-31T00:00"},
		{"5/20 0 * * *", "2026-03-01T00:05 2026-03-01T00:25 2026-03-01T00:45"},
		{"0 8-18/5 * * *", "2026-03-01T08:00 2026-03-01T13:00 2026-03-01T18:00"},
		{"0 0 15 * 2", "2026-03-03T00:00 2026-03-10T00:00 2026-03-15T00:00"}, // either day
		{"  0   9 *\t* * ", "2026-03-01T09:00 2026-03-02T09:00 2026-03-03T09:00"},
		{"@daily", "2026-03-01T00:00 2026-03-02T00:00 2026-03-03T00:00"},
		{"@midnight", "2026-03-01T00:00 2026-03-02T00:00 2026-03-03T00:00"},
		{"@weekly", "2026-03-01T00:00 2026-03-08T00:00 2026-03-15T00:00"},
		{"@Monthly", "2026-03-01T00:00 2026-04-01T00:00 2026-05-01T00:00"},
		{"@yearly", "2027-01-01T00:00 2028-01-01T00:00 2029-01-01T00:00"},
		{"@annually", "2027-01-01T00:00 2028-01-01T00:00 2029-01-01T00:00"},
	} {
		c := parse(t, test.spec, nil)
		var got []string
		for at, n := c.Next(from.Add(-1)), 0; n < 3; at, n = c.Next(at), n+1 {
			got = append(got, at.Format("2006-01-02T15:04"))
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: got %s, want %s", test.spec, got, test.want)
		}
	}
	// The year 2100 has no 29 February.
	leap := parse(t, "0 0 29 2 *", zone(t, "Europe/Madrid"))
	if got, want := leap.Next(time.Date(2097, 1, 1, 0, 0, 0, 0, time.UTC)).Format(time.DateOnly), "2104-02-29"; got != want {
		t.Errorf("29 February after 2097: got %s, want %s", got, want)
	}
}

// Far ahead no table of transitions counts, but the zone's rule; leap years have a last day there, too.
func TestFarAhead(t *testing.T) {
	for _, name := range []string{"Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"} {
		c := parse(t, "0 9 * * *", zone(t, name))
		at := c.Next(time.Date(2039, 12, 1, 0, 0, 0, 0, time.UTC))
		for range 800 {
			next := c.Next(at)
			if want := at.AddDate(0, 0, 1); !next.Equal(want) {
				t.Fatalf("%s: got %s after %s, want %s", name, next, at, want)
			}
			at = next
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ spec, want string }{
		{"", "a cron expression has five fields (minute, hour, day of the month, month, day of the week), and \"\" has 0"},
		{"0 9 * *", `and "0 9 * *" has 4`},
		{"0 0 9 * * *", "has 6"},
		{
			"60 * * * *",
			`minute "60": "60" is not allowed here; use * or a number from 0 to 59, a range (2-5), a list (2,5) or a step (*/5)`,
		},
		{"* 24 * * *", "hour"},
		{"* * 0 * *", "day of the month"},
		{"* * 32 * *", "a number from 1 to 31"},
		{"* * * 13 *", "or a name from JAN to DEC"},
		{"* * * * 8", "or a name from SUN to SAT"},
		{"* * * * monday", `"monday" is not allowed here`},
		{"* * * * unm", `"unm" is not allowed here`},
		{"* * * mon *", `month "mon"`},
		{"? * * * *", `"?" is not allowed here`},
		{"+5 * * * *", `"+5" is not allowed here`},
		{"-5 * * * *", `"" is not allowed here`},
		{"1-2-3 * * * *", `"2-3" is not allowed here`},
		{"1,,2 * * * *", "a part of the list is empty"},
		{", * * * *", "a part of the list is empty"},
		{"*/0 * * * *", `the step "0" is not allowed here; use a number from 1 to 59`},
		{"*/60 * * * *", `the step "60" is not allowed here`},
		{"*/x * * * *", `the step "x"`},
		{"1/2/3 * * * *", `the step "2/3"`},
		{"0 22-2/2 * * *", "a step needs a range that goes upwards"},
		{"0 9 L * *", `"L" is not allowed here`},
		{"0 9 * * MON#1", `"MON#1" is not allowed here`},
		{"H * * * *", `"H" is not allowed here`},
		{"0 9 31 2 *", `no year has such a day: day of the month "31" in month "2"`},
		{"0 9 30,31 FEB *", "no year has such a day"},
		{"0 9 31 4,6,9,11 *", "no year has such a day"},
		{"@every 5m", `"@every 5m" is not known; there are @hourly`},
		{"@reboot", "is not known"},
		{"TZ=Europe/Madrid 0 9 * * *", "the zone has a key of its own, timezone"},
		{"CRON_TZ=UTC 0 9 * * *", "the zone has a key of its own, timezone"},
		{"TZ=0", "timezone"},
		{"99999999999999999999 * * * *", "is not allowed here"},
		{strings.Repeat("1,", 500) + "x * * * *", "…"},
	} {
		_, err := schedule.Parse(test.spec, time.UTC)
		if err == nil {
			t.Errorf("%q is accepted", test.spec)
		} else if got := err.Error(); !strings.Contains(got, test.want) || len(got) > 300 {
			t.Errorf("%q: got %q, want %q in it", test.spec, got, test.want)
		}
	}
	if _, err := schedule.Parse("0 9 * * *", time.Local); err == nil && time.Local.String() == "Local" {
		t.Error("the machine's own zone is accepted")
	}
}

// matches judges a wall clock by a field's text, without the library.
func matches(field string, n, least, most int) bool {
	for part := range strings.SplitSeq(field, ",") {
		span, step := part, 1
		if a, b, ok := strings.Cut(part, "/"); ok {
			span = a
			_, _ = fmt.Sscan(b, &step)
		}
		low, high := least, most
		if span != "*" {
			if c, _ := fmt.Sscanf(span, "%d-%d", &low, &high); c == 1 {
				high = low
			}
		}
		if n >= low && n <= high && (n-low)%step == 0 {
			return true
		}
	}
	return false
}

// oracle judges wall clocks by the texts of the fields.
type oracle struct {
	minutes, hours, days, months, weekdays [60]bool
	either, open                           bool // day fields; the hour has a star
}

func newOracle(spec string) *oracle {
	f := strings.Fields(spec)
	o := &oracle{either: f[2] != "*" && f[4] != "*", open: strings.Contains(f[1], "*")}
	for n := range 60 {
		o.minutes[n], o.hours[n] = matches(f[0], n, 0, 59), matches(f[1], n, 0, 23)
		o.days[n], o.months[n] = matches(f[2], n, 1, 31), matches(f[3], n, 1, 12)
		o.weekdays[n] = matches(f[4], n, 0, 7) || n == 0 && matches(f[4], 7, 0, 7)
	}
	return o
}

func (o *oracle) matches(wall time.Time) bool {
	day, weekday := o.days[wall.Day()], o.weekdays[wall.Weekday()]
	return (day && weekday || o.either && (day || weekday)) && o.minutes[wall.Minute()] && o.hours[wall.Hour()] && o.months[wall.Month()]
}

// due is the rule once more, as an oracle: minute by minute, by the clock as it is and as it was three hours before.
func (o *oracle) due(z *time.Location, at time.Time) bool {
	wall := at.In(z)
	_, now := wall.Zone()
	_, was := at.Add(-3 * time.Hour).In(z).Zone()
	start, _ := wall.ZoneBounds()
	change := time.Duration(now-was) * time.Second
	if now == was || start.IsZero() {
		return o.matches(wall)
	}
	if change > 0 && at.Before(start.Add(change)) {
		return o.matches(wall) || o.matches(wall.Add(-change).UTC().Add(time.Duration(now)*time.Second))
	}
	if change < 0 && at.Before(start.Add(-change)) {
		return o.matches(wall) && o.open
	}
	return o.matches(wall)
}

func TestNextAgainstEveryMinute(t *testing.T) {
	field := func(least, most int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			low := rapid.IntRange(least, most).Draw(t, "low")
			high := rapid.IntRange(low, most).Draw(t, "high")
			step := rapid.IntRange(1, max(1, most-least)).Draw(t, "step")
			switch rapid.IntRange(0, 4).Draw(t, "shape") {
			case 0:
				return fmt.Sprintf("*/%d", step)
			case 1:
				return fmt.Sprintf("%d-%d", low, high)
			case 2:
				return fmt.Sprintf("%d,%d", high, low)
			case 3:
				return fmt.Sprint(low)
			}
			return "*"
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		var z *time.Location
		var err error
		if z, err = time.LoadLocation(rapid.SampledFrom([]string{
			"Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "UTC",
		}).Draw(t, "zone")); err != nil {
			t.Fatal(err)
		}
		weekday := rapid.SampledFrom([]string{"*", "*", "0", "7", "1-5", "0,6", "*/2"}).Draw(t, "weekday")
		spec := strings.Join([]string{
			field(0, 59).Draw(t, "minute"), field(0, 23).Draw(t, "hour"),
			rapid.SampledFrom([]string{"*", "*", "8,25,29"}).Draw(t, "day"), "*", weekday,
		}, " ")
		day := rapid.SampledFrom([]string{
			"2026-03-28", "2026-10-24", "2026-03-07", "2026-10-31", "2026-10-03", "2026-04-04", "2026-06-01",
		}).Draw(t, "day")
		from, err := time.Parse(time.RFC3339, day+"T00:00:00Z")
		if err != nil {
			t.Fatal(err)
		}
		c, err := schedule.Parse(spec, z)
		if err != nil {
			t.Fatalf("%s: %v", spec, err)
		}
		judge := newOracle(spec)
		from, to := from.Add(12*time.Hour), from.Add(36*time.Hour)
		next := c.Next(from.Add(-time.Nanosecond))
		for at := from; at.Before(to); at = at.Add(time.Minute) {
			want := judge.due(z, at)
			if got := next.Equal(at); got != want {
				t.Fatalf("%s in %s at %s: due is %v, want %v (next is %s)", spec, z, at.In(z), got, want, next)
			}
			if want {
				after := c.Next(next)
				if !after.After(next) {
					t.Fatalf("%s in %s: %s comes after %s", spec, z, after, next)
				}
				next = after
			}
		}
	})
}

func FuzzCron(f *testing.F) {
	for _, seed := range []string{
		"0 9 * * 1-5", "*/15 22-2 1,15 JAN-MAR FRI-MON", "@daily", "0 9 31 2 *", "TZ=0", "* * * * *", "0 0 29 2 *",
	} {
		f.Add(seed, "Europe/Madrid", int64(1774742400))
	}
	f.Add("30 2 * * *", "Australia/Lord_Howe", int64(1791000000))
	f.Add("0 0 * * *", "Pacific/Apia", int64(1325200000))
	f.Fuzz(func(t *testing.T, spec, name string, seconds int64) {
		z, err := time.LoadLocation(name)
		if err != nil || name == "Local" {
			z = time.UTC
		}
		c, err := schedule.Parse(spec, z)
		if err != nil {
			if err.Error() == "" || len(err.Error()) > 2000 {
				t.Fatalf("the error of %q is %q", spec, err)
			}
			return
		}
		at := time.Unix(seconds%(1<<33), 0) // until the year 2242
		for range 50 {
			next := c.Next(at)
			if next.IsZero() {
				t.Fatalf("%q in %s has nothing after %s", spec, z, at)
			}
			if !next.After(at) {
				t.Fatalf("%q in %s: %s comes after %s", spec, z, next, at)
			}
			at = next
		}
	})
}
