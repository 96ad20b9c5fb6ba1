package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"

	"waybill/engine"
)

// Record stores a webhook and applies what it says; see engine.Ledger. The same one again changes nothing. A status
// finds its delivery by its callback, if this ledger made it, else by its message id; one that finds none is kept
// and applied when a delivery is accepted with that id. Callbacks that it did not make count as foreign and are not believed.
func (l *Ledger) Record(ctx context.Context, r engine.Report) error {
	return l.write(ctx, &recording{report: r})
}

type recording struct {
	report engine.Report
}

func (o *recording) apply(t *transaction) error {
	if o.report.ReceivedAt.IsZero() {
		o.report.ReceivedAt = t.now
	}
	report, codes, forgotten, err := t.known.Report(o.report, t.isOurs)
	if err == nil {
		err = t.remember(codes)
	}
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
	if err := t.keepOptOuts(r.OptOuts); err != nil {
		return err
	}
	if len(o.report.Body) == 0 {
		return nil // asked for, not received: it proves nothing about a webhook
	}
	return putMeta(t.connection, metaReceived, r.ReceivedAt.UnixMilli())
}

// keepBody stores the bytes of a webhook once, returns their row (nil: there are none), and says whether they were here
// before. Of one that names somebody who was forgotten it stores that it came.
func (t *transaction) keepBody(r *engine.Report, forgotten bool) (row driver.Value, again bool, err error) {
	if len(r.Body) == 0 {
		return nil, false, nil
	}
	sum := sha256.Sum256(r.Body)
	digest, body := sum[:16], r.Body
	if forgotten {
		body = []byte{}
	}
	changed, id, err := t.exec(`INSERT INTO inbox (received_at, digest, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		r.ReceivedAt.UnixMilli(), digest, body)
	if err != nil {
		return nil, false, err
	}
	if changed > 0 {
		return id, false, nil
	}
	seq, err := t.number(`SELECT seq FROM inbox WHERE digest = ?`, digest)
	return seq, true, err
}

func (t *transaction) recordInbound(m *engine.Inbound) error {
	_, _, err := t.exec(`INSERT INTO inbound (id, number_id, sender, user_id, profile_name, at, type, text, reply_to, raw, username, payload, standby)
		VALUES (`+placeholders(13)+`) ON CONFLICT DO NOTHING`,
		m.ID, m.NumberID, m.From, m.UserID, m.ProfileName, m.At.UnixMilli(), m.Type, m.Text, m.ReplyTo, orBlob(m.Raw),
		orNull(m.Username), orNull(m.Payload), flag(m.Standby))
	return err
}

func (t *transaction) recordNotice(n *engine.Notice) error {
	_, _, err := t.exec(`INSERT INTO notice (field, account_id, at, raw) SELECT ?, ?, ?, ? WHERE NOT EXISTS
		(SELECT 1 FROM notice WHERE at = ? AND field = ? AND account_id = ? AND raw IS ?)`,
		n.Field, n.AccountID, n.At.UnixMilli(), orBlob(n.Raw), n.At.UnixMilli(), n.Field, n.AccountID, orBlob(n.Raw))
	return err
}
