package ledger

import (
	"context"
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// Resolve settles one delivery in doubt by the user's word; see engine.Ledger. It leaves a trace in the answer of the
// last attempt, so that nobody takes a person's word for WhatsApp's. An accepted delivery without a message id is one
// that was taken as sent by hand, and no webhook has confirmed yet.
func (l *Ledger) Resolve(ctx context.Context, id delivery.ID, sent bool) (delivery.Delivery, error) {
	o := &resolve{id: id, sent: sent}
	err := l.write(ctx, o)
	return o.after, err
}

type resolve struct {
	id    delivery.ID
	sent  bool
	after delivery.Delivery
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
	if _, isOpen := t.open[r.ID]; isOpen || r.State != delivery.InDoubt {
		return &delivery.DecidedError{Delivery: o.after}
	}
	r.State = delivery.Planned
	word := "planned again"
	if o.sent {
		r.State, word = delivery.Accepted, "taken as sent"
	}
	r.SettledAt = t.now
	r.Answer.Message = trace(r.Answer.Message, word, t.now)
	o.after = r.delivery()
	return t.save(r)
}

// trace adds to what an attempt got that a person decided about it, and when.
func trace(answer, word string, now time.Time) string {
	word += " by hand at " + now.UTC().Format(time.RFC3339)
	if answer == "" {
		return "no answer was seen; " + word
	}
	return answer + "; " + word
}
