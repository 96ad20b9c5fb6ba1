package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// Record stores a webhook and applies what it says; see engine.Recorder. The same one again changes nothing. A status
// finds its delivery by its callback, if this ledger made it, else by its message id; one that finds none is kept
// and applied when a delivery is accepted with that id. Callbacks that it did not make count as foreign and are not believed.
func (l *Ledger) Record(ctx context.Context, r engine.Report) error {
	if r.ReceivedAt.IsZero() {
		r.ReceivedAt = l.now()
	}
	return l.write(ctx, &recording{report: r})
}

type recording struct {
	report engine.Report
}

func (o *recording) apply(t *transaction) error {
	report, forgotten, err := t.seen(o)
	if err != nil {
		return err
	}
	r := &report
	inbox, again, err := t.keepBody(r, forgotten)
	if err != nil {
		return err
	}
	if forgotten {
		r.Body, inbox = nil, nil // no raw form is in it
	}
	for i := range r.Statuses {
		if err := t.recordStatus(&r.Statuses[i], r, inbox); err != nil {
			return err
		}
	}
	for i := range r.Inbound {
		if err := t.recordInbound(&r.Inbound[i]); err != nil {
			return err
		}
	}
	// A notice often names no moment, so that only the body tells whether it came before.
	for i := range r.Notices {
		if again {
			break
		}
		if err := t.recordNotice(&r.Notices[i]); err != nil {
			return err
		}
	}
	if err := t.move(r.Moved); err != nil {
		return err
	}
	if err := t.keepNamed(r.Identities); err != nil {
		return err
	}
	return t.keepOptOuts(r.OptOuts)
}

// seen is a report as the ledger has it, and whether it names somebody who was forgotten.
func (t *transaction) seen(o *recording) (engine.Report, bool, error) {
	if t.ahead != nil {
		s := t.ahead.reports[o]
		return s.report, s.forgotten, nil
	}
	report, codes, forgotten, err := t.known.Report(o.report, t.isOurs)
	if err == nil {
		err = t.remember(codes)
	}
	return report, forgotten, err
}

// keepBody stores the bytes of a webhook once, returns their row (nil: there are none), and says whether they were here
// before. Of one that names somebody who was forgotten it stores that it came.
func (t *transaction) keepBody(r *engine.Report, forgotten bool) (inbox *int64, again bool, err error) {
	if len(r.Body) == 0 {
		return nil, false, nil
	}
	digest, body := digestOf(r.Body), r.Body
	if t.ahead != nil && !forgotten {
		kept := *t.ahead.bodies[digest]
		t.ahead.bodies[digest].again = true // of the next with these bytes
		return &kept.seq, kept.again, nil
	}
	if forgotten {
		body = []byte{}
	}
	seq, err := t.number(`INSERT INTO waybill.inbox (received_at, digest, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING seq`,
		r.ReceivedAt.UnixMilli(), digest[:], body)
	if err == nil && seq == 0 {
		again = true
		seq, err = t.number(`SELECT seq FROM waybill.inbox WHERE digest = $1`, digest[:])
	}
	return &seq, again, err
}

func (t *transaction) recordInbound(m *engine.Inbound) error {
	_, err := t.exec(`INSERT INTO waybill.inbound (id, number_id, sender, user_id, profile_name, at, type, text, reply_to, raw, username, payload, standby)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`,
		putText(m.ID), putText(m.NumberID), putText(m.From), putText(m.UserID), putText(m.ProfileName), m.At.UnixMilli(), putText(m.Type),
		putText(m.Text), putText(m.ReplyTo), bytesOrNull(m.Raw), textOrNull(m.Username), textOrNull(m.Payload), m.Standby)
	return err
}

func (t *transaction) recordNotice(n *engine.Notice) error {
	_, err := t.exec(`INSERT INTO waybill.notice (field, account_id, at, raw) SELECT $1, $2, $3, $4::bytea WHERE NOT EXISTS
		(SELECT 1 FROM waybill.notice WHERE at = $3 AND field = $1 AND account_id = $2 AND raw IS NOT DISTINCT FROM $4::bytea)`,
		putText(n.Field), putText(n.AccountID), n.At.UnixMilli(), bytesOrNull(n.Raw))
	return err
}

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
			_, err := t.exec(`UPDATE waybill.process SET foreigners = foreigners + 1 WHERE id = $1`, t.w.self.id)
			if err != nil {
				return out, err
			}
		}
	}
	var err error
	out.delivery, err = t.byMessage(s.MessageID)
	return out, err
}

func (t *transaction) recordStatus(s *delivery.Status, r *engine.Report, inbox *int64) error {
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
			t.w.pending, t.w.unclaimed = true, t.w.unclaimed || what.code != ""
		}
		return nil
	}
	t.w.pending = t.w.pending || known == statusWaiting // the same status, come before without its callback
	if err := t.hear(l, what.attempt, s.MessageID); err != nil {
		return err
	}
	l.Observe(delivery.Observation{Attempt: what.attempt, MessageID: s.MessageID, Standing: s.Standing(), Seen: r.ReceivedAt})
	return t.saveMoved(l)
}

// hear gives a delivery the statuses that wait for one of its messages, and sees to it that the record holds what is known of
// that message.
func (t *transaction) hear(l *loaded, attempt int, message string) error {
	waited := false
	if h := t.ahead.of(message); t.w.pending && (h == nil || h.waits()) {
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
	changed, err := t.exec(`UPDATE waybill.status SET delivery = $1, attempt = $2, callback = NULL
		WHERE delivery IS NULL AND message_hash = $3 AND message = $4`,
		int64(id), orNull(attempt), hashMessage(message), packMessage(message))
	t.ahead.attached(message)
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
	if h := t.ahead.of(s.MessageID); h != nil {
		return h.statuses[keyOf(s)], nil
	}
	known := statusUnknown
	err := t.query(`SELECT delivery IS NULL FROM waybill.status WHERE message_hash = $1 AND message = $2 AND state = $3 AND at = $4 AND word = $5`,
		func(rows pgx.Rows) error {
			var waits bool
			err := rows.Scan(&waits)
			known = statusApplied
			if waits {
				known = statusWaiting
			}
			return err
		}, hashMessage(s.MessageID), packMessage(s.MessageID), int64(s.State), s.At.UnixMilli(), putText(form.OwnWord(s)))
	return known, err
}

func (t *transaction) keepStatus(s *delivery.Status, r *engine.Report, inbox *int64, what subject) error {
	k := keptStatus{
		message: packMessage(s.MessageID), hash: form.MessageHash(s.MessageID), state: int64(s.State), word: putText(form.OwnWord(s)),
		at: s.At.UnixMilli(), received: r.ReceivedAt.UnixMilli(), recipient: textOrNull(s.Recipient), again: s.Retryable,
		http: orNull(s.Answer.Status), code: orNull(s.Answer.Code), answer: textOrNull(s.Answer.Message), trace: textOrNull(s.Answer.TraceID),
		cause: orNull(s.Cause),
	}
	if what.delivery != nil {
		n := int64(what.delivery.ID)
		k.delivery, k.attempt = &n, orNull(what.attempt)
	} else if k.callback = textOrNull(what.code); k.callback != nil {
		// Against intents: the delivery that it tells of may be about to be begun.
		if _, err := t.exec(`SELECT pg_advisory_xact_lock($1::int, 0)`, lockUnclaimed); err != nil {
			return err
		}
	}
	if n := form.Place(r.Body, s.Raw); n >= 0 {
		from, size := int64(n), int64(len(s.Raw))
		k.inbox, k.rawFrom, k.rawSize = inbox, &from, &size
	} else {
		k.raw = bytesOrNull(s.Raw)
	}
	var err error
	if k.charge, err = t.firstCharge(s); err != nil {
		return err
	}
	if what.delivery != nil {
		t.countCharge(what.delivery.run, k.charge)
	}
	if h := t.ahead.of(s.MessageID); h != nil {
		h.keep(keyOf(s), k.delivery == nil)
		h.charged = h.charged || k.charge != nil
	}
	t.writes.statuses = append(t.writes.statuses, k)
	return nil
}
