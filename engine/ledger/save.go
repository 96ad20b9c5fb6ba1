package ledger

import (
	"database/sql/driver"
	"errors"
	"log/slog"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// errChanged means that a delivery was changed by another between a load and its save. One transaction holds both, so that it
// cannot be.
var errChanged = errors.New("a delivery was changed by another meanwhile")

// save writes what a transition changed.
func (t *transaction) save(l *loaded) error {
	if err := t.updateDelivery(l); err != nil {
		return err
	}
	last := len(l.Attempts)
	for n := range l.Attempts[:last-1] {
		a := &l.Attempts[n]
		var err error
		switch {
		case n >= len(l.former):
			err = t.insertAttempt(a, l.older)
		case *a != l.former[n]:
			err = t.updateAttempt(a)
		}
		if err != nil {
			return err
		}
	}
	for _, f := range l.Further[l.known:] {
		if err := t.insertFurther(l.Delivery(), f); err != nil {
			return err
		}
	}
	return t.countChange(l)
}

// updateDelivery writes the row of a delivery, if it is as it was loaded.
func (t *transaction) updateDelivery(l *loaded) error {
	var failureCode, failure, failedBy driver.Value
	if l.Failure != nil {
		failureCode, failure = int64(l.Failure.Answer.Code), orNull(l.Failure.Answer.Message)
		failedBy = orNull(int(l.Failure.Cause))
	}
	business, err := t.businessOf(l.NumberID)
	if err != nil {
		return err
	}
	c := &l.Attempts[len(l.Attempts)-1]
	changed, _, err := t.exec(`UPDATE delivery SET run = ?, recipient = ?, business = ?, digest = ?, line = ?, state = ?, again = ?, attempts = ?,
		intended_at = ?, result = ?, result_flags = ?, settled_ms = ?, ended_ms = ?, message = ?, message_hash = ?,
		held_back = ?, http = ?, code = ?, answer = ?, trace = ?, cause = ?, status_at = ?, failure_code = ?, failure = ?, failed_by = ?,
		room = iif(?, zeroblob(64), NULL) WHERE id = ? AND attempts = ? AND state = ?`,
		l.run, packRecipient(l.Recipient), business, packDigest(l.Digest), int64(l.Row), int64(l.State), flag(l.Retryable), int64(c.Number),
		c.At.UnixMilli(), int64(c.Result), form.PackFlags(c), since(c.At, l.SettledAt), since(c.At, c.Ended),
		packMessage(l.MessageID), hashMessage(l.MessageID),
		orNull(c.HeldBack), orNull(c.Answer.Status), orNull(c.Answer.Code), orNull(c.Answer.Message), orNull(c.Answer.TraceID),
		orNull(int(c.Cause)), instant(l.StatusAt), failureCode, failure, failedBy, flag(l.State == delivery.Intended),
		int64(l.ID), int64(len(l.former)+1), int64(l.state))
	if err == nil && changed == 0 {
		return errChanged
	}
	return err
}

// insertAttempt keeps an attempt that was followed by another.
func (t *transaction) insertAttempt(a *delivery.Attempt, run int64) error {
	_, _, err := t.exec(`INSERT INTO attempt (delivery, number, run, intended_at, ended_ms, result, result_flags, message,
		message_hash, held_back, http, code, answer, trace, cause) VALUES (`+placeholders(15)+`)`,
		int64(a.Delivery), int64(a.Number), run, a.At.UnixMilli(), since(a.At, a.Ended), int64(a.Result), form.PackFlags(a),
		packMessage(a.MessageID), hashMessage(a.MessageID), orNull(a.HeldBack), orNull(a.Answer.Status), orNull(a.Answer.Code),
		orNull(a.Answer.Message), orNull(a.Answer.TraceID), orNull(int(a.Cause)))
	return err
}

// updateAttempt writes what was learnt late of an attempt that was followed by another.
func (t *transaction) updateAttempt(a *delivery.Attempt) error {
	_, _, err := t.exec(`UPDATE attempt SET ended_ms = ?, result = ?, result_flags = ?, message = ?, message_hash = ?, held_back = ?,
		http = ?, code = ?, answer = ?, trace = ?, cause = ? WHERE delivery = ? AND number = ?`,
		since(a.At, a.Ended), int64(a.Result), form.PackFlags(a), packMessage(a.MessageID), hashMessage(a.MessageID), orNull(a.HeldBack),
		orNull(a.Answer.Status), orNull(a.Answer.Code), orNull(a.Answer.Message), orNull(a.Answer.TraceID), orNull(int(a.Cause)),
		int64(a.Delivery), int64(a.Number))
	return err
}

// insertFurther keeps a further message id, and says so: the person got it twice.
func (t *transaction) insertFurther(d delivery.Delivery, f delivery.Further) error {
	changed, _, err := t.exec(`INSERT INTO double_accept (delivery, message, message_hash, attempt, found_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, int64(d.ID), packMessage(f.MessageID), hashMessage(f.MessageID), int64(f.Attempt), f.FoundAt.UnixMilli())
	if err == nil && changed > 0 {
		t.ledger.log.Error("a delivery was accepted twice", slog.String("run", d.Run), slog.String("step", d.Key.Step), slog.Int("row", d.Row))
	}
	return err
}
