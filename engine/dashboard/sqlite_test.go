package dashboard_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
)

// sqlite opens a real ledger and sends n messages from it, of which some are refused, delivered, read, in doubt.
func sqlite(t *testing.T, n int64) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := l.StartRun(
		t.Context(),
		engine.Run{ID: "20260325-090000-k3v9", Job: "reminders", Mode: engine.ModeApply, Scope: "ever", StartedAt: time.Now()},
	); err != nil {
		t.Fatal(err)
	}
	release, err := l.Lock(t.Context(), "a test")
	if err != nil {
		t.Fatal(err)
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range 64 {
		wait.Go(func() {
			for i := next.Add(1); i <= n; i = next.Add(1) {
				if err := sendOne(t.Context(), l, i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	if err := release(); err != nil {
		t.Fatal(err)
	}
	return l
}

func sendOne(ctx context.Context, l *ledger.Ledger, i int64) error {
	ticket, err := l.Intend(ctx, delivery.Intent{
		Key: delivery.Key{Job: "reminders", Scope: "ever", Step: "patients/remind", Item: fmt.Sprintf("%07d", i)},
		Run: "20260325-090000-k3v9", Recipient: fmt.Sprintf("+34600%06d", i%1000000), Row: int(i),
	})
	if err != nil {
		return err
	}
	a := delivery.Attempt{
		Delivery: ticket.Delivery, Run: "20260325-090000-k3v9", Number: ticket.Attempt, At: ticket.At,
		Ended:  ticket.At.Add(time.Millisecond),
		Result: delivery.ResultAccepted, MessageID: fmt.Sprintf("wamid.%d", i), Answer: delivery.Answer{Status: 200},
	}
	switch {
	case i%50 == 0:
		a.Result, a.MessageID, a.Answer = delivery.ResultRefused, "", delivery.Answer{
			Status: 400, Code: 131047, Message: "Re-engagement message",
		}
	case i%333 == 0:
		a.Result, a.MessageID, a.Answer = delivery.ResultInDoubt, "", delivery.Answer{Message: "no answer"}
	}
	if _, err := l.Settle(ctx, a); err != nil || i%4 != 0 || a.MessageID == "" {
		return err
	}
	return l.Record(ctx, engine.Report{
		Body: fmt.Appendf(nil, `{"n":%d}`, i), ReceivedAt: time.Now(),
		Statuses: []delivery.Status{{MessageID: a.MessageID, State: delivery.Read, Word: "read", At: time.Now()}},
		Inbound: []engine.Inbound{
			{ID: fmt.Sprint("in", i), NumberID: "1", From: "34612345678", At: time.Now(), Type: "text", Text: fmt.Sprint("answer ", i)},
		},
	})
}

// TestOnALedger opens every page over a real ledger.
func TestOnALedger(t *testing.T) {
	const n = 5000
	l := sqlite(t, n)
	o := demoOptions(l)
	o.Now = time.Now
	h := dashboard.New(o)
	run := get(t, h, "/runs/last").Body.String()
	for name, want := range map[string]string{
		"Messages": "5,000", "Accepted": "4,885", "Read": "1,197", "Failed": "100", "In doubt": "15", "Refused": "100",
	} {
		if got := keyFigure(t, run, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	contains(t, run, "Each delivery with its latest request.", "Re-engagement message", "131047", `http-equiv="refresh"`)
	page := get(t, h, "/runs/2026/deliveries?q=600+000-100&state=rejected").Body.String()
	if got := lines(page); len(got) != 1 {
		t.Fatalf("found %d deliveries", len(got))
	}
	contains(t, page, "1–1 of 1", "34600000100")
	contains(t, get(t, h, fmt.Sprintf("/deliveries/%d", lines(page)[0])).Body.String(), "More than 24 hours passed", ">refused<")
	contains(t, get(t, h, "/runs/last/deliveries?state=read&code=&q=").Body.String(), "1–100 of 1,197")
	contains(t, get(t, h, "/inbox").Body.String(), "answer ", "/inbox?show=200")
	contains(t, get(t, h, "/").Body.String(), "15 deliveries in doubt", "4,8", "so far")
	for _, path := range []string{"/schedules", "/notices"} {
		if w := get(t, h, path); w.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	seen := 0
	for path := "/runs/last/deliveries"; path != "" && seen <= n; {
		page := get(t, h, path).Body.String()
		seen += len(lines(page))
		path = link(page, "next")
	}
	if seen != n {
		t.Errorf("paging saw %d deliveries", seen)
	}
	var b strings.Builder
	if err := dashboard.WriteReport(t.Context(), &b, o, "last"); err != nil {
		t.Fatal(err)
	}
}
