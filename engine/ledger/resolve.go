package ledger

import (
	"context"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// Resolve settles one delivery in doubt by the user's word; see engine.Ledger. It leaves a trace in the answer of the
// last attempt, so that a person's word is never taken for WhatsApp's. An accepted delivery without a message id is one
// that was taken as sent by hand, and no webhook has confirmed yet.
func (l *Ledger) Resolve(ctx context.Context, id delivery.ID, sent bool, by engine.Actor) (delivery.Delivery, error) {
	o := &resolve{id: id, sent: sent, by: by}
	err := l.write(ctx, o)
	return o.after, err
}

type resolve struct {
	id    delivery.ID
	sent  bool
	by    engine.Actor
	after delivery.Delivery
}

func (o *resolve) apply(t *transaction) error {
	l, err := t.byID(o.id)
	if err != nil {
		return err
	}
	if l == nil {
		return fmt.Errorf("resolve delivery %d: %w", o.id, engine.ErrNotFound)
	}
	if err := l.Resolve(o.sent, form.Named(o.by), t.now); err != nil {
		o.after = l.Delivery()
		return err
	}
	o.after = l.Delivery()
	t.day.stale = true
	return t.save(l)
}
