package ledger

import (
	"context"
	"fmt"
	"time"

	"waybill/engine/delivery"
)

// Intend decides a delivery; see engine.Ledger. It grants what Allowed.Action lets be sent. It needs the Lock
// (ErrNotLocked), a run that was started (engine.ErrNotFound), and room on the disk for the outcome (engine.ErrFull).
func (l *Ledger) Intend(ctx context.Context, i delivery.Intent) (delivery.Ticket, error) {
	o := &intend{intent: i}
	if err := l.write(ctx, o); err != nil {
		return delivery.Ticket{}, err
	}
	return delivery.Ticket{
		Delivery: o.id, Attempt: o.attempt, At: o.at,
		Callback: l.keys.newCallback(o.id, o.attempt, i.Key.Hash()),
	}, nil
}

type intend struct {
	intent delivery.Intent

	id      delivery.ID
	attempt int
	at      time.Time
}

func (o *intend) apply(t *transaction) error {
	if !t.holding {
		return fmt.Errorf("%w: nothing may be sent without it", ErrNotLocked)
	}
	if t.full != nil {
		return t.full
	}
	i := &o.intent
	run, err := t.runOf(i.Run)
	if err != nil {
		return err
	}
	step, err := t.stepOf(i.Key)
	if err != nil {
		return err
	}
	o.at, o.attempt = t.now.Truncate(time.Millisecond).UTC(), 1
	changed, id, err := t.exec(`INSERT INTO delivery (step, item, run, recipient, digest, line, state, attempts, intended_at, room)
		VALUES (?, ?, ?, ?, ?, ?, 2, 1, ?, zeroblob(64)) ON CONFLICT DO NOTHING`,
		step, i.Key.Item, run, packRecipient(i.Recipient), int64(i.Digest), int64(i.Row), o.at.UnixMilli()) //nolint:gosec // 64 bits either way
	if err != nil {
		return err
	}
	if changed == 0 {
		return o.again(t, step, run)
	}
	o.id = delivery.ID(id)
	if t.unclaimed {
		held, err := t.heardOf(o.id)
		if err != nil {
			return err
		}
		if held != nil {
			return &delivery.DecidedError{Delivery: held.delivery()}
		}
	}
	t.began(o.id, &openIntent{attempt: 1, intent: i, step: step, run: run, at: o.at})
	return nil
}

// again decides a delivery that the ledger has.
func (o *intend) again(t *transaction, step, run int64) error {
	i := &o.intent
	r, err := t.one(`WHERE d.step = ? AND d.item = ?`, step, i.Key.Item)
	if err != nil {
		return err
	}
	if r == nil {
		return fmt.Errorf("%w: a delivery is there and cannot be read", ErrDamaged)
	}
	_, isOpen := t.open[r.ID]
	if isOpen || i.Duplicates(r.delivery()) || !i.Allowed.Action(r.State, r.Retryable).Sends() {
		return &delivery.DecidedError{Delivery: r.delivery()}
	}
	if err := t.archive(r); err != nil {
		return err
	}
	r.run, r.Recipient, r.Digest, r.Row = run, i.Recipient, i.Digest, i.Row
	r.State, r.Retryable = delivery.Intended, false
	r.Attempts++
	r.IntendedAt, r.SettledAt, r.ended, r.StatusAt = o.at, time.Time{}, time.Time{}, time.Time{}
	r.result, r.last, r.resultAgain = 0, false, false
	r.MessageID, r.HeldBack, r.Answer = "", "", delivery.Answer{}
	r.failed, r.failure = false, delivery.Answer{}
	r.room = true
	if err := t.save(r); err != nil {
		return err
	}
	o.id, o.attempt = r.ID, r.Attempts
	t.began(o.id, &openIntent{attempt: r.Attempts, intent: i, step: step, run: run, at: o.at})
	return nil
}
