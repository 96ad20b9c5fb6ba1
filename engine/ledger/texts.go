package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// mouldName is a mould and for how long texts in it are kept.
type mouldName struct {
	form string
	keep time.Duration
}

// textOf returns a text as a row of delivery has it: the row of its mould, and its values. The mould is made when it is new.
func (t *transaction) textOf(text *delivery.Text) (mould int64, values driver.Value, err error) {
	if text.Keep <= 0 {
		return form.NoMould, nil, nil
	}
	name := mouldName{text.Mould, text.Keep}
	mould, known := t.moulds[name]
	if !known {
		args := []driver.Value{[]byte(text.Mould), text.Keep.Milliseconds()}
		if _, _, err = t.exec(`INSERT INTO mould (form, keep_ms) VALUES (?, ?) ON CONFLICT DO NOTHING`, args...); err == nil {
			mould, err = t.number(`SELECT seq FROM mould WHERE form = ? AND keep_ms = ?`, args...)
		}
		if err != nil {
			return 0, nil, err
		}
		t.moulds[name] = mould
	}
	return mould, []byte(text.Values), nil
}

// keepTextAgain gives a delivery the text of a further attempt. That of the attempt before is kept with it where it was another one.
func (t *transaction) keepTextAgain(id delivery.ID, attempt int, text *delivery.Text) error {
	mould, values, err := t.textOf(text)
	if err != nil {
		return err
	}
	_, _, err = t.exec(`UPDATE attempt SET (mould, text) = (SELECT coalesce(d.mould, ?), d.text FROM delivery d
			WHERE d.id = attempt.delivery AND (d.mould IS NOT ? OR d.text IS NOT ?)) WHERE delivery = ? AND number = ?`,
		int64(form.EarlierMould), mould, values, int64(id), int64(attempt-1))
	if err == nil {
		_, _, err = t.exec(`UPDATE delivery SET mould = ?, text = ? WHERE id = ?`, mould, values, int64(id))
	}
	return err
}

// Texts returns what each request for a delivery said; see engine.Reader.
func (l *Ledger) Texts(ctx context.Context, id delivery.ID) ([]engine.SentText, error) {
	var stored []form.StoredText
	forgotten := false
	err := l.readers.query(ctx, `SELECT a.number, a.intended_at, a.mould, m.form, m.keep_ms, a.text, NULL, NULL
		FROM attempt a LEFT JOIN mould m ON m.seq = a.mould WHERE a.delivery = ?
		UNION ALL
		SELECT d.attempts, d.intended_at, d.mould, m.form, m.keep_ms, d.text, d.recipient, d.item
		FROM delivery d LEFT JOIN mould m ON m.seq = d.mould WHERE d.id = ?
		ORDER BY 1`, func(v []driver.Value) error {
		s := form.StoredText{
			Attempt: int(asInt(v[0])), At: asTime(v[1]), Form: asText(v[3]), Keep: time.Duration(asInt(v[4])) * time.Millisecond,
		}
		if v[2] != nil {
			mould := asInt(v[2])
			s.Mould = &mould
		}
		if v[5] != nil {
			s.Values = append([]byte{}, asBytes(v[5])...)
		}
		stored = append(stored, s)
		if v[6] != nil {
			forgotten = engine.IsForgotten(unpackRecipient(v[6])) || engine.IsForgotten(asText(v[7]))
		}
		return nil
	}, int64(id), int64(id))
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
