package ledger

import (
	"context"
	"database/sql/driver"
	"time"

	"waybill/engine/delivery"
)

// proof is evidence that WhatsApp took a message: an answer with an id, or a status.
type proof struct {
	attempt int // 0: whichever has the message, else the last
	message string
	state   delivery.State // Accepted of an answer
	at      time.Time      // WhatsApp's time, zero of an answer
	seen    time.Time      // when we learnt of it
	again   bool           // of Failed
	failure delivery.Answer
}

// standing is what became of one message, as far as its statuses say.
type standing struct {
	state   delivery.State
	at      time.Time
	again   bool
	failure delivery.Answer
}

// merge takes in one more status. The order in which they come does not matter: of two that rank alike the
// earlier one stays.
func (s *standing) merge(p standing) {
	have, got := s.state.Rank(), p.state.Rank()
	if got < have || got == have && (p.at.IsZero() || !s.at.IsZero() && !p.at.Before(s.at)) {
		return
	}
	*s = p
}

// arrives says whether the message is on its way or with the person, as far as we know.
func (s standing) arrives() bool { return s.state.Reached() && s.state != delivery.Failed }

// accepted weighs a proof about a delivery and saves what follows.
//
// Nearly always there is one attempt and one message, and the proof moves the delivery on. Else all that is known
// is weighed: a delivery stands where the best of its messages stands. A failed one frees it only when no other
// request for it may have been taken, or it would be sent again beside one that is on its way.
func (t *transaction) accepted(r *record, p proof) error {
	if p.attempt == 0 || p.attempt > r.Attempts {
		n, err := t.attemptOf(r, p.message)
		if err != nil {
			return err
		}
		p.attempt = n
	}
	var err error
	if p.attempt == r.Attempts {
		err = t.provenCurrent(r, p)
	} else {
		err = t.provenFormer(r, p)
	}
	if err != nil {
		return err
	}
	late := false
	if t.pending {
		if late, err = t.attach(r.ID, p.attempt, p.message); err != nil {
			return err
		}
	}
	if r.Attempts == 1 && r.MessageID == p.message && !late {
		now := standing{state: r.State, at: r.StatusAt, again: r.Retryable, failure: r.failure}
		now.merge(standing{p.state, p.at, p.again, p.failure})
		r.stand(now)
	} else if err := t.weigh(r); err != nil {
		return err
	}
	if r.SettledAt.IsZero() && r.State != delivery.Intended {
		r.SettledAt = p.seen
	}
	return t.save(r)
}

// stand moves a delivery to where its message stands.
func (r *record) stand(s standing) {
	r.State, r.StatusAt, r.Retryable = s.state, s.at, s.again
	r.failed, r.failure = false, delivery.Answer{}
	if s.state == delivery.Failed {
		r.failed, r.failure = true, s.failure
	}
}

// provenCurrent notes that the last attempt was accepted.
func (t *transaction) provenCurrent(r *record, p proof) error {
	if r.result != delivery.ResultAccepted {
		r.result, r.last, r.resultAgain = delivery.ResultAccepted, false, false
		if r.ended.IsZero() {
			r.ended = p.seen
		}
	}
	switch r.MessageID {
	case "":
		r.MessageID = p.message
	case p.message:
	default:
		return t.foundDouble(r, p)
	}
	return nil
}

// provenFormer notes that an attempt before the last was accepted.
func (t *transaction) provenFormer(r *record, p proof) error {
	var known string
	err := t.query(context.Background(), `SELECT message FROM attempt WHERE delivery = ? AND number = ?`, func(row []driver.Value) error {
		known = unpackMessage(row[0])
		return nil
	}, int64(r.ID), int64(p.attempt))
	if err != nil {
		return err
	}
	isNews := known != p.message
	if known == "" {
		_, _, err := t.exec(`UPDATE attempt SET message = ?, message_hash = ?, result = 1, result_flags = 0,
			ended_ms = coalesce(ended_ms, ? - intended_at) WHERE delivery = ? AND number = ?`,
			packMessage(p.message), hashMessage(p.message), p.seen.UnixMilli(), int64(r.ID), int64(p.attempt))
		if err != nil {
			return err
		}
	} else if isNews {
		return t.foundDouble(r, p)
	}
	now, err := t.standingOf(p.message)
	if err != nil {
		return err
	}
	switch {
	case r.MessageID == "" && now.arrives() && p.state != delivery.Failed:
		r.MessageID = p.message
	case r.MessageID != "" && r.MessageID != p.message && (isNews || now.arrives() && p.state != delivery.Failed):
		return t.foundDouble(r, p)
	}
	return nil
}

// foundDouble notes a second message id of a delivery: the person got it twice. The first one stays the delivery's.
func (t *transaction) foundDouble(r *record, p proof) error {
	changed, _, err := t.exec(`INSERT INTO double_accept (delivery, message, message_hash, attempt, found_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, int64(r.ID), packMessage(p.message), hashMessage(p.message), int64(p.attempt), p.seen.UnixMilli())
	if err == nil && changed > 0 {
		t.ledger.log.Error("a delivery was accepted twice", deliveryAttr(r.ID))
	}
	return err
}

// doubleOf gives the further message id that an attempt was accepted with; empty: none.
func (t *transaction) doubleOf(id delivery.ID, attempt int) (string, error) {
	var message string
	err := t.query(context.Background(), `SELECT message FROM double_accept WHERE delivery = ? AND attempt = ? ORDER BY found_at LIMIT 1`,
		func(row []driver.Value) error {
			message = unpackMessage(row[0])
			return nil
		}, int64(id), int64(attempt))
	return message, err
}

// attemptOf finds the attempt that has a message; the last one when none has.
func (t *transaction) attemptOf(r *record, message string) (int, error) {
	n, err := t.number(`SELECT number FROM attempt WHERE delivery = ? AND message = ?
		UNION ALL SELECT attempt FROM double_accept WHERE delivery = ? AND message = ? LIMIT 1`,
		int64(r.ID), packMessage(message), int64(r.ID), packMessage(message))
	if n == 0 {
		return r.Attempts, err
	}
	return int(n), err
}

// weigh says where a delivery with several attempts or messages stands.
func (t *transaction) weigh(r *record) error {
	messages, err := t.messagesOf(r)
	if err != nil {
		return err
	}
	best := standing{}
	var last standing // of a failed one
	for _, m := range messages {
		s, err := t.standingOf(m)
		if err != nil {
			return err
		}
		if s.arrives() {
			best.merge(s)
		} else {
			last = s
		}
	}
	switch {
	case best.state != 0:
		r.stand(best)
	case r.result == delivery.ResultAccepted:
		r.stand(last)
	case r.State == delivery.Intended, r.State == delivery.Planned, r.State == delivery.Rejected:
	case r.result == 0, r.result == delivery.ResultInDoubt:
		r.stand(standing{state: delivery.InDoubt})
	default:
		r.stand(last)
	}
	return nil
}

// messagesOf gives all message ids known of a delivery, the current one last.
func (t *transaction) messagesOf(r *record) ([]string, error) {
	var out []string
	err := t.query(context.Background(), `SELECT message FROM attempt WHERE delivery = ? AND message IS NOT NULL
		UNION ALL SELECT message FROM double_accept WHERE delivery = ?`, func(row []driver.Value) error {
		out = append(out, unpackMessage(row[0]))
		return nil
	}, int64(r.ID), int64(r.ID))
	if r.MessageID != "" {
		out = append(out, r.MessageID)
	}
	return out, err
}

// standingOf merges all statuses of a message that is known to be accepted.
func (t *transaction) standingOf(message string) (standing, error) {
	s := standing{state: delivery.Accepted}
	err := t.query(context.Background(), `SELECT state, at, again, http, code, answer, trace FROM status
		WHERE message_hash = ? AND message = ?`, func(v []driver.Value) error {
		s.merge(standing{
			state: delivery.State(asInt(v[0])), at: asTime(v[1]), again: asInt(v[2]) != 0, //nolint:gosec // we wrote it
			failure: delivery.Answer{Status: int(asInt(v[3])), Code: int(asInt(v[4])), Message: asText(v[5]), TraceID: asText(v[6])},
		})
		return nil
	}, hashMessage(message), packMessage(message))
	return s, err
}

// attach gives the statuses that waited for a message to its delivery, and says whether there were any.
func (t *transaction) attach(id delivery.ID, attempt int, message string) (bool, error) {
	changed, _, err := t.exec(`UPDATE status SET delivery = ?, attempt = ?, callback = NULL
		WHERE delivery IS NULL AND message_hash = ? AND message = ?`,
		int64(id), int64(attempt), hashMessage(message), packMessage(message))
	return changed > 0, err
}

// heardOf looks for statuses that came for a new delivery before it was intended. That happens in a ledger that was
// restored from a backup: the message was sent in the time that is lost. nil: nothing was heard.
func (t *transaction) heardOf(id delivery.ID) (*record, error) {
	r, err := t.byID(id)
	if err != nil || r == nil {
		return nil, err
	}
	code := t.ledger.keys.code(1, r.Key.Hash())
	var messages []string
	err = t.query(context.Background(), `SELECT DISTINCT message FROM status WHERE delivery IS NULL AND callback = ?`,
		func(row []driver.Value) error {
			messages = append(messages, unpackMessage(row[0]))
			return nil
		}, code)
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	for _, m := range messages {
		if err := t.accepted(r, proof{attempt: 1, message: m, state: delivery.Accepted, seen: t.now}); err != nil {
			return nil, err
		}
	}
	return r, nil
}
