package ledger

import (
	"context"
	"fmt"

	"waybill/engine"
)

// Resolve settles one delivery in doubt by the user's word; see engine.Ledger.
func (l *Ledger) Resolve(ctx context.Context, id engine.DeliveryID, sent bool) (engine.Delivery, error) {
	o := &resolve{id: id, sent: sent}
	err := l.write(ctx, o)
	return o.after, err
}

type resolve struct {
	id    engine.DeliveryID
	sent  bool
	after engine.Delivery
}

func (o *resolve) apply(t *transaction) error {
	r, err := t.byID(o.id)
	if err != nil {
		return err
	}
	if r == nil {
		return fmt.Errorf("resolve delivery %d: %w", o.id, engine.ErrNotFound)
	}
	o.after = r.delivery()
	if _, flying := t.flights[r.ID]; flying || r.State != engine.InDoubt {
		return &engine.HeldError{Delivery: o.after}
	}
	r.State = engine.Planned
	if o.sent {
		r.State = engine.Accepted
	}
	r.SettledAt = t.now
	o.after = r.delivery()
	return t.save(r)
}
