package dashboard_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
)

// million is a run of a million deliveries: 80 a second for an hour and a half, a pause of an hour, and 100 a second.
func million() *fake {
	run := aRun(engine.RunSucceeded)
	run.StartedAt = noon().Add(-4 * time.Hour)
	f := &fake{runs: []engine.Run{run}, deliveries: make([]delivery.Delivery, 1_000_000)}
	for i := range f.deliveries {
		d := &f.deliveries[i]
		d.ID, d.Run, d.Key.Job, d.Key.Scope, d.State = delivery.ID(i*3+7), run.ID, run.Job, run.Scope, delivery.Read
		d.IntendedAt = run.StartedAt.Add(time.Duration(i) * time.Second / 80)
		if i >= 432000 {
			d.IntendedAt = run.StartedAt.Add(150*time.Minute + time.Duration(i-432000)*time.Second/100)
		}
		if i%10 == 0 {
			d.State = delivery.Delivered
		}
	}
	return f
}

// TestMillionReadsLittle opens the pages of a run of a million deliveries, and counts what they read.
func TestMillionReadsLittle(t *testing.T) {
	f := million()
	h := dashboard.New(demoOptions(f))
	for path, most := range map[string]int64{
		"/runs/r1": 50_000, "/runs/r1/deliveries": 102, "/deliveries/1500007": 1, "/": 1, "/runs/r1/deliveries?after=2999000": 102,
	} {
		f.yielded.Store(0)
		w := get(t, h, path)
		if w.Code != 200 || f.yielded.Load() > most {
			t.Errorf("%s: status %d, read %d deliveries, may read %d", path, w.Code, f.yielded.Load(), most)
		}
	}
}

// TestMillionOverTime looks at a large run until its chart is no estimate any more.
func TestMillionOverTime(t *testing.T) {
	f := million()
	o := demoOptions(f)
	now := noon()
	o.Now = func() time.Time { return now }
	h := dashboard.New(o)
	page := ""
	for look := 1; look <= 20; look++ {
		now = now.Add(time.Minute)
		f.yielded.Store(0)
		page = get(t, h, "/runs/r1").Body.String()
		if f.yielded.Load() > 50_000 {
			t.Errorf("look %d read %d deliveries", look, f.yielded.Load())
		}
		if total := sum(requests(page, "accepted")); total != 1_000_000 {
			t.Errorf("look %d: the columns add up to %d", look, total)
		}
		if look == 1 {
			contains(t, page, "Estimated from 50,000 of 1,000,000 deliveries", `http-equiv="refresh"`)
		}
	}
	contains(t, page, "Each delivery with its latest request.")
	lacks(t, page, `http-equiv="refresh"`)
	steady := 0
	for at, n := range requests(page, "accepted") {
		switch { // in Madrid: the pause is from 10:30 to 11:30
		case at >= 10*60+30 && at < 11*60+30 && n != 0:
			t.Errorf("%d requests are drawn into the pause, at minute %d", n, at)
		case at >= 9*60 && at < 10*60+30: // steady: five minutes of 80 a second
			steady++
			if n != 24000 {
				t.Errorf("%d requests in five minutes from minute %d on, want 24,000", n, at)
			}
		}
	}
	if steady != 18 {
		t.Errorf("%d columns are steady, want 18", steady)
	}
}

// TestReportReadsWhole makes the report of a run that is too large for one look.
func TestReportReadsWhole(t *testing.T) {
	f := million()
	f.deliveries = f.deliveries[:120_000]
	var b strings.Builder
	if err := dashboard.WriteReport(t.Context(), &b, demoOptions(f), "r1"); err != nil {
		t.Fatal(err)
	}
	contains(t, b.String(), "Each delivery with its latest request.")
}

// TestPaceFollowsARunUnderWay has requests without an answer at a first look, and failures that come late: no later
// look draws them as they were.
func TestPaceFollowsARunUnderWay(t *testing.T) {
	f := million()
	f.deliveries = f.deliveries[:60_000]
	f.runs[0].Status, f.runs[0].FinishedAt = engine.RunRunning, time.Time{}
	f.deliveries[30_000].State = delivery.Intended
	o := demoOptions(f)
	now := noon()
	o.Now = func() time.Time { return now }
	h := dashboard.New(o)
	look := func() string {
		now = now.Add(time.Minute)
		return get(t, h, "/runs/r1").Body.String()
	}
	lacks(t, look(), "No request for") // only a whole reading knows the latest
	f.deliveries[30_000].State = delivery.Read
	page := look()
	contains(t, page, "Each delivery with its latest request.", "No request for")
	if waiting := sum(requests(page, "open")); waiting != 0 {
		t.Errorf("%d requests are drawn as waiting, want none", waiting)
	}
	for i := range 1000 {
		f.deliveries[i].State = delivery.Failed
	}
	look() // finds that too much has changed
	look() // starts anew
	if failed := sum(requests(look(), "failed")); failed != 1000 {
		t.Errorf("%d requests are drawn as failed, want 1000", failed)
	}
}

func sum(counts map[int]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// chartRow is a line of the table that says what a run's chart draws.
var chartRow = regexp.MustCompile(`<th scope="row"><time[^>]*>[^<]* (\d\d):(\d\d):\d\d</time></th>` +
	`<td class="n">([\d,]*)</td><td class="n">([\d,]*)</td><td class="n">([\d,]*)</td>`)

// requests returns those of each column of the chart that were accepted, failed or are open, by the minute of the day.
func requests(page, kind string) map[int]int {
	at := map[string]int{"accepted": 3, "failed": 4, "open": 5}[kind]
	counts := map[int]int{}
	for _, m := range chartRow.FindAllStringSubmatch(page, -1) {
		hour, _ := strconv.Atoi(m[1])
		minute, _ := strconv.Atoi(m[2])
		n, _ := strconv.Atoi(strings.ReplaceAll(m[at], ",", ""))
		counts[hour*60+minute] += n
	}
	return counts
}
