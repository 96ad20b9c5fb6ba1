package postgres

import (
	"log/slog"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// save writes what a transition changed.
func (t *transaction) save(l *loaded) error {
	delete(t.writes.moved, l.ID)
	if err := t.updateDelivery(l); err != nil {
		return err
	}
	last := len(l.Attempts)
	for n := range l.Attempts[:last-1] {
		a := &l.Attempts[n]
		switch {
		case n >= len(l.former):
			t.insertAttempt(a, l.older)
		case *a != l.former[n]:
			t.updateAttempt(a)
		}
	}
	for _, f := range l.Further[l.known:] {
		if err := t.insertFurther(l.ID, f); err != nil {
			return err
		}
	}
	return t.countChange(l)
}

// updateDelivery writes the row of a delivery, if it is as it was loaded.
func (t *transaction) updateDelivery(l *loaded) error {
	failed := l.failure()
	business, err := t.businessOf(l.NumberID)
	if err != nil {
		return err
	}
	c := &l.Attempts[len(l.Attempts)-1]
	flags := form.PackFlags(c)
	if len(l.Further) > 0 {
		flags |= form.FlagFurther
	}
	t.laterCall("save_delivery",
		l.run, putText(l.Recipient), packDigest(l.Digest), l.Row, int64(l.State), l.Retryable,
		c.Number, c.At.UnixMilli(), int64(c.Result), flags, settled(c, l.SettledAt), since(c.At, c.Ended),
		packMessage(l.MessageID), l.State == delivery.Planned || l.State == delivery.InDoubt,
		textOrNull(c.HeldBack), orNull(c.Answer.Status), orNull(c.Answer.Code), textOrNull(c.Answer.Message), textOrNull(c.Answer.TraceID),
		orNull(c.Cause), instant(l.StatusAt), failed.code, failed.message, failed.cause, l.owner, business, hashMessage(l.MessageID),
		endOfNumber(l.MessageID),
		int64(l.ID), len(l.former)+1, int64(l.state))
	return nil
}

// lateFailure is why a delivery failed after it was accepted, as it is stored: nothing for one that did not.
type lateFailure struct {
	code, cause *int64
	message     *string
}

func (l *loaded) failure() (f lateFailure) {
	if l.Failure != nil {
		code := int64(l.Failure.Answer.Code)
		f = lateFailure{&code, orNull(l.Failure.Cause), textOrNull(l.Failure.Answer.Message)}
	}
	return f
}

// insertAttempt keeps an attempt that was followed by another.
func (t *transaction) insertAttempt(a *delivery.Attempt, run int64) {
	t.later(`INSERT INTO waybill.attempt (delivery, number, run, intended_at, ended_ms, result, result_flags, message,
		message_hash, held_back, http, code, answer, trace, cause)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		int64(a.Delivery), a.Number, run, a.At.UnixMilli(), since(a.At, a.Ended), int64(a.Result), form.PackFlags(a),
		packMessage(a.MessageID), hashMessage(a.MessageID), textOrNull(a.HeldBack), orNull(a.Answer.Status), orNull(a.Answer.Code),
		textOrNull(a.Answer.Message), textOrNull(a.Answer.TraceID), orNull(a.Cause))
}

// updateAttempt writes what was learnt late of an attempt that was followed by another.
func (t *transaction) updateAttempt(a *delivery.Attempt) {
	t.later(`UPDATE waybill.attempt SET ended_ms = $1, result = $2, result_flags = $3, message = $4, message_hash = $5,
		held_back = $6, http = $7, code = $8, answer = $9, trace = $10, cause = $11 WHERE delivery = $12 AND number = $13`,
		since(a.At, a.Ended), int64(a.Result), form.PackFlags(a), packMessage(a.MessageID), hashMessage(a.MessageID), textOrNull(a.HeldBack),
		orNull(a.Answer.Status), orNull(a.Answer.Code), textOrNull(a.Answer.Message), textOrNull(a.Answer.TraceID), orNull(a.Cause),
		int64(a.Delivery), a.Number)
}

// insertFurther keeps a further message id, and says so: the person got it twice.
func (t *transaction) insertFurther(id delivery.ID, f delivery.Further) error {
	changed, err := t.exec(`INSERT INTO waybill.double_accept (delivery, message, message_hash, attempt, found_at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		int64(id), packMessage(f.MessageID), hashMessage(f.MessageID), f.Attempt, f.FoundAt.UnixMilli())
	if err == nil && changed > 0 {
		t.w.l.log.Error("a delivery was accepted twice", slog.Int64("delivery", int64(id)))
	}
	return err
}
