package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// mouldName is a mould and for how long texts in it are kept.
type mouldName struct {
	form string
	keep time.Duration
}

// mouldOf returns the row of a text's mould, when it is known.
func (w *writer) mouldOf(text *delivery.Text) (mould int64, known bool) {
	if text.Keep <= 0 {
		return form.NoMould, true
	}
	mould, known = w.moulds[mouldName{text.Mould, text.Keep}]
	return mould, known
}

// valuesOf are the values of a text as they are stored.
func valuesOf(text *delivery.Text) []byte {
	if text.Keep <= 0 {
		return nil
	}
	return append([]byte{}, text.Values...)
}

// textOf returns a text as a row of delivery has it: the row of its mould, which is made when it is new, and its values.
func (t *transaction) textOf(text *delivery.Text) (mould int64, values []byte, err error) {
	if mould, known := t.w.mouldOf(text); known {
		return mould, valuesOf(text), nil
	}
	digest := sha256.Sum256([]byte(text.Mould))
	const find = `SELECT seq FROM waybill.mould WHERE keep_ms = $1 AND digest = $2`
	mould, err = t.number(find, text.Keep.Milliseconds(), digest[:])
	if err == nil && mould == 0 {
		_, err = t.exec(`INSERT INTO waybill.mould (keep_ms, form) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
			text.Keep.Milliseconds(), []byte(text.Mould))
		if err == nil {
			mould, err = t.number(find, text.Keep.Milliseconds(), digest[:])
		}
	}
	if err == nil {
		t.w.moulds[mouldName{text.Mould, text.Keep}] = mould
	}
	return mould, valuesOf(text), err
}

// keepTextAgain gives a delivery the text of a further attempt. That of the attempt before is kept with it where it was another one.
func (t *transaction) keepTextAgain(id delivery.ID, attempt int, text *delivery.Text) error {
	mould, values, err := t.textOf(text)
	if err != nil {
		return err
	}
	t.later(`UPDATE waybill.attempt a SET mould = coalesce(d.mould, $1), text = d.text FROM waybill.delivery d
		WHERE d.id = a.delivery AND (d.mould IS DISTINCT FROM $2 OR d.text IS DISTINCT FROM $3) AND a.delivery = $4 AND a.number = $5`,
		form.EarlierMould, mould, values, int64(id), attempt-1)
	t.later(`UPDATE waybill.delivery SET mould = $1, text = $2 WHERE id = $3`, mould, values, int64(id))
	return nil
}

// Texts returns what each request for a delivery said; see engine.Reader.
func (l *Ledger) Texts(ctx context.Context, id delivery.ID) ([]engine.SentText, error) {
	var stored []form.StoredText
	forgotten := false
	err := l.query(ctx, `SELECT a.number, a.intended_at, a.mould, m.form, m.keep_ms, a.text, '', ''
		FROM waybill.attempt a LEFT JOIN waybill.mould m ON m.seq = a.mould WHERE a.delivery = $1
		UNION ALL
		SELECT d.attempts, d.intended_at, d.mould, m.form, m.keep_ms, d.text, d.recipient, d.item
		FROM waybill.delivery d LEFT JOIN waybill.mould m ON m.seq = d.mould WHERE d.id = $1
		ORDER BY 1`, func(rows pgx.Rows) error {
		var s form.StoredText
		var at moment
		var number, keep num
		var common []byte
		var recipient, item text
		err := rows.Scan(&number, &at, &s.Mould, &common, &keep, &s.Values, &recipient, &item)
		s.Attempt, s.At, s.Form, s.Keep = int(number), time.Time(at), string(common), time.Duration(keep)*time.Millisecond
		forgotten = forgotten || engine.IsForgotten(string(recipient)) || engine.IsForgotten(string(item))
		stored = append(stored, s)
		return err
	}, int64(id))
	if err == nil && len(stored) == 0 {
		err = engine.ErrNotFound
	}
	var texts []engine.SentText
	if err == nil {
		texts, err = form.SentTexts(stored, forgotten, l.now())
	}
	if err != nil {
		return nil, fmt.Errorf("read what delivery %d said: %w", id, err)
	}
	return texts, nil
}
