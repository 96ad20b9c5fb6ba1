package ledger

import (
	"context"
	"database/sql/driver"
	"encoding/json"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// subject is what a status is about.
type subject struct {
	delivery *loaded // nil: not known yet
	attempt  int     // 0: not known
	code     string  // of a callback whose delivery is not here: it may tell later
}

// about finds what a status is about.
func (t *transaction) about(s *delivery.Status) (subject, error) {
	var out subject
	if s.Callback != "" {
		c, ours := form.ParseCallback(s.Callback)
		if ours {
			l, err := t.byID(c.Delivery)
			if err != nil {
				return out, err
			}
			if l != nil {
				genuine, err := t.genuine(c, l)
				if genuine || err != nil {
					return subject{delivery: l, attempt: c.Attempt}, err
				}
			}
			out.code = c.Code
			ours = l == nil
		}
		if !ours {
			if err := t.countForeign(); err != nil {
				return out, err
			}
		}
	}
	var err error
	out.delivery, err = t.byMessage(s.MessageID)
	return out, err
}

func (t *transaction) countForeign() error {
	_, _, err := t.exec(`INSERT INTO meta (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`, metaForeign)
	return err
}

func (t *transaction) recordStatus(s *delivery.Status, r *engine.Report, inbox driver.Value) error {
	if s.MessageID == "" {
		return nil // kept in the inbox; no message, no status
	}
	known, err := t.knownStatus(s)
	if err != nil || known == statusApplied {
		return err
	}
	what, err := t.about(s)
	if err != nil {
		return err
	}
	if known == statusUnknown {
		if err := t.keepStatus(s, r, inbox, what); err != nil {
			return err
		}
	}
	l := what.delivery
	if l == nil {
		if what.code != "" || known == statusUnknown {
			t.pending, t.unclaimed = true, t.unclaimed || what.code != ""
		}
		return nil
	}
	t.pending = t.pending || known == statusWaiting // the same status, come before without its callback
	if err := t.hear(l, what.attempt, s.MessageID); err != nil {
		return err
	}
	l.Observe(delivery.Observation{Attempt: what.attempt, MessageID: s.MessageID, Standing: s.Standing(), Seen: r.ReceivedAt})
	return t.save(l)
}

// hear gives a delivery the statuses that wait for one of its messages, and sees to it that the record holds what is known of
// that message.
func (t *transaction) hear(l *loaded, attempt int, message string) error {
	waited := false
	if t.pending {
		var err error
		if waited, err = t.attach(l.ID, l.run, attempt, message); err != nil {
			return err
		}
	}
	if _, has := l.Heard[message]; !waited && (l.single || has) {
		return nil
	}
	s, err := t.standingOf(message)
	if err != nil {
		return err
	}
	if l.Heard == nil {
		l.Heard = make(map[string]delivery.Standing)
	}
	l.Heard[message] = l.Heard[message].Merge(s)
	return nil
}

// attach gives the statuses that waited for a message to its delivery, and says whether there were any.
func (t *transaction) attach(id delivery.ID, run int64, attempt int, message string) (bool, error) {
	if err := t.countWaiting(run, message); err != nil {
		return false, err
	}
	changed, _, err := t.exec(`UPDATE status SET delivery = ?, attempt = ?, callback = NULL
		WHERE delivery IS NULL AND message_hash = ? AND message = ?`,
		int64(id), orNull(attempt), hashMessage(message), packMessage(message))
	return changed > 0, err
}

// statusKnown says whether the ledger has a status already, and whether its delivery was moved by it.
type statusKnown int

const (
	statusUnknown statusKnown = iota
	statusWaiting             // seen before, and its delivery is not known yet
	statusApplied             // seen before and applied
)

func (t *transaction) knownStatus(s *delivery.Status) (statusKnown, error) {
	known := statusUnknown
	err := t.query(context.Background(), `SELECT delivery FROM status WHERE message_hash = ? AND message = ? AND state = ? AND at = ?
		AND coalesce(word, '') = ?`, func(row []driver.Value) error {
		known = statusApplied
		if row[0] == nil {
			known = statusWaiting
		}
		return nil
	}, hashMessage(s.MessageID), packMessage(s.MessageID), int64(s.State), s.At.UnixMilli(), form.OwnWord(s))
	return known, err
}

func (t *transaction) keepStatus(s *delivery.Status, r *engine.Report, inbox driver.Value, what subject) error {
	var delivery, attempt, code driver.Value
	if what.delivery != nil {
		delivery, attempt = int64(what.delivery.ID), orNull(what.attempt)
	} else {
		code = orNull(what.code)
	}
	rawFrom, rawSize, raw := place(r.Body, s.Raw)
	if rawFrom == nil {
		inbox = nil
	}
	charge, err := t.firstCharge(s)
	if err == nil && what.delivery != nil {
		err = t.countCharge(what.delivery.run, charge)
	}
	if err != nil {
		return err
	}
	_, _, err = t.exec(`INSERT INTO status (message, message_hash, delivery, attempt, callback, state, word, at, received_at,
		recipient, again, http, code, answer, trace, cause, inbox, raw_from, raw_size, raw, charge) VALUES (`+placeholders(21)+`)`,
		packMessage(s.MessageID), hashMessage(s.MessageID), delivery, attempt, code, int64(s.State), orNull(form.OwnWord(s)), s.At.UnixMilli(),
		r.ReceivedAt.UnixMilli(), orNull(s.Recipient), flag(s.Retryable), orNull(s.Answer.Status), orNull(s.Answer.Code),
		orNull(s.Answer.Message), orNull(s.Answer.TraceID), orNull(int(s.Cause)), inbox, rawFrom, rawSize, raw, charge)
	return err
}

// place says where a part lies in the body that is kept anyway; a part that is elsewhere is given to be kept itself.
func place(body []byte, part json.RawMessage) (from, size, raw driver.Value) {
	if i := form.Place(body, part); i >= 0 {
		return int64(i), int64(len(part)), nil
	}
	return nil, nil, orBlob(part)
}
