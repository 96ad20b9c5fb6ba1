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

// TestMillion opens the pages of a run of a million deliveries, and counts what they read.
func TestMillion(t *testing.T) {
	const n = 1000000
	run := aRun(engine.RunSucceeded)
	run.StartedAt = noon().Add(-4 * time.Hour)
	f := &fake{runs: []engine.Run{run}, deliveries: make([]delivery.Delivery, n)}
	for i := range f.deliveries {
		d := &f.deliveries[i]
		d.ID, d.Run, d.Key.Job, d.Key.Scope, d.State = delivery.ID(i*3+7), run.ID, run.Job, run.Scope, delivery.Read
		// 80 a second for an hour and a half, a pause of an hour, and 100 a second.
		d.IntendedAt = run.StartedAt.Add(time.Duration(i) * time.Second / 80)
		if i >= 432000 {
			d.IntendedAt = run.StartedAt.Add(150*time.Minute + time.Duration(i-432000)*time.Second/100)
		}
		if i%10 == 0 {
			d.State = delivery.Delivered
		}
	}
	h := dashboard.New(demoOptions(f))
	for path, most := range map[string]int64{
		"/runs/r1": 1000, "/runs/r1/deliveries": 102, "/deliveries/1500007": 1, "/": 1, "/runs/r1/deliveries?after=2999000": 102,
	} {
		f.yielded.Store(0)
		w := get(t, h, path)
		if w.Code != 200 || f.yielded.Load() > most {
			t.Errorf("%s: status %d, read %d deliveries, may read %d", path, w.Code, f.yielded.Load(), most)
		}
	}
	page := get(t, h, "/runs/r1").Body.String()
	contains(t, page, "Estimated from 400 of 1,000,000 deliveries")
	total, pause, steady := 0, 0, 0
	for _, m := range regexp.MustCompile(`<th scope="row"><time[^>]*>[^<]* (\d\d):(\d\d):\d\d</time></th><td class="n">([\d,]*)</td>`).FindAllStringSubmatch(page, -1) {
		v, _ := strconv.Atoi(strings.ReplaceAll(m[3], ",", ""))
		total += v
		hour, _ := strconv.Atoi(m[1])
		minute, _ := strconv.Atoi(m[2])
		switch at := hour*60 + minute; { // in Madrid: the pause is from 10:30 to 11:30
		case at >= 10*60+40 && at <= 11*60+20:
			pause += v
		case at >= 9*60+5 && at <= 10*60+20: // steady: five minutes of 80 a second
			steady++
			if v < 23500 || v > 24500 {
				t.Errorf("%d requests from %s:%s on, want about 24,000", v, m[1], m[2])
			}
		}
	}
	if total < n*98/100 || total > n*102/100 {
		t.Errorf("the columns add up to %d", total)
	}
	if steady != 16 {
		t.Errorf("%d columns are steady, want 16", steady)
	}
	if pause > n/200 {
		t.Errorf("%d requests are drawn into the pause", pause)
	}
}

// TestEstimateOfFewAmongMany has a run whose deliveries lie far apart among those of others.
func TestEstimateOfFewAmongMany(t *testing.T) {
	run := aRun(engine.RunSucceeded)
	f := &fake{runs: []engine.Run{run}}
	for i := range 6000 {
		id := delivery.ID(i + 1)
		if i >= 3000 {
			id += 1 << 40
		}
		f.deliveries = append(f.deliveries, delivery.Delivery{ID: id, Run: run.ID, State: delivery.Read, IntendedAt: run.StartedAt.Add(time.Duration(i) * 10 * time.Millisecond)})
	}
	page := get(t, dashboard.New(demoOptions(f)), "/runs/r1").Body.String()
	contains(t, page, "of 6,000 deliveries, each with its latest request")
	if f.yielded.Load() > 1000 {
		t.Errorf("read %d deliveries", f.yielded.Load())
	}
}
