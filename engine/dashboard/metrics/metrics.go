package metrics

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"waybill/engine"
)

const (
	namespace   = "waybill"
	mostCodes   = 200 // different error codes that are told apart: labels must not grow with what a network sends
	mostJobs    = 200 // likewise
	mostScrapes = 4   // answered at the same time
	other       = "other"
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

// Metrics holds the figures of one process. Make it with New; all methods may be called by many goroutines.
type Metrics struct {
	log     *slog.Logger
	scrapes chan struct{} // one place for each that may be answered at the same time

	received   *figure
	refused    *figure
	failed     *figure
	statuses   *figure
	inbound    *figure
	attempts   *figure
	took       *sizes
	lateness   *figure
	occurrence *figure
	build      *figure
	stock      *stock

	mu    sync.Mutex
	codes map[string]bool
	jobs  map[string]bool
}

// Options says what is read. Ledger and Now must be given.
type Options struct {
	Ledger  engine.Reader
	Now     func() time.Time
	Alarms  AlarmsFunc   // nil: the figures that it gives are absent
	Version string       // of the program
	Log     *slog.Logger // nil: silence
}

// New makes all figures, with those that alarms watch at 0. Each call makes its own.
func New(o Options) (*Metrics, error) {
	if o.Ledger == nil || o.Now == nil {
		return nil, errors.New("make metrics: Options.Ledger or Options.Now is missing")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	m := &Metrics{
		log: o.Log, scrapes: make(chan struct{}, mostScrapes), stock: &stock{Options: o},
		codes: map[string]bool{}, jobs: map[string]bool{},

		received:   newFigure(counter, "webhooks_received_total", "Webhooks whose signature was right."),
		refused:    newFigure(counter, "webhooks_refused_total", "Webhooks that were refused, by reason.", "reason"),
		failed:     newFigure(counter, "webhooks_failed_total", "Webhooks that could not be stored; WhatsApp sends them again."),
		statuses:   newFigure(counter, "statuses_total", "Statuses in webhooks, by WhatsApp's word; repetitions count.", "status"),
		inbound:    newFigure(counter, "inbound_total", "Messages from people in webhooks; repetitions count."),
		attempts:   newFigure(counter, "attempts_total", "Requests for deliveries that ended, by result and WhatsApp's error code.", "code", "result"),
		took:       newSizes("attempt_seconds", "How long requests for deliveries took.", .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60),
		lateness:   newFigure(gauge, "schedule_lateness_seconds", "How long after its time a job's latest occurrence began.", "job"),
		occurrence: newFigure(counter, "schedule_occurrences_total", "Occurrences of schedules, by job and what became of them.", "job", "result"),
		build:      newFigure(gauge, "build_info", "Always 1; the label is the program's version.", "version"),
	}
	m.build.set(1, o.Version)
	m.begin()
	return m, nil
}

// begin makes the series that alarms watch: a counter that is absent until it first moves hides its first step.
func (m *Metrics) begin() {
	for _, r := range []Refusal{RefusedSignature, RefusedHandshake, RefusedBody, RefusedBusy} {
		m.refused.add(0, string(r))
	}
	for _, r := range []engine.Result{engine.ResultAccepted, engine.ResultRefused, engine.ResultNotSent, engine.ResultInDoubt} {
		m.attempts.add(0, "0", label(r.String()))
	}
	for _, word := range []string{"sent", "delivered", "read", "failed"} {
		m.statuses.add(0, word)
	}
}

// Handler answers Prometheus with everything, in its text format. What of the ledger cannot be read is left out, and
// logged. Whoever comes while four are being answered gets 503.
func (m *Metrics) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		select {
		case m.scrapes <- struct{}{}:
			defer func() { <-m.scrapes }()
		default:
			http.Error(w, "too many ask for metrics at once: ask again later", http.StatusServiceUnavailable)
			return
		}
		var p page
		m.write(&p)
		w.Header().Set("Content-Type", contentType)
		if _, err := w.Write(p.text.Bytes()); err != nil {
			m.log.Debug("cannot answer who asked for metrics", slog.Any("error", err))
		}
	})
}

func (m *Metrics) write(p *page) {
	for _, f := range []*figure{
		m.build, m.received, m.refused, m.failed, m.statuses, m.inbound, m.attempts, m.lateness, m.occurrence,
	} {
		f.write(p)
	}
	m.took.write(p)
	m.stock.write(p)
	writeGo(p)
	writeProcess(p, m.log)
}

// WebhookReceived counts a webhook whose signature was right.
func (m *Metrics) WebhookReceived() { m.received.add(1) }

// WebhookRefused counts one that was not taken.
func (m *Metrics) WebhookRefused(why Refusal) {
	switch why {
	case RefusedSignature, RefusedHandshake, RefusedBody, RefusedBusy:
	default:
		why = other
	}
	m.refused.add(1, string(why))
}

// WebhookFailed counts one that could not be stored.
func (m *Metrics) WebhookFailed() { m.failed.add(1) }

// Report counts what a webhook said.
func (m *Metrics) Report(r engine.Report) {
	for _, s := range r.Statuses {
		m.statuses.add(1, statusLabel(s.Word))
	}
	m.inbound.add(float64(len(r.Inbound)))
}

// Attempt counts a request that ended, with the time that it took.
func (m *Metrics) Attempt(a engine.Attempt) {
	code := m.known(m.codes, strconv.Itoa(a.Answer.Code), mostCodes)
	m.attempts.add(1, code, label(a.Result.String()))
	if !a.At.IsZero() && a.Ended.After(a.At) {
		m.took.observe(a.Ended.Sub(a.At).Seconds())
	}
}

// Began notes how late a scheduled occurrence began.
func (m *Metrics) Began(job string, late time.Duration) {
	job = m.known(m.jobs, job, mostJobs)
	m.lateness.set(max(0, late.Seconds()), job)
	m.occurrence.add(1, job, "began")
}

// Missed counts an occurrence that was skipped: too late, or the one before it still ran.
func (m *Metrics) Missed(job string) {
	m.occurrence.add(1, m.known(m.jobs, job, mostJobs), "missed")
}

// known gives a label that may grow with what comes, unless there are too many of it.
func (m *Metrics) known(seen map[string]bool, name string, most int) string {
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
