package postgres

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// query hands each row of one statement to each: all are of one moment.
func (l *Ledger) query(ctx context.Context, sql string, each func(pgx.Rows) error, args ...any) error {
	return l.patiently(ctx, func() (begun bool, err error) {
		rows, err := l.pool.Query(ctx, sql, args...)
		if err != nil {
			return false, err
		}
		err = ofRows(rows, func(row pgx.Rows) error { begun = true; return each(row) })
		return begun, err
	})
}

// patiently reads, or does what may be done twice. A database that is away is waited for, as a change waits for it, unless something
// of the answer was handed on already.
func (l *Ledger) patiently(ctx context.Context, read func() (answered bool, err error)) error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.reading.Done()
	wait := busyFor
	if l.sender.held.Load() {
		wait = busyForSender
	}
	waiting, done := context.WithTimeout(ctx, l.patience.left(wait))
	defer done()
	var before error
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		answered, err := read()
		err = reasonOf(err, before)
		switch {
		case err == nil:
			l.patience.reached()
		case passes(err) && ctx.Err() == nil:
			l.patience.failed()
		}
		if err == nil || answered || !passes(err) || waiting.Err() != nil {
			return l.readError(ctx, err)
		}
		before = err
		select {
		case <-time.After(pause):
		case <-waiting.Done():
		}
	}
}

// readError gives a read its error: that of its context, where that ended it.
func (l *Ledger) readError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case isSQL(err):
		return explain(err)
	}
	return explain(err)
}

// inSnapshot reads several things of one moment.
func (l *Ledger) inSnapshot(ctx context.Context, read func(c *connection) error) error {
	return l.patiently(ctx, func() (begun bool, err error) {
		err = pgx.BeginTxFunc(ctx, l.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
			begun = true
			return read(&connection{raw: tx.Conn()})
		})
		return begun, err
	})
}

// stream runs one query while its result is ranged over: all rows are of one moment.
func stream[T any](ctx context.Context, l *Ledger, sql string, scan func(pgx.Rows) (T, error), args []any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		enough := false
		err := l.query(ctx, numbered(sql), func(rows pgx.Rows) error {
			found, err := scan(rows)
			if err == nil && !yield(found, nil) {
				enough = true
				return errEnough
			}
			return err
		}, args...)
		if err != nil && !enough {
			var zero T
			yield(zero, fmt.Errorf("read the ledger: %w", err))
		}
	}
}

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
	err := l.query(ctx, `SELECT s.state, s.word, s.at, s.recipient, s.again, s.http, s.code, s.answer, s.trace, s.cause,
		coalesce(s.raw, substr(i.body, s.raw_from + 1, s.raw_size))
		FROM waybill.status s LEFT JOIN waybill.inbox i ON i.seq = s.inbox WHERE s.message_hash = $1 AND s.message = $2
		ORDER BY s.at, s.state, s.seq`, func(rows pgx.Rows) error {
		var state, http, code, cause num
		var word, recipient, answer, trace text
		var at moment
		s := delivery.Status{MessageID: asked}
		var raw []byte
		err := rows.Scan(&state, &word, &at, &recipient, &s.Retryable, &http, &code, &answer, &trace, &cause, &raw)
		s.At, s.Recipient, s.State, s.Cause = at.time(), string(recipient), delivery.State(state), delivery.Cause(cause) //nolint:gosec // we wrote them
		s.Answer = delivery.Answer{Status: int(http), Code: int(code), Message: string(answer), TraceID: string(trace)}
		s.Raw, s.Word = raw, cmp.Or(string(word), s.State.String())
		out = append(out, s)
		return err
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
		whose, args := form.Whose(person, []string{`sender`, `user_id`}, `at`, 0, func(id string) any { return putText(strings.TrimPrefix(id, "+")) })
		w.also(whose, args...)
	}
	if !f.Since.IsZero() {
		w.also(`at >= ?`, f.Since.UnixMilli())
	}
	return stream(ctx, l, `SELECT id, number_id, sender, user_id, profile_name, at, type, text, reply_to, raw,
		username, payload, standby FROM waybill.inbound`+
		w.sql()+` ORDER BY at DESC, seq DESC`+limit(f.Limit), func(rows pgx.Rows) (engine.Inbound, error) {
		var id, number, from, user, profile, kind, said, reply, username, payload text
		var standby bool
		var at moment
		var raw []byte
		err := rows.Scan(&id, &number, &from, &user, &profile, &at, &kind, &said, &reply, &raw, &username, &payload, &standby)
		return engine.Inbound{
			ID: string(id), NumberID: string(number), From: string(from), UserID: string(user), ProfileName: string(profile),
			At: at.time(), Type: string(kind), Text: string(said), ReplyTo: string(reply), Raw: raw,
			Username: string(username), Payload: string(payload), Standby: standby,
		}, err
	}, w.args)
}

// Notices yields template and number reports, newest first; see engine.Reader. A limit of zero is no limit.
func (l *Ledger) Notices(ctx context.Context, most int) iter.Seq2[engine.Notice, error] {
	return stream(ctx, l, `SELECT field, account_id, at, raw FROM waybill.notice ORDER BY at DESC, seq DESC`+limit(most),
		func(rows pgx.Rows) (engine.Notice, error) {
			var field, account text
			var at moment
			var raw []byte
			err := rows.Scan(&field, &account, &at, &raw)
			return engine.Notice{Field: string(field), AccountID: string(account), At: at.time(), Raw: raw}, err
		}, nil)
}

// Receiving says when the last webhook was recorded; see engine.Reader. Reports without a body are no webhooks.
func (l *Ledger) Receiving(ctx context.Context) (time.Time, error) {
	return l.latest(ctx, `SELECT max(received_at) FROM waybill.process`)
}

// Listening says until when a receiver is alive; see engine.Reader.
func (l *Ledger) Listening(ctx context.Context) (time.Time, error) {
	return l.latest(ctx, `SELECT max(listening_until) FROM waybill.process`)
}

// latest reads one instant; the zero time: there is none.
func (l *Ledger) latest(ctx context.Context, sql string) (time.Time, error) {
	var at moment
	err := l.query(ctx, sql, func(rows pgx.Rows) error { return rows.Scan(&at) })
	if err != nil {
		return time.Time{}, fmt.Errorf("read the ledger: %w", err)
	}
	return at.time(), nil
}

// Listen says that a receiver of webhooks is alive until an instant; see engine.Recorder. Of several the latest instant counts.
func (l *Ledger) Listen(ctx context.Context, until time.Time) error {
	return l.write(ctx, listen{until})
}

type listen struct{ until time.Time }

func (o listen) apply(t *transaction) error {
	_, err := t.exec(`UPDATE waybill.process SET listening_until = greatest(listening_until, $1) WHERE id = $2`, o.until.UnixMilli(), t.w.self.id)
	return err
}

// Alarms counts what should not happen; see engine.Keeper.
func (l *Ledger) Alarms(ctx context.Context) (engine.Alarms, error) {
	var doubles, foreign, unclaimed num
	err := l.query(ctx, `SELECT (SELECT count(*) FROM waybill.double_accept), (SELECT sum(foreigners)::int8 FROM waybill.process),
		(SELECT count(*) FROM waybill.status WHERE delivery IS NULL)`,
		func(rows pgx.Rows) error { return rows.Scan(&doubles, &foreign, &unclaimed) })
	if err != nil {
		return engine.Alarms{}, fmt.Errorf("read the ledger: %w", err)
	}
	return engine.Alarms{DoubleAccepts: int(doubles), ForeignCallbacks: int(foreign), Unclaimed: int(unclaimed)}, nil
}
