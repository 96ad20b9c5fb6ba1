package metrics

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waybill/engine"
	"waybill/engine/delivery"
)

const (
	readBudget  = 8 * time.Second // Prometheus gives up after ten by default
	leastKept   = 5 * time.Second
	mostKept    = 5 * time.Minute
	keptPerCost = 20    // so that scrapes take at most a twentieth of the ledger's time
	mostInbox   = 10000 // messages of the inbox that are counted
)

// Alarms are counts of what should not happen, over the whole life of a ledger.
type Alarms struct {
	DoubleAccepts    int // message ids beyond the first of a delivery: a person got it twice
	ForeignCallbacks int // callbacks in webhooks that the ledger did not make
	Unclaimed        int // statuses of messages that the ledger did not send
}

// AlarmsFunc reads them.
type AlarmsFunc func(context.Context) (Alarms, error)

// stock is what stands in the ledger, read when Prometheus asks.
type stock struct {
	Options

	runs, deliveries, inbox, age, double, foreign, unclaimed, took *prometheus.Desc

	mu    sync.Mutex
	kept  []prometheus.Metric
	at    time.Time // of the last webhook; its age is always fresh
	until time.Time
}

func newStock(o Options) *stock {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
	}
	return &stock{
		Options:    o,
		runs:       desc("runs", "Runs in the ledger, by status.", "status"),
		deliveries: desc("deliveries", "Deliveries in the ledger, by the state in which they stand; in_doubt is what waits for a decision.", "state"),
		inbox:      desc("inbox_messages", fmt.Sprintf("Messages in the inbox, counted up to %d.", mostInbox)),
		age:        desc("webhook_age_seconds", "Time since the last webhook was recorded; absent before the first."),
		double:     desc("double_accepts_total", "Message ids beyond the first of a delivery: people who got a message twice. Anything but 0 is an alarm."),
		foreign:    desc("foreign_callbacks_total", "Callbacks in webhooks that this ledger did not make."),
		unclaimed:  desc("unclaimed_statuses", "Statuses of messages that this ledger did not send."),
		took:       desc("ledger_read_seconds", "How long the last reading of the ledger for these figures took."),
	}
}

// Describe implements prometheus.Collector.
func (s *stock) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.runs, s.deliveries, s.inbox, s.age, s.double, s.foreign, s.unclaimed, s.took} {
		out <- d
	}
}

// Collect implements prometheus.Collector. An error spoils its own figure alone.
func (s *stock) Collect(out chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	if !now.Before(s.until) {
		s.read(now)
	}
	for _, m := range s.kept {
		out <- m
	}
	if !s.at.IsZero() {
		out <- prometheus.MustNewConstMetric(s.age, prometheus.GaugeValue, max(0, now.Sub(s.at).Seconds()))
	}
}

// read gathers all figures anew.
func (s *stock) read(began time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), readBudget)
	defer cancel()
	s.kept = nil
	s.readRuns(ctx)
	s.readDeliveries(ctx)
	s.readInbox(ctx)
	s.readAlarms(ctx)
	at, err := s.Ledger.Receiving(ctx)
	if err != nil {
		s.spoil(s.age, err)
	}
	s.at = at
	cost := s.Now().Sub(began)
	s.gauge(s.took, cost.Seconds())
	s.until = s.Now().Add(min(mostKept, max(leastKept, keptPerCost*cost)))
}

func (s *stock) gauge(d *prometheus.Desc, v float64, labels ...string) {
	s.kept = append(s.kept, prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...))
}

func (s *stock) counter(d *prometheus.Desc, v int) {
	s.kept = append(s.kept, prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v)))
}

// spoil makes Prometheus and the log hear of an error.
func (s *stock) spoil(d *prometheus.Desc, err error) {
	s.kept = append(s.kept, prometheus.NewInvalidMetric(d, fmt.Errorf("read the ledger for metrics: %w", err)))
}

func (s *stock) readRuns(ctx context.Context) {
	counts := map[engine.RunStatus]int{
		engine.RunRunning: 0, engine.RunSucceeded: 0, engine.RunFailed: 0, engine.RunInDoubt: 0, engine.RunStopped: 0, engine.RunInterrupted: 0,
	}
	for run, err := range s.Ledger.Runs(ctx, engine.RunFilter{}) {
		if err != nil {
			s.spoil(s.runs, err)
			return
		}
		status := run.Status
		if _, known := counts[status]; !known {
			status = other
		}
		counts[status]++
	}
	for status, n := range counts {
		name := string(status)
		if status == engine.RunInDoubt {
			name = "in_doubt"
		}
		s.gauge(s.runs, float64(n), name)
	}
}

func (s *stock) readDeliveries(ctx context.Context) {
	counts, err := s.Ledger.Tally(ctx, engine.DeliveryFilter{})
	if err != nil {
		s.spoil(s.deliveries, err)
		return
	}
	for _, state := range delivery.States() {
		s.gauge(s.deliveries, float64(counts[state]), label(state.String()))
	}
}

func (s *stock) readInbox(ctx context.Context) {
	n := 0
	for _, err := range s.Ledger.Inbound(ctx, engine.InboundFilter{Limit: mostInbox}) {
		if err != nil {
			s.spoil(s.inbox, err)
			return
		}
		n++
	}
	s.gauge(s.inbox, float64(n))
}

func (s *stock) readAlarms(ctx context.Context) {
	if s.Alarms == nil {
		return
	}
	a, err := s.Alarms(ctx)
	if err != nil {
		s.spoil(s.double, err)
		return
	}
	s.counter(s.double, a.DoubleAccepts)
	s.counter(s.foreign, a.ForeignCallbacks)
	s.gauge(s.unclaimed, float64(a.Unclaimed))
}

// label makes one word of a state or result: "in_doubt".
func label(word string) string { return strings.ReplaceAll(word, " ", "_") }
