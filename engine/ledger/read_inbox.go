package ledger

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"iter"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// Statuses returns what WhatsApp said of a message, in its own order of time; see engine.Reader. Callback is not kept,
// Raw until Compact takes it away.
func (l *Ledger) Statuses(ctx context.Context, messageID string) ([]delivery.Status, error) {
	out, err := l.statusesUnder(ctx, messageID, messageID)
	if err != nil || len(out) > 0 {
		return out, err
	}
	known, err := l.whoIs(ctx)
	if err != nil || known.Nobody() {
		return nil, err
	}
	return l.statusesUnder(ctx, known.Message(messageID), messageID)
}

// statusesUnder returns the statuses that are kept under a message id, as those of the one that was asked for.
func (l *Ledger) statusesUnder(ctx context.Context, messageID, asked string) ([]delivery.Status, error) {
	var out []delivery.Status
	err := l.readers.query(ctx, `SELECT s.state, s.word, s.at, s.recipient, s.again, s.http, s.code, s.answer, s.trace, s.cause,
		coalesce(s.raw, substr(i.body, s.raw_from + 1, s.raw_size))
		FROM status s LEFT JOIN inbox i ON i.seq = s.inbox WHERE s.message_hash = ? AND s.message = ? ORDER BY s.at, s.state, s.seq`,
		func(v []driver.Value) error {
			s := delivery.Status{
				MessageID: asked, At: asTime(v[2]), Recipient: asText(v[3]), Retryable: asInt(v[4]) != 0,
				State:  delivery.State(asInt(v[0])), //nolint:gosec // we wrote it
				Answer: delivery.Answer{Status: int(asInt(v[5])), Code: int(asInt(v[6])), Message: asText(v[7]), TraceID: asText(v[8])},
				Raw:    asBytes(v[10]), Cause: asCause(v[9]),
			}
			s.Word = cmp.Or(asText(v[1]), s.State.String())
			out = append(out, s)
			return nil
		}, hashMessage(messageID), packMessage(messageID))
	if err != nil {
		return nil, fmt.Errorf("read statuses: %w", err)
	}
	return out, nil
}

// Inbound yields what people wrote, newest first; see engine.Reader.
func (l *Ledger) Inbound(ctx context.Context, f engine.InboundFilter) iter.Seq2[engine.Inbound, error] {
	var w where
	w.equal("number_id", f.NumberID)
	if f.Contact != "" {
		person, err := l.Whose(ctx, form.ContactID(f.Contact))
		if err != nil {
			return func(yield func(engine.Inbound, error) bool) { yield(engine.Inbound{}, err) }
		}
		whose, args := form.Whose(person, []string{`sender`, `user_id`}, `at`, 0, func(id string) driver.Value { return strings.TrimPrefix(id, "+") })
		w.also(whose, args...)
	}
	if !f.Since.IsZero() {
		w.also(`at >= ?`, f.Since.UnixMilli())
	}
	return stream(ctx, l.readers, `SELECT id, number_id, sender, user_id, profile_name, at, type, text, reply_to, raw, username, payload, standby
		FROM inbound`+
		w.sql()+` ORDER BY at DESC, seq DESC`+w.limit(f.Limit), func(v []driver.Value) (engine.Inbound, error) {
		return engine.Inbound{
			ID: asText(v[0]), NumberID: asText(v[1]), From: asText(v[2]), UserID: asText(v[3]), ProfileName: asText(v[4]),
			At: asTime(v[5]), Type: asText(v[6]), Text: asText(v[7]), ReplyTo: asText(v[8]), Raw: asBytes(v[9]),
			Username: asText(v[10]), Payload: asText(v[11]), Standby: asInt(v[12]) != 0,
		}, nil
	}, w.args)
}

// Notices yields template and number reports, newest first; see engine.Reader. A limit of zero is no limit.
func (l *Ledger) Notices(ctx context.Context, limit int) iter.Seq2[engine.Notice, error] {
	var w where
	return stream(ctx, l.readers, `SELECT field, account_id, at, raw FROM notice ORDER BY at DESC, seq DESC`+w.limit(limit),
		func(v []driver.Value) (engine.Notice, error) {
			return engine.Notice{Field: asText(v[0]), AccountID: asText(v[1]), At: asTime(v[2]), Raw: asBytes(v[3])}, nil
		}, nil)
}

// Receiving says when the last webhook was recorded; see engine.Reader. Reports without a body are no webhooks.
func (l *Ledger) Receiving(ctx context.Context) (time.Time, error) {
	return l.instant(ctx, metaReceived)
}

// instant reads one from the table meta; the zero time: it is not there.
func (l *Ledger) instant(ctx context.Context, name string) (time.Time, error) {
	var at time.Time
	err := l.readers.use(func(c *connection) error {
		v, err := readMeta(ctx, c, name)
		at = asTime(v)
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("read the ledger: %w", err)
	}
	return at, nil
}

// Listen says that a receiver of webhooks is alive until an instant; see engine.Recorder. Of several the latest instant counts.
func (l *Ledger) Listen(ctx context.Context, until time.Time) error {
	return l.write(ctx, listen{until})
}

type listen struct{ until time.Time }

func (o listen) apply(t *transaction) error {
	_, _, err := t.exec(`INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
		metaListening, o.until.UnixMilli())
	return err
}

// Listening says until when a receiver is alive; see engine.Reader.
func (l *Ledger) Listening(ctx context.Context) (time.Time, error) {
	return l.instant(ctx, metaListening)
}

// Alarms counts what should not happen; see engine.Keeper.
func (l *Ledger) Alarms(ctx context.Context) (engine.Alarms, error) {
	var a engine.Alarms
	err := l.readers.query(ctx, `SELECT (SELECT count(*) FROM double_accept),
		coalesce((SELECT value FROM meta WHERE name = 'foreign_callbacks'), 0),
		(SELECT count(*) FROM status WHERE delivery IS NULL)`, func(v []driver.Value) error {
		a = engine.Alarms{DoubleAccepts: int(asInt(v[0])), ForeignCallbacks: int(asInt(v[1])), Unclaimed: int(asInt(v[2]))}
		return nil
	})
	if err != nil {
		return a, fmt.Errorf("read the ledger: %w", err)
	}
	return a, nil
}
