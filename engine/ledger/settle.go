package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
)

// Settle writes down how an attempt ended; see engine.Ledger. An acceptance is a proof that counts whenever it comes,
// also after the delivery was put in doubt, or planned again by hand: it is then accepted. One without a message id
// proves nothing and is an error of the caller's: that is in doubt. Anything else changes a delivery only while it is
// intended or in doubt, and this attempt its last. While another process keeps the file it waits, and gives engine.ErrBusy
// after some two minutes. engine.ErrNotFound: no such delivery or attempt.
func (l *Ledger) Settle(ctx context.Context, a delivery.Attempt) (delivery.Delivery, error) {
	o, err := l.settlement(a)
	if err != nil {
		return delivery.Delivery{}, err
	}
	o.after = &delivery.Delivery{}
	err = l.write(ctx, o)
	return *o.after, err
}

// SettleSoon writes down how an attempt ended and does not wait for it; see engine.Dispatcher.
func (l *Ledger) SettleSoon(a delivery.Attempt, then func(error)) {
	o, err := l.settlement(a)
	if err == nil {
		err = l.hand(o, then)
	}
	if err != nil {
		then(err)
	}
}

func (l *Ledger) settlement(a delivery.Attempt) (*settle, error) {
	a, err := a.AtItsEnd(l.now())
	return &settle{attempt: a}, err
}

type settle struct {
	attempt delivery.Attempt
	after   *delivery.Delivery // as it stands then; nil: nobody asks
}

func (o *settle) apply(t *transaction) error {
	done, err := o.settleUnread(t)
	if done || err != nil {
		return err
	}
	l, err := t.byID(o.attempt.Delivery)
	if err != nil {
		return err
	}
	a := &o.attempt
	if l == nil || a.Number < 1 || a.Number > len(l.Attempts) {
		return fmt.Errorf("settle attempt %d of delivery %d: %w", a.Number, a.Delivery, engine.ErrNotFound)
	}
	*a = t.known.Attempt(*a, l.Recipient)
	if a.Result == delivery.ResultAccepted {
		if err := t.hear(l, a.Number, a.MessageID); err != nil {
			return err
		}
	}
	underWay, asked := l.UnderWay(), l.Attempts[len(l.Attempts)-1].At
	l.Settle(*a)
	t.day.stale = true
	if err := t.save(l); err != nil {
		return err
	}
	if underWay && !l.UnderWay() {
		t.answered(l.ID, asked)
	}
	if o.after != nil {
		*o.after = l.Delivery()
	}
	return nil
}

// settleUnread is the way that nearly all go: accepted, and nothing came between. It reads nothing, since this process knows
// what it wrote, and says whether that was so.
func (o *settle) settleUnread(t *transaction) (bool, error) {
	a := &o.attempt
	g, ok := t.granted[a.Delivery]
	if !ok || g.attempt != a.Number || a.Result != delivery.ResultAccepted {
		return false, nil
	}
	*a = t.known.Attempt(*a, g.intent.Recipient)
	message, hash := packMessage(a.MessageID), hashMessage(a.MessageID)
	if t.pending {
		n, err := t.number(`SELECT EXISTS (SELECT 1 FROM status WHERE delivery IS NULL AND message_hash = ? AND message = ?)`,
			hash, message)
		if n != 0 || err != nil {
			return false, err
		}
	}
	ended := since(g.at, a.Ended)
	changed, err := t.accept(a, ended, message, hash)
	if err != nil || changed == 0 {
		return false, err
	}
	t.answered(a.Delivery, g.at)
	t.count(g.run, delivery.OutcomeUnderWay, -1)
	t.count(g.run, delivery.Accepted.Outcome(a.HeldBack != ""), 1)
	if o.after != nil {
		kept := *a
		kept.At, kept.Ended = g.at, after(g.at, ended)
		*o.after = g.intent.Accepted(kept)
	}
	return true, nil
}

// accept writes down an acceptance in the row of a delivery that is under way, and says whether there was one. What such a row has of
// its answer is NULL, and stays so where there is none.
func (t *transaction) accept(a *delivery.Attempt, ended, message, hash driver.Value) (changed int64, err error) {
	const (
		accept = `UPDATE delivery SET state = 5, room = NULL, result = 1, result_flags = 0, settled_ms = ?, ended_ms = ?, message = ?,
			message_hash = ?, http = ?, trace = ?`
		answer = `, held_back = ?, code = ?, answer = ?`
		where  = ` WHERE id = ? AND attempts = ? AND state = 2 AND message IS NULL`
	)
	status, trace, id, number := orNull(a.Answer.Status), orNull(a.Answer.TraceID), int64(a.Delivery), int64(a.Number)
	if a.HeldBack == "" && a.Answer.Code == 0 && a.Answer.Message == "" {
		changed, _, err = t.exec(accept+where, ended, ended, message, hash, status, trace, id, number)
		return changed, err
	}
	changed, _, err = t.exec(accept+answer+where, ended, ended, message, hash, status, trace,
		orNull(a.HeldBack), orNull(a.Answer.Code), orNull(a.Answer.Message), id, number)
	return changed, err
}
