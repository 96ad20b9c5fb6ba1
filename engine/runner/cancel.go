package runner

import (
	"context"
	"sync"

	"waybill/engine"
	"waybill/engine/delivery"
)

// dropped is what a person cancelled of a run: by an order while it is under way, or before it was taken up again.
type dropped struct {
	mu     sync.Mutex
	order  *engine.Order
	given  chan struct{}     // closed with the order
	before map[uint64]string // rows that were cancelled before, by their places; and who did it
}

// cancel takes in that a person drops what waits.
func (d *dropped) cancel(o engine.Order) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.order == nil {
		d.order = &o
		close(d.given)
	}
}

// by is the order; nil: there is none.
func (d *dropped) by() *engine.Order {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.order
}

// hasDropped says whether a person cancelled what waits in the run, and something did: else the order changed nothing.
func (x *execution) hasDropped(ctx context.Context) bool {
	if x.dropped.by() == nil {
		return false
	}
	x.tally.mu.Lock()
	waits := x.tally.waiting > 0
	x.tally.mu.Unlock()
	if waits {
		return true
	}
	for u, err := range x.engine.Ledger.Unsent(ctx, engine.UnsentFilter{Run: x.run.ID, Outcome: delivery.OutcomeSkipped}) {
		if err != nil {
			x.tally.fail(err)
			return true
		}
		if u.Reason == engine.ReasonCancelled {
			return true
		}
	}
	return false
}

// loadCancelled reads which rows of a run that is taken up again were cancelled.
func (x *execution) loadCancelled(ctx context.Context) error {
	if x.req.Resume == nil || !x.sends {
		return nil
	}
	words := map[string]string{} // most say the same
	for u, err := range x.engine.Ledger.Unsent(ctx, engine.UnsentFilter{Run: x.run.ID, Outcome: delivery.OutcomeSkipped}) {
		if err != nil {
			return err
		}
		if u.Reason != engine.ReasonCancelled {
			continue
		}
		if x.dropped.before == nil {
			x.dropped.before = map[uint64]string{}
		}
		if words[u.Message] == "" {
			words[u.Message] = u.Message
		}
		x.dropped.before[placeOf(u.Step, u.Item)] = words[u.Message]
	}
	return nil
}

// waitCancelled: the message waited, and a person cancelled that. It is sent by this run no more, also when the run is taken up again; what
// another run made of it since changes nothing here.
func waitCancelled(_ context.Context, x *execution, c *candidate) decision {
	if x.looking {
		return decision{}
	}
	cancelled := c.q != nil && c.q.loop != nil && c.q.loop.again != nil && x.dropped.by() != nil
	if !cancelled && x.dropped.before != nil {
		_, cancelled = x.dropped.before[placeOf(c.step.Path, c.key.Item)]
	}
	if cancelled {
		return decision{admission: admitSkip, reason: engine.ReasonCancelled}
	}
	return decision{}
}

// leaveCancelled ends the step of a message that waited, or would wait, and was cancelled. Its row is noted by itself, so that a resume
// leaves it out, too.
func (x *execution) leaveCancelled(c *candidate) (map[string]any, engine.Ending) {
	u := engine.Unsent{
		Step: c.step.Path, Item: c.q.item, Row: c.q.row, Outcome: delivery.OutcomeSkipped, Reason: engine.ReasonCancelled,
		Message: x.dropped.before[placeOf(c.step.Path, c.q.item)],
	}
	if by := x.dropped.by(); by != nil && u.Message == "" {
		u.Cancel(*by)
	}
	x.placed(&u, c)
	x.notes.row(x.noteOf(c.q.part), u)
	values := skipped(c.step)
	x.finishedFor(u.Reason, c.q, c.step, engine.EndedSkipped, values, nil)
	return values, engine.EndedSkipped
}
