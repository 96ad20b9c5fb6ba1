package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/dashboard/metrics"
	"waybill/engine/delivery"
)

// ledgerCollector is a Reader of nothing but what metrics read.
type ledgerCollector struct {
	engine.Reader

	mu      sync.Mutex
	runs    []engine.Run
	tally   map[delivery.State]int
	inbound int
	webhook time.Time
	tallied int
	err     error
}

func (s *ledgerCollector) Runs(context.Context, engine.RunFilter) iter.Seq2[engine.Run, error] {
	return func(yield func(engine.Run, error) bool) {
		for _, r := range s.runs {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (s *ledgerCollector) Tally(context.Context, engine.DeliveryFilter) (map[delivery.State]int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tallied++
	return s.tally, s.err
}

func (s *ledgerCollector) Inbound(_ context.Context, f engine.InboundFilter) iter.Seq2[engine.Inbound, error] {
	return func(yield func(engine.Inbound, error) bool) {
		for range min(s.inbound, f.Limit) {
			if !yield(engine.Inbound{From: "34612345678"}, nil) {
				return
			}
		}
	}
}

func (s *ledgerCollector) Receiving(context.Context) (time.Time, error) { return s.webhook, nil }

func noon() time.Time { return time.Date(2026, 3, 25, 12, 0, 0, 0, time.UTC) }

func newMetrics(t *testing.T, o metrics.Options) *metrics.Metrics {
	t.Helper()
	if o.Now == nil {
		o.Now = noon
	}
	if o.Broken == nil {
		o.Broken = func() int { return 0 }
	}
	m, err := metrics.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// scrape returns the lines of our own metrics.
func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body.String())
	}
	return w.Body.String()
}

func has(t *testing.T, page string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains("\n"+page, "\n"+w+"\n") {
			t.Errorf("no line %q", w)
		}
	}
}

func TestFigures(t *testing.T) {
	s := &ledgerCollector{
		runs: []engine.Run{
			{Status: engine.RunRunning, Job: "reminders", Counts: engine.CountsOf(map[delivery.Outcome]int{
				delivery.OutcomeRead: 5, delivery.OutcomeDelivered: 2, delivery.OutcomeUndelivered: 3, delivery.OutcomeInvalid: 1,
			})},
			{Status: engine.RunFailed, Job: "reminders", Counts: engine.Counts{Read: 99}}, // an older one
			{Status: engine.RunInDoubt},
			{Status: engine.RunInDoubt},
			{Status: "strange\n+34612345678"},
		},
		tally: map[delivery.State]int{delivery.Read: 7, delivery.InDoubt: 2}, inbound: 3, webhook: noon().Add(-90 * time.Second),
	}
	m := newMetrics(t, metrics.Options{Ledger: s, Version: "0.1.0", Alarms: func(context.Context) (metrics.Alarms, error) {
		return metrics.Alarms{ForeignCallbacks: 4, Unclaimed: 5}, nil
	}})
	has(t, scrape(t, m),
		`waybill_runs{status="running"} 1`, `waybill_runs{status="inDoubt"} 2`, `waybill_runs{status="failed"} 1`,
		`waybill_runs{status="other"} 1`,
		`waybill_deliveries{state="read"} 7`, `waybill_deliveries{state="inDoubt"} 2`, `waybill_deliveries{state="planned"} 0`,
		`waybill_run_messages{job="reminders",outcome="accepted"} 10`, `waybill_run_messages{job="reminders",outcome="delivered"} 7`,
		`waybill_run_messages{job="reminders",outcome="read"} 5`, `waybill_run_messages{job="reminders",outcome="undelivered"} 3`,
		`waybill_run_messages{job="reminders",outcome="invalid"} 1`,
		`waybill_inbox_messages 3`, `waybill_webhook_age_seconds 90`, `waybill_double_accepts_total 0`, `waybill_foreign_callbacks_total 4`,
		`waybill_unclaimed_statuses 5`, `waybill_build_info{version="0.1.0"} 1`,
		`waybill_webhooks_refused_total{reason="signature"} 0`, `waybill_attempts_total{code="0",result="inDoubt"} 0`)

	m.WebhookReceived()
	m.WebhookReceived()
	m.WebhookRefused(metrics.RefusedSignature)
	m.WebhookRefused("from +34612345678")
	m.WebhookFailed()
	m.Report(engine.Report{
		Statuses: []delivery.Status{{Word: "delivered", Recipient: "34612345678"}, {Word: "played"}, {Word: "34612345678"}},
		Inbound:  []engine.Inbound{{From: "34612345678", Text: "hello"}},
	})
	m.Attempt(delivery.Attempt{
		At: noon(), Ended: noon().Add(300 * time.Millisecond), Result: delivery.ResultRefused,
		Answer: delivery.Answer{Code: 131047},
	})
	m.Began("reminders", 1500*time.Millisecond)
	m.Began("reminders", -time.Second)
	m.Missed("reminders")
	page := scrape(t, m)
	has(t, page,
		`waybill_webhooks_received_total 2`, `waybill_webhooks_refused_total{reason="signature"} 1`,
		`waybill_webhooks_refused_total{reason="other"} 1`,
		`waybill_webhooks_failed_total 1`, `waybill_statuses_total{status="delivered"} 1`, `waybill_statuses_total{status="played"} 1`,
		`waybill_statuses_total{status="other"} 1`, `waybill_inbound_total 1`, `waybill_attempts_total{code="131047",result="refused"} 1`,
		`waybill_attempt_seconds_bucket{le="0.5"} 1`, `waybill_attempt_seconds_bucket{le="0.25"} 0`,
		`waybill_schedule_lateness_seconds{job="reminders"} 0`, `waybill_schedule_occurrences_total{job="reminders",result="began"} 2`,
		`waybill_schedule_occurrences_total{job="reminders",result="missed"} 1`)
	if strings.Contains(page, "34612345678") || strings.Contains(page, "hello") {
		t.Error("a phone number or a text is among the figures")
	}
}

func TestFreshLedger(t *testing.T) {
	page := scrape(t, newMetrics(t, metrics.Options{Ledger: &ledgerCollector{}}))
	for _, absent := range []string{"waybill_webhook_age_seconds", "waybill_double_accepts_total"} {
		if strings.Contains(page, absent) {
			t.Errorf("%s is there, and nothing is known of it", absent)
		}
	}
	has(t, page, `waybill_inbox_messages 0`)
}

func TestLabelsAreBounded(t *testing.T) {
	s := &ledgerCollector{}
	m := newMetrics(t, metrics.Options{Ledger: s})
	for i := range 5000 {
		s.runs = append(s.runs, engine.Run{Job: fmt.Sprint("job-", i)})
		m.Attempt(delivery.Attempt{Result: delivery.ResultRefused, Answer: delivery.Answer{Code: i}})
		m.Began(fmt.Sprint("job-", i), 0)
		m.Report(engine.Report{Statuses: []delivery.Status{{Word: fmt.Sprint("word-", i)}}})
	}
	page := scrape(t, m)
	if n := strings.Count(page, "\nwaybill_"); n > 4000 {
		t.Errorf("%d series", n)
	}
	has(t, page, `waybill_statuses_total{status="other"} 5000`, `waybill_attempts_total{code="other",result="refused"} 4800`)
}

func TestLedgerIsReadSeldom(t *testing.T) {
	s := &ledgerCollector{}
	var mu sync.Mutex
	now := noon()
	m := newMetrics(t, metrics.Options{Ledger: s, Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() { scrape(t, m) })
	}
	wait.Wait()
	if s.tallied != 1 {
		t.Errorf("read %d times", s.tallied)
	}
	mu.Lock()
	now = now.Add(6 * time.Second)
	mu.Unlock()
	scrape(t, m)
	if s.tallied != 2 {
		t.Errorf("read %d times", s.tallied)
	}
}

func TestErrorSpoilsItsOwnFigure(t *testing.T) {
	var log bytes.Buffer
	s := &ledgerCollector{err: errors.New("the disk is gone"), inbound: 2}
	m := newMetrics(t, metrics.Options{Ledger: s, Log: slog.New(slog.NewTextHandler(&log, nil))})
	m.WebhookReceived()
	page := scrape(t, m)
	has(t, page, `waybill_inbox_messages 2`, `waybill_webhooks_received_total 1`)
	if strings.Contains(page, "waybill_deliveries{") || strings.Contains(page, "disk") {
		t.Error("what could not be read is shown")
	}
	if !strings.Contains(log.String(), "the disk is gone") {
		t.Errorf("the log says nothing: %s", log.String())
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := metrics.New(metrics.Options{}); err == nil {
		t.Error("metrics of nothing")
	}
}

func TestManyAtOnce(t *testing.T) {
	m := newMetrics(t, metrics.Options{Ledger: &ledgerCollector{}})
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for j := range 200 {
				m.Attempt(delivery.Attempt{Result: delivery.ResultAccepted, Answer: delivery.Answer{Code: i*200 + j}})
				m.WebhookReceived()
				m.Began("job", time.Second)
			}
		})
	}
	wait.Go(func() { scrape(t, m) })
	wait.Wait()
	has(t, scrape(t, m), `waybill_webhooks_received_total 1600`)
}
