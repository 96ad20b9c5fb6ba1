package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"

	"waybill/engine"
)

// PutLetter keeps a letter; see engine.Outbox.
func (l *Ledger) PutLetter(ctx context.Context, letter engine.Letter) (id int64, err error) {
	put := &putLetter{letter: letter}
	if err := l.write(ctx, put); err != nil {
		return 0, fmt.Errorf("keep a letter: %w", err)
	}
	return put.id, nil
}

type putLetter struct {
	letter engine.Letter
	id     int64
}

func (o *putLetter) apply(t *transaction) (err error) {
	l := o.letter
	_, o.id, err = t.exec(`INSERT INTO letter (job, target, event, at) VALUES (?, ?, ?, ?)`, l.Job, l.Target, string(l.Event), l.At.UnixMilli())
	return err
}

// Letters returns the letters of a job, the oldest first; see engine.Outbox.
func (l *Ledger) Letters(ctx context.Context, job string) ([]engine.Letter, error) {
	const most = 100
	var letters []engine.Letter
	err := l.readers.query(ctx, `SELECT seq, target, event, at FROM letter WHERE job = ? ORDER BY seq LIMIT ?`, func(v []driver.Value) error {
		letters = append(letters, engine.Letter{ID: asInt(v[0]), Job: job, Target: asText(v[1]), Event: []byte(asText(v[2])), At: asTime(v[3])})
		return nil
	}, job, int64(most))
	if err != nil {
		return nil, fmt.Errorf("read the letters of job %q: %w", job, err)
	}
	return letters, nil
}

// DropLetter takes a letter out; see engine.Outbox.
func (l *Ledger) DropLetter(ctx context.Context, id int64) error { return l.write(ctx, dropLetter(id)) }

type dropLetter int64

func (o dropLetter) apply(t *transaction) error {
	_, _, err := t.exec(`DELETE FROM letter WHERE seq = ?`, int64(o))
	return err
}
