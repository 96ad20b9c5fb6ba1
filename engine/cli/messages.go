package cli

import (
	"context"
	"io"
	"iter"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/report"
)

// messageList is what became of the messages of a run: of deliveries by its last attempt, and of the rows that became no request.
type messageList struct {
	ledger engine.Reader
	run    engine.Run
	filter engine.DeliveryFilter // States and Limit are not in it
	states []delivery.State      // of deliveries; nil: all, unless outcomes narrow
	unsent []delivery.Outcome    // of rows that became no request; nil: all, unless states narrow
	later  map[string]bool       // the runs of the job that came later
	person []engine.Held         // the ids of filter.Recipient, by which rows are found; see readPerson
}

// readPerson finds the ids of the person whom the filter names.
func (m *messageList) readPerson(ctx context.Context, l engine.Ledger) (err error) {
	if m.filter.Recipient != "" {
		m.person, err = l.Whose(ctx, m.filter.Recipient)
	}
	return err
}

// newMessageList makes the list of a run.
func newMessageList(ctx context.Context, l engine.Reader, run engine.Run) (*messageList, error) {
	m := &messageList{
		ledger: l, run: run, filter: engine.DeliveryFilter{SeenBy: run.ID}, later: map[string]bool{},
	}
	for other, err := range l.Runs(ctx, engine.RunFilter{Job: run.Job}) { // the newest comes first
		if err != nil {
			return nil, err
		}
		if other.ID == run.ID {
			break
		}
		m.later[other.ID] = true
	}
	return m, nil
}

// deliveriesCSV returns what writes a run's list as a table for a spreadsheet, as narrowed by a filter.
func deliveriesCSV(l engine.Reader) func(context.Context, io.Writer, engine.Run, engine.DeliveryFilter) error {
	return func(ctx context.Context, w io.Writer, run engine.Run, filter engine.DeliveryFilter) error {
		m, err := newMessageList(ctx, l, run)
		if err != nil {
			return err
		}
		m.states = filter.States
		m.filter.Step, m.filter.Code, m.filter.Search = filter.Step, filter.Code, filter.Search
		return report.WriteDeliveriesCSV(w, m.all(ctx, 0), nil)
	}
}

// all yields the list, deliveries first. limit is how many at most; 0: all.
func (m *messageList) all(ctx context.Context, limit int) iter.Seq2[report.Delivery, error] {
	return func(yield func(report.Delivery, error) bool) {
		n := 0
		for _, part := range []iter.Seq2[report.Delivery, error]{m.deliveries(ctx), m.rows(ctx)} {
			for d, err := range part {
				if !yield(d, err) || err != nil {
					return
				}
				if n++; n == limit {
					return
				}
			}
		}
	}
}

// deliveries yields those that the run decided or met.
func (m *messageList) deliveries(ctx context.Context) iter.Seq2[report.Delivery, error] {
	return func(yield func(report.Delivery, error) bool) {
		if m.states == nil && m.unsent != nil {
			return
		}
		filter := m.filter
		if len(m.later) == 0 { // the ledger's states are the run's
			filter.States = m.states
		}
		for d, err := range m.ledger.Deliveries(ctx, filter) {
			if err != nil {
				yield(report.Delivery{}, err)
				return
			}
			seen, now, ok, err := m.asSeen(ctx, d)
			if err != nil {
				yield(report.Delivery{}, err)
				return
			}
			if !ok || m.states != nil && !slices.Contains(m.states, seen.State) {
				continue
			}
			line := report.NewDelivery(seen)
			line.Now = now
			if !yield(line, nil) {
				return
			}
		}
	}
}

// asSeen returns a delivery as the run sees it, by the last attempt made in it or before it, and its state now where a later run
// did something to it. ok: the run may have met it.
func (m *messageList) asSeen(ctx context.Context, d delivery.Delivery) (seen delivery.Delivery, now string, ok bool, err error) {
	if !m.later[d.Run] {
		return d, "", true, nil
	}
	attempts, err := m.ledger.Attempts(ctx, d.ID)
	if err != nil {
		return d, "", false, err
	}
	for _, a := range slices.Backward(attempts) {
		if m.later[a.Run] {
			continue
		}
		now = d.State.Name()
		d.Run, d.Attempts, d.MessageID, d.HeldBack, d.Answer, d.Retryable = a.Run, a.Number, a.MessageID, a.HeldBack, a.Answer, a.Retryable
		d.IntendedAt, d.SettledAt = a.At, a.Ended
		d.State, err = m.stateAfter(ctx, a)
		return d, now, true, err
	}
	return d, "", false, nil
}

// stateAfter is what became of one attempt.
func (m *messageList) stateAfter(ctx context.Context, a delivery.Attempt) (delivery.State, error) {
	if a.MessageID == "" {
		return a.Left(delivery.Standing{}), nil
	}
	standing := delivery.Standing{State: delivery.Accepted}
	statuses, err := m.ledger.Statuses(ctx, a.MessageID)
	for _, s := range statuses {
		standing = standing.Merge(s.Standing())
	}
	return a.Left(standing), err
}

// rows yields the rows that became no request.
func (m *messageList) rows(ctx context.Context) iter.Seq2[report.Delivery, error] {
	return func(yield func(report.Delivery, error) bool) {
		if m.unsent == nil && m.states != nil || m.filter.Code != 0 {
			return
		}
		for u, err := range m.ledger.Unsent(ctx, engine.UnsentFilter{Run: m.run.ID}) {
			if err != nil {
				yield(report.Delivery{}, err)
				return
			}
			if m.takes(u) && !yield(report.NewUnsent(m.run, u), nil) {
				return
			}
		}
	}
}

func (m *messageList) takes(u engine.Unsent) bool {
	return (m.unsent == nil || slices.Contains(m.unsent, u.Outcome)) && (m.filter.Step == "" || m.filter.Step == u.Step) &&
		(m.filter.Recipient == "" || slices.ContainsFunc(m.person, func(h engine.Held) bool { return h.ID == u.Person && h.AtOurs(u.At) })) &&
		(m.filter.Search == "" || strings.Contains(u.Item, m.filter.Search) || strings.Contains(u.Person, m.filter.Search) ||
			strings.Contains(u.Message, m.filter.Search))
}
