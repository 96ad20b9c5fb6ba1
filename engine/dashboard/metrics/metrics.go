package metrics

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"waybill/engine"
	"waybill/engine/delivery"
)

const (
	namespace = "waybill"
	mostCodes = 200 // different error codes that have a label of their own: labels must not grow with what a network sends
	mostJobs  = 200 // likewise
	other     = "other"
)

// Refusal says why a webhook was refused.
type Refusal string

// The reasons of a Refusal.
const (
	RefusedSignature Refusal = "signature" // absent or wrong
	RefusedHandshake Refusal = "handshake" // a verify token that is not ours
	RefusedBody      Refusal = "body"      // too large, or not to be read
	RefusedBusy      Refusal = "busy"      // answered "come again": too many at once
)

// Metrics holds the metrics of one process. Make it with New; all methods may be called by many goroutines.
type Metrics struct {
	registry *prometheus.Registry
	log      *slog.Logger

	received   prometheus.Counter
	refused    *prometheus.CounterVec
	failed     prometheus.Counter
	statuses   *prometheus.CounterVec
	inbound    prometheus.Counter
	attempts   *prometheus.CounterVec
	took       prometheus.Histogram
	lateness   *prometheus.GaugeVec
	occurrence *prometheus.CounterVec

	mu    sync.Mutex
	codes map[string]bool
	jobs  map[string]bool
}

// Options says what is read. Ledger and Now must be given.
type Options struct {
	Ledger  engine.Reader
	Now     func() time.Time
	Alarms  AlarmsFunc   // nil: their metrics are absent
	Broken  func() int   // how many job files cannot be used as they are now
	Version string       // of the program
	Log     *slog.Logger // nil: silence
}

// New makes a registry of its own and what is in it.
func New(o Options) (*Metrics, error) {
	if o.Ledger == nil || o.Now == nil || o.Broken == nil {
		return nil, errors.New("make metrics: Options.Ledger, Options.Now or Options.Broken is missing")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	m := &Metrics{registry: prometheus.NewRegistry(), log: o.Log, codes: map[string]bool{}, jobs: map[string]bool{}}
	m.makeCounters()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1; the label is the program's version.",
		ConstLabels: prometheus.Labels{"version": o.Version},
	})
	build.Set(1)
	broken := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: "job_files_broken",
		Help: "Job files whose newest version cannot be used: an older one is in force, or none of their jobs runs.",
	}, func() float64 { return float64(o.Broken()) })
	for _, c := range []prometheus.Collector{
		m.received, m.refused, m.failed, m.statuses, m.inbound, m.attempts, m.took, m.lateness, m.occurrence, build, broken,
		newLedgerCollector(o), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := m.registry.Register(c); err != nil {
			return nil, errors.Join(errors.New("make metrics"), err)
		}
	}
	m.initSeries()
	return m, nil
}

func (m *Metrics) makeCounters() {
	counter := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}
	}
	m.received = prometheus.NewCounter(counter("webhooks_received_total", "Webhooks whose signature was right."))
	m.refused = prometheus.NewCounterVec(counter("webhooks_refused_total", "Webhooks that were refused, by reason."), []string{"reason"})
	m.failed = prometheus.NewCounter(counter("webhooks_failed_total", "Webhooks that could not be stored; WhatsApp sends them again."))
	m.statuses = prometheus.NewCounterVec(
		counter("statuses_total", "Statuses in webhooks, by WhatsApp's word; repetitions count."), []string{"status"})
	m.inbound = prometheus.NewCounter(counter("inbound_total", "Messages from people in webhooks; repetitions count."))
	m.attempts = prometheus.NewCounterVec(
		counter("attempts_total", "Requests for deliveries that ended, by result and WhatsApp's error code."), []string{"result", "code"})
	m.occurrence = prometheus.NewCounterVec(
		counter("schedule_occurrences_total", "Occurrences of schedules, by job and what became of them."), []string{"job", "result"})
	m.took = prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: namespace, Name: "attempt_seconds", Help: "How long requests for deliveries took.",
		Buckets: []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
	})
	m.lateness = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: namespace, Name: "schedule_lateness_seconds", Help: "How long after its time a job's latest occurrence began.",
	}, []string{"job"})
}

// initSeries makes the series that alarms watch: a counter that is absent until it first moves hides its first step.
func (m *Metrics) initSeries() {
	for _, r := range []Refusal{RefusedSignature, RefusedHandshake, RefusedBody, RefusedBusy} {
		m.refused.WithLabelValues(string(r))
	}
	for _, r := range []delivery.Result{delivery.ResultAccepted, delivery.ResultRefused, delivery.ResultNotSent, delivery.ResultInDoubt} {
		m.attempts.WithLabelValues(r.Name(), "0")
	}
	for _, word := range []string{"sent", "delivered", "read", "failed"} {
		m.statuses.WithLabelValues(word)
	}
}

// Handler answers Prometheus with everything. What of the ledger cannot be read is left out, and logged.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, ErrorLog: errorLogger{m.log}, MaxRequestsInFlight: 4, EnableOpenMetrics: true,
	})
}

// errorLogger passes on what promhttp has to say.
type errorLogger struct{ log *slog.Logger }

func (l errorLogger) Println(v ...any) {
	for _, what := range v {
		if err, ok := what.(error); ok {
			l.log.Error("cannot gather metrics", slog.Any("error", err))
		}
	}
}

// WebhookReceived counts a webhook whose signature was right.
func (m *Metrics) WebhookReceived() { m.received.Inc() }

// WebhookRefused counts one that was not taken.
func (m *Metrics) WebhookRefused(why Refusal) {
	switch why {
	case RefusedSignature, RefusedHandshake, RefusedBody, RefusedBusy:
	default:
		why = other
	}
	m.refused.WithLabelValues(string(why)).Inc()
}

// WebhookFailed counts one that could not be stored.
func (m *Metrics) WebhookFailed() { m.failed.Inc() }

// Report counts what a webhook said.
func (m *Metrics) Report(r engine.Report) {
	for _, s := range r.Statuses {
		m.statuses.WithLabelValues(statusLabel(s.Word)).Inc()
	}
	m.inbound.Add(float64(len(r.Inbound)))
}

// Attempt counts a request that ended, with the time that it took.
func (m *Metrics) Attempt(a delivery.Attempt) {
	code := m.boundedLabel(m.codes, strconv.Itoa(a.Answer.Code), mostCodes)
	m.attempts.WithLabelValues(a.Result.Name(), code).Inc()
	if !a.At.IsZero() && a.Ended.After(a.At) {
		m.took.Observe(a.Ended.Sub(a.At).Seconds())
	}
}

// Began notes how late a scheduled occurrence began.
func (m *Metrics) Began(job string, late time.Duration) {
	job = m.boundedLabel(m.jobs, job, mostJobs)
	m.lateness.WithLabelValues(job).Set(max(0, late.Seconds()))
	m.occurrence.WithLabelValues(job, "began").Inc()
}

// Missed counts an occurrence that was skipped: too late, or the one before it still ran.
func (m *Metrics) Missed(job string) {
	m.occurrence.WithLabelValues(m.boundedLabel(m.jobs, job, mostJobs), "missed").Inc()
}

// boundedLabel returns name, or "other" once most different names were seen.
func (m *Metrics) boundedLabel(seen map[string]bool, name string, most int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !seen[name] && len(seen) >= most {
		return other
	}
	seen[name] = true
	return name
}

// statusLabel is one of the words that WhatsApp documents (webhooks reference, statuses), or "other".
func statusLabel(word string) string {
	switch word {
	case "sent", "delivered", "read", "played", "failed", "deleted", "warning", "pending", "captured":
		return word
	}
	return other
}
