package report_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/report"
)

func wait(at time.Time, step, item string, code int, d time.Duration) engine.Event {
	return engine.Event{
		Kind: engine.Attempted, At: at, Step: &engine.Step{ID: step, Path: step}, Item: item, Wait: d,
		Attempt: &delivery.Attempt{Number: 1, Answer: delivery.Answer{Status: 400, Code: code, Message: "WhatsApp error: maintenance."}},
	}
}

func TestWaitsAreToldOnceInAWhile(t *testing.T) {
	var w report.Waits
	start := time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		event engine.Event
		want  string
	}{
		{"short", wait(start, "hello", "1", 131057, 5*time.Second), ""},
		{"long", wait(start, "hello", "1", 131057, time.Minute), "step hello, item 1: WhatsApp error: maintenance; next try in 1m 00s"},
		{"the same for another", wait(start.Add(time.Second), "hello", "2", 131057, time.Minute), ""},
		{
			"another code", wait(start.Add(time.Second), "hello", "2", 130429, time.Hour),
			"step hello, item 2: WhatsApp error: maintenance; next try in 1h 00m",
		},
		{
			"another step", wait(start.Add(time.Second), "bye", "", 131057, time.Minute),
			"step bye: WhatsApp error: maintenance; next try in 1m 00s",
		},
		{
			"later", wait(start.Add(31*time.Second), "hello", "3", 131057, 10*time.Second),
			"step hello, item 3: WhatsApp error: maintenance; next try in 10s (1 more waits likewise)",
		},
		{"no wait", engine.Event{Kind: engine.ItemFinished, At: start}, ""},
	} {
		if got := w.Line(c.event); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWaitsInTheLiveLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lockedBuffer
		p := report.NewProgress(report.ProgressOptions{Writer: &out, Now: time.Now, Live: true, Title: "spring"})
		ctx, stop := context.WithCancel(t.Context())
		go p.Run(ctx)
		p.Observe(wait(time.Now(), "hello", "1", 131057, time.Minute))
		time.Sleep(20 * time.Second)
		if synctest.Wait(); !strings.HasSuffix(out.String(), "next try in 40s (131057)") {
			t.Errorf("the line does not end with the wait: %q", out.String()[max(0, len(out.String())-120):])
		}
		time.Sleep(50 * time.Second)
		if synctest.Wait(); strings.HasSuffix(out.String(), ")") {
			t.Errorf("the wait is over: %q", out.String()[max(0, len(out.String())-120):])
		}
		stop()
		synctest.Wait()
	})
}

// TestLiveLineKeepsItsFigures: a long name is cut before they are.
func TestLiveLineKeepsItsFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lockedBuffer
		p := report.NewProgress(report.ProgressOptions{
			Writer: &out, Now: time.Now, Live: true, Title: "reminders-of-all-the-appointments", Total: 100_000,
		})
		ctx, stop := context.WithCancel(t.Context())
		go p.Run(ctx)
		for range 3000 {
			p.Observe(engine.Event{Kind: engine.Settled, Delivery: &delivery.Delivery{State: delivery.Accepted}})
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		line := out.String()[strings.LastIndex(out.String(), "\r"):]
		if !strings.HasPrefix(line, "\r\x1b[Kreminders-") || !strings.Contains(line, "3,000 of 100,000 sent  0 failed  0 in doubt") {
			t.Errorf("%q", line)
		}
		if wide := len([]rune(line)) - len("\r\x1b[K"); wide > 79 {
			t.Errorf("the line is %d columns wide: %q", wide, line)
		}
		stop()
		synctest.Wait()
	})
}

// TestNarrowLineKeepsTheTimeLeft: what did not happen, and where the run is, go before the time that is left; what failed never goes.
func TestNarrowLineKeepsTheTimeLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out lockedBuffer
		p := report.NewProgress(report.ProgressOptions{
			Writer: &out, Now: time.Now, Live: true, Title: "reminders-of-all-the-appointments", Total: 5000, Columns: func() int { return 50 },
		})
		ctx, stop := context.WithCancel(t.Context())
		go p.Run(ctx)
		p.Observe(engine.Event{Kind: engine.StepStarted, Step: &engine.Step{Path: "patients/remind"}})
		for range 3000 {
			p.Observe(engine.Event{Kind: engine.Settled, Delivery: &delivery.Delivery{State: delivery.Accepted}})
		}
		last := func() string {
			time.Sleep(time.Second)
			synctest.Wait()
			return out.String()[strings.LastIndex(out.String(), "\r")+len("\r\x1b[K"):]
		}
		if line := last(); !strings.HasPrefix(line, "reminder") || !strings.Contains(line, "3,000 of 5,000 sent  ") || !strings.HasSuffix(line, "  0.7s left") || len([]rune(line)) > 49 {
			t.Errorf("%q", line)
		}
		p.Observe(engine.Event{Kind: engine.StepFinished, Ending: engine.EndedFailed})
		if line := last(); !strings.Contains(line, "3,000 of 5,000 sent  1 failed") || !strings.HasSuffix(line, "left") || len([]rune(line)) > 49 {
			t.Errorf("%q", line)
		}
		stop()
		synctest.Wait()
	})
}
