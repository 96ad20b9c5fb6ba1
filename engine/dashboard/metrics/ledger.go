package metrics

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"waybill/engine"
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

	mu    sync.Mutex
	kept  page
	at    time.Time // of the last webhook; its age is always fresh
	until time.Time
}

// write writes what is kept, or reads anew. An error spoils its own figure alone.
func (s *stock) write(p *page) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	if !now.Before(s.until) {
		s.read(now)
	}
	p.text.Write(s.kept.text.Bytes())
	if !s.at.IsZero() {
		age := newFigure(gauge, "webhook_age_seconds", "Time since the last webhook was recorded; absent before the first.")
		age.set(max(0, now.Sub(s.at).Seconds()))
		age.write(p)
	}
}

// read gathers all figures anew.
func (s *stock) read(began time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), readBudget)
	defer cancel()
	s.kept.text.Reset()
	s.readRuns(ctx)
	s.readDeliveries(ctx)
	s.readInbox(ctx)
	s.readAlarms(ctx)
	at, err := s.Ledger.Receiving(ctx)
	if err != nil {
		s.spoil("webhook_age_seconds", err)
	}
	s.at = at
	cost := s.Now().Sub(began)
	s.single(gauge, "ledger_read_seconds", "How long the last reading of the ledger for these figures took.", cost.Seconds())
	s.until = s.Now().Add(min(mostKept, max(leastKept, keptPerCost*cost)))
}

// single keeps a figure that has no labels.
func (s *stock) single(k kind, name, help string, value float64) {
	f := newFigure(k, name, help)
	f.set(value)
	f.write(&s.kept)
}

// spoil tells the log why a figure is absent.
func (s *stock) spoil(figure string, err error) {
	s.Log.Error("cannot read the ledger for metrics", slog.String("figure", namespace+"_"+figure), slog.Any("error", err))
}

func (s *stock) readRuns(ctx context.Context) {
	runs := newFigure(gauge, "runs", "Runs in the ledger, by status.", "status")
	counts := map[engine.RunStatus]int{
		engine.RunRunning: 0, engine.RunSucceeded: 0, engine.RunFailed: 0, engine.RunInDoubt: 0, engine.RunStopped: 0, engine.RunInterrupted: 0,
	}
	for run, err := range s.Ledger.Runs(ctx, engine.RunFilter{}) {
		if err != nil {
			s.spoil("runs", err)
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
		runs.set(float64(n), name)
	}
	runs.write(&s.kept)
}

func (s *stock) readDeliveries(ctx context.Context) {
	counts, err := s.Ledger.Tally(ctx, engine.DeliveryFilter{})
	if err != nil {
		s.spoil("deliveries", err)
		return
	}
	deliveries := newFigure(gauge, "deliveries", "Deliveries in the ledger, by the state in which they stand; in_doubt is what waits for a decision.", "state")
	for _, state := range engine.States() {
		deliveries.set(float64(counts[state]), label(state.String()))
	}
	deliveries.write(&s.kept)
}

func (s *stock) readInbox(ctx context.Context) {
	n := 0
	for _, err := range s.Ledger.Inbound(ctx, engine.InboundFilter{Limit: mostInbox}) {
		if err != nil {
			s.spoil("inbox_messages", err)
			return
		}
		n++
	}
	s.single(gauge, "inbox_messages", fmt.Sprintf("Messages in the inbox, counted up to %d.", mostInbox), float64(n))
}

func (s *stock) readAlarms(ctx context.Context) {
	if s.Alarms == nil {
		return
	}
	a, err := s.Alarms(ctx)
	if err != nil {
		s.spoil("double_accepts_total", err)
		return
	}
	s.single(counter, "double_accepts_total", "Message ids beyond the first of a delivery: people who got a message twice. Anything but 0 is an alarm.", float64(a.DoubleAccepts))
	s.single(counter, "foreign_callbacks_total", "Callbacks in webhooks that this ledger did not make.", float64(a.ForeignCallbacks))
	s.single(gauge, "unclaimed_statuses", "Statuses of messages that this ledger did not send.", float64(a.Unclaimed))
}

// label makes one word of a state or result: "in_doubt".
func label(word string) string { return strings.ReplaceAll(word, " ", "_") }
