package schedule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/schedule"
)

func TestListing(t *testing.T) {
	list := func(start string, n int, jobs ...*engine.Job) string {
		t.Helper()
		all, err := schedule.Listing(jobs, at(t, start), n)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, u := range all {
			fmt.Fprintf(&text, "%s: %s, %s\n", u.Job, u.Cron, u.Zone)
			for _, one := range u.Times {
				fmt.Fprintf(&text, "%s = %s %s\n", one.Local.Format("2 15:04 MST"), one.UTC.Format("2 15:04 MST"), one.Note)
			}
		}
		return text.String()
	}
	unscheduled := &engine.Job{Name: "unscheduled"}
	for _, test := range []struct{ got, want string }{
		{list("2026-03-27 12:00:00", 3, job(t, "night", "30 2 * * *", "run", 0), unscheduled), `night: 30 2 * * *, Europe/Madrid
28 02:30 CET = 28 01:30 UTC 
29 03:30 CEST = 29 01:30 UTC there is no 02:30 that day: the clock goes from 02:00 to 03:00
30 02:30 CEST = 30 00:30 UTC 
`},
		{list("2026-10-24 12:00:00", 2, job(t, "night", "30 2 * * *", "run", 0)), `night: 30 2 * * *, Europe/Madrid
25 02:30 CEST = 25 00:30 UTC 02:30 comes twice that day: it runs at the first alone
26 02:30 CET = 26 01:30 UTC 
`},
		{list("2026-10-25 01:30:00", 3, job(t, "hourly", "@hourly", "run", 0)), `hourly: @hourly, Europe/Madrid
25 02:00 CEST = 25 00:00 UTC 02:00 comes twice that day: the first
25 02:00 CET = 25 01:00 UTC 02:00 comes twice that day: the second
25 03:00 CET = 25 02:00 UTC 
`},
		{list("2026-10-25 01:30:00", 3, unscheduled), ""},
		{
			list("2026-10-25 01:30:00", -1, job(t, "leap", "0 0 29 2 *", "run", 0)),
			"leap: 0 0 29 2 *, Europe/Madrid\n29 00:00 CET = 28 23:00 UTC \n",
		},
	} {
		if test.got != test.want {
			t.Errorf("got\n%s\nwant\n%s", test.got, test.want)
		}
	}
	if _, err := schedule.Listing([]*engine.Job{job(t, "bad", "x", "run", 0)}, time.Unix(0, 0), 1); err == nil ||
		!strings.HasPrefix(err.Error(), "schedule of job bad: ") {
		t.Errorf("got %v", err)
	}
}

// Every occurrence has a scope of its own, and the Listing and the loop name it alike.
func TestScopesAreUnique(t *testing.T) {
	for _, name := range []string{"Europe/Madrid", "Australia/Lord_Howe", "America/New_York", "UTC"} {
		j := &engine.Job{Name: "often", Schedule: &engine.Schedule{Cron: "*/15 * * * *", Zone: zone(t, name)}}
		seen := map[string]time.Time{}
		for _, month := range []time.Month{time.March, time.April, time.October, time.November} {
			all, err := schedule.Listing([]*engine.Job{j}, time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC), 1000)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range all[0].Times {
				if other, ok := seen[one.Scope]; ok && !other.Equal(one.UTC) {
					t.Fatalf("%s is %s and %s", one.Scope, other, one.UTC)
				}
				seen[one.Scope] = one.UTC
			}
		}
	}
}
