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
	readBudget = 8 * time.Second // Prometheus gives up after ten by default
	minTTL     = 5 * time.Second
	maxTTL     = 5 * time.Minute
	ttlPerCost = 20    // so that scrapes take at most a twentieth of the ledger's time
	mostInbox  = 10000 // messages of the inbox that are counted
)

// Alarms are counts of what should not happen, over the whole life of a ledger.
type Alarms struct {
	DoubleAccepts    int // message ids beyond the first of a delivery: a person got it twice
	ForeignCallbacks int // callbacks in webhooks that the ledger did not make
	Unclaimed        int // statuses of messages that the ledger did not send
}

// AlarmsFunc reads them.
type AlarmsFunc func(context.Context) (Alarms, error)

// ledgerCollector is what stands in the ledger, read when Prometheus asks.
type ledgerCollector struct {
	Options

	runs, messages, deliveries, inbox, age, double, foreign, unclaimed, took *prometheus.Desc

	mu     sync.Mutex
	cached []prometheus.Metric
	at     time.Time // of the last webhook; its age is always fresh
	until  time.Time
}

func newLedgerCollector(o Options) *ledgerCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
	}
	return &ledgerCollector{
		Options: o,
		runs:    desc("runs", "Runs in the ledger, by status.", "status"),
		messages: desc("run_messages",
			"Messages of each job's newest run, by what became of them; delivered counts those that were read, and accepted all that WhatsApp took.",
			"job", "outcome"),
		deliveries: desc("deliveries",
			"Deliveries in the ledger, by the state in which they stand; inDoubt is what waits for a decision.", "state"),
		inbox: desc("inbox_messages", fmt.Sprintf("Messages in the inbox, counted up to %d.", mostInbox)),
		age:   desc("webhook_age_seconds", "Time since the last webhook was recorded; absent before the first."),
		double: desc("double_accepts_total",
			"Message ids beyond the first of a delivery: people who got a message twice. Anything but 0 is an alarm."),
		foreign:   desc("foreign_callbacks_total", "Callbacks in webhooks that this ledger did not make."),
		unclaimed: desc("unclaimed_statuses", "Statuses of messages that this ledger did not send."),
		took:      desc("ledger_read_seconds", "How long the last reading of the ledger for these figures took."),
	}
}

// Describe implements prometheus.Collector.
func (c *ledgerCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.runs, c.messages, c.deliveries, c.inbox, c.age, c.double, c.foreign, c.unclaimed, c.took} {
		out <- d
	}
}

// Collect implements prometheus.Collector. An error spoils its own figure alone.
func (c *ledgerCollector) Collect(out chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.Now()
	if !now.Before(c.until) {
		c.read(now)
	}
	for _, m := range c.cached {
		out <- m
	}
	if !c.at.IsZero() {
		out <- prometheus.MustNewConstMetric(c.age, prometheus.GaugeValue, max(0, now.Sub(c.at).Seconds()))
	}
}

// read gathers all figures anew.
func (c *ledgerCollector) read(began time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), readBudget)
	defer cancel()
	c.cached = nil
	c.readRuns(ctx)
	c.readDeliveries(ctx)
	c.readInbox(ctx)
	c.readAlarms(ctx)
	at, err := c.Ledger.Receiving(ctx)
	if err != nil {
		c.invalid(c.age, err)
	}
	c.at = at
	cost := c.Now().Sub(began)
	c.gauge(c.took, cost.Seconds())
	c.until = c.Now().Add(min(maxTTL, max(minTTL, ttlPerCost*cost)))
}

func (c *ledgerCollector) gauge(d *prometheus.Desc, v float64, labels ...string) {
	c.cached = append(c.cached, prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...))
}

func (c *ledgerCollector) counter(d *prometheus.Desc, v int) {
	c.cached = append(c.cached, prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v)))
}

// invalid makes Prometheus and the log hear of an error.
func (c *ledgerCollector) invalid(d *prometheus.Desc, err error) {
	c.cached = append(c.cached, prometheus.NewInvalidMetric(d, fmt.Errorf("read the ledger for metrics: %w", err)))
}

func (c *ledgerCollector) readRuns(ctx context.Context) {
	counts := map[engine.RunStatus]int{
		engine.RunRunning: 0, engine.RunSucceeded: 0, engine.RunFailed: 0,
		engine.RunInDoubt: 0, engine.RunStopped: 0, engine.RunInterrupted: 0,
	}
	newest := map[string]bool{}
	for run, err := range c.Ledger.Runs(ctx, engine.RunFilter{}) {
		if err != nil {
			c.invalid(c.runs, err)
			return
		}
		if !newest[run.Job] && len(newest) < mostJobs {
			newest[run.Job] = true
			c.countMessages(run)
		}
		status := run.Status
		if _, known := counts[status]; !known {
			status = other
		}
		counts[status]++
	}
	for status, n := range counts {
		c.gauge(c.runs, float64(n), string(status))
	}
}

// countMessages writes the counts of a job's newest run. The sums total, succeeded and failed follow from them.
func (c *ledgerCollector) countMessages(run engine.Run) {
	n := run.Counts
	for outcome, n := range map[string]int{
		"accepted": n.Accepted, "delivered": n.Delivered, "read": n.Read, "held": n.Held, "undelivered": n.Undelivered,
		"refused": n.Refused, "invalid": n.Invalid, "skipped": n.Skipped, "waiting": n.Waiting, "inDoubt": n.InDoubt,
		"notSent": n.NotSent, "underWay": n.UnderWay,
	} {
		c.gauge(c.messages, float64(n), strings.ToValidUTF8(run.Job, "\uFFFD"), outcome)
	}
}

func (c *ledgerCollector) readDeliveries(ctx context.Context) {
	counts, err := c.Ledger.Tally(ctx, engine.DeliveryFilter{})
	if err != nil {
		c.invalid(c.deliveries, err)
		return
	}
	for _, state := range delivery.States() {
		c.gauge(c.deliveries, float64(counts[state]), state.Name())
	}
}

func (c *ledgerCollector) readInbox(ctx context.Context) {
	n := 0
	for _, err := range c.Ledger.Inbound(ctx, engine.InboundFilter{Limit: mostInbox}) {
		if err != nil {
			c.invalid(c.inbox, err)
			return
		}
		n++
	}
	c.gauge(c.inbox, float64(n))
}

func (c *ledgerCollector) readAlarms(ctx context.Context) {
	if c.Alarms == nil {
		return
	}
	a, err := c.Alarms(ctx)
	if err != nil {
		c.invalid(c.double, err)
		return
	}
	c.counter(c.double, a.DoubleAccepts)
	c.counter(c.foreign, a.ForeignCallbacks)
	c.gauge(c.unclaimed, float64(a.Unclaimed))
}
