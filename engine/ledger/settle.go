package ledger

import (
	"context"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
)

// Settle writes down how an attempt ended; see engine.Ledger. An acceptance is a proof that counts whenever it comes,
// also after the delivery was put in doubt, or planned again by hand: it is then accepted. One without a message id
// proves nothing and is an error of the caller's: that is in doubt. Anything else changes a delivery only while it is
// intended or in doubt, and this attempt its last. While another process keeps the file it waits, and gives ErrBusy
// after some two minutes. engine.ErrNotFound: no such delivery or attempt.
func (l *Ledger) Settle(ctx context.Context, a delivery.Attempt) (delivery.Delivery, error) {
	if a.Result == delivery.ResultAccepted && a.MessageID == "" {
		return delivery.Delivery{}, fmt.Errorf("settle attempt %d of delivery %d: it was accepted without a message id, which is in doubt", a.Number, a.Delivery)
	}
	if a.Ended.IsZero() {
		a.Ended = l.now()
	}
	o := &settle{attempt: a}
	err := l.write(ctx, o)
	return o.after, err
}

type settle struct {
	attempt delivery.Attempt
	after   delivery.Delivery
}

func (o *settle) apply(t *transaction) error {
	a := &o.attempt
	if f, ok := t.open[a.Delivery]; ok && f.attempt == a.Number {
		done, err := o.settleUnread(t, f)
		if err != nil {
			return err
		}
		t.ended(a.Delivery)
		t.groups.settled(t.now.Sub(f.at))
		if done {
			return nil
		}
	}
	r, err := t.byID(a.Delivery)
	if err != nil {
		return err
	}
	if r == nil || a.Number < 1 || a.Number > r.Attempts {
		return fmt.Errorf("settle attempt %d of delivery %d: %w", a.Number, a.Delivery, engine.ErrNotFound)
	}
	if a.Number < r.Attempts {
		err = t.settleFormer(r, a)
	} else {
		err = t.settleCurrent(r, a)
	}
	o.after = r.delivery()
	return err
}

// settleUnread is the way that nearly all go: accepted, and nothing came between. It reads nothing, since this process
// knows what it wrote, and says whether that was so.
func (o *settle) settleUnread(t *transaction, f *openIntent) (bool, error) {
	a := &o.attempt
	if a.Result != delivery.ResultAccepted {
		return false, nil
	}
	ended := since(f.at, a.Ended)
	message, hash := packMessage(a.MessageID), hashMessage(a.MessageID)
	changed, _, err := t.exec(`UPDATE delivery SET state = 5, room = NULL, result = 1, settled_ms = ?, ended_ms = ?, message = ?, message_hash = ?,
		held_back = ?, http = ?, code = ?, answer = ?, trace = ? WHERE id = ? AND state = 2 AND attempts = ? AND message IS NULL`,
		ended, ended, message, hash, orNull(a.HeldBack), orNull(a.Answer.Status),
		orNull(a.Answer.Code), orNull(a.Answer.Message), orNull(a.Answer.TraceID), int64(a.Delivery), int64(a.Number))
	if err != nil || changed == 0 {
		return false, err
	}
	if t.pending {
		n, err := t.number(`SELECT EXISTS (SELECT 1 FROM status WHERE delivery IS NULL AND message_hash = ? AND message = ?)`,
			hash, message)
		if n != 0 || err != nil {
			return false, err // the long way picks them up
		}
	}
	i := f.intent
	o.after = delivery.Delivery{
		ID: a.Delivery, Key: i.Key, Run: i.Run, Recipient: i.Recipient, Digest: i.Digest, State: delivery.Accepted,
		Row: i.Row, Attempts: a.Number, MessageID: a.MessageID, HeldBack: a.HeldBack, Answer: a.Answer,
		IntendedAt: f.at, SettledAt: after(f.at, ended),
	}
	return true, nil
}

// settleCurrent writes down how the last attempt of a delivery ended.
func (t *transaction) settleCurrent(r *record, a *delivery.Attempt) error {
	if a.Result == delivery.ResultAccepted {
		r.Answer, r.HeldBack = a.Answer, a.HeldBack
		return t.accepted(r, proof{attempt: a.Number, message: a.MessageID, state: delivery.Accepted, seen: a.Ended})
	}
	if r.result == 0 || r.result == delivery.ResultInDoubt {
		r.result, r.last, r.resultAgain = a.Result, a.Last, a.Retryable
		r.Answer = a.Answer
		r.ended = a.Ended
	}
	if r.State == delivery.Intended || r.State == delivery.InDoubt {
		r.SettledAt = a.Ended
		r.Retryable = false
		switch {
		case a.Result == delivery.ResultRefused:
			r.State, r.Retryable = delivery.Rejected, a.Retryable
		case a.Result == delivery.ResultNotSent && a.Last:
			r.State, r.Retryable = delivery.Rejected, true
		case a.Result == delivery.ResultNotSent:
			r.State = delivery.Planned
		default:
			r.State = delivery.InDoubt
		}
	}
	return t.save(r)
}

// settleFormer writes down the late end of an attempt that was followed by another.
func (t *transaction) settleFormer(r *record, a *delivery.Attempt) error {
	flags := (&record{last: a.Last, resultAgain: a.Retryable}).flags()
	_, _, err := t.exec(`UPDATE attempt SET result = ?, result_flags = ?, ended_ms = ? - intended_at, held_back = ?, http = ?, code = ?,
		answer = ?, trace = ? WHERE delivery = ? AND number = ? AND result IN (0, 4)`,
		int64(a.Result), flags, a.Ended.UnixMilli(), orNull(a.HeldBack), orNull(a.Answer.Status), orNull(a.Answer.Code),
		orNull(a.Answer.Message), orNull(a.Answer.TraceID), int64(r.ID), int64(a.Number))
	if err != nil || a.Result != delivery.ResultAccepted {
		return err
	}
	return t.accepted(r, proof{attempt: a.Number, message: a.MessageID, state: delivery.Accepted, seen: a.Ended})
}
