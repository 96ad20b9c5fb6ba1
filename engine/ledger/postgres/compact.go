package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
)

const (
	// sliceRows is how many rows Compact changes in one transaction.
	sliceRows = 5000
	// betweenSlices is the pause after each.
	betweenSlices = 50 * time.Millisecond
)

// Compact takes away what was received before an instant and is not needed any more: the raw bytes of webhooks,
// and statuses of messages that this ledger did not send. What they said of deliveries stays. It works in slices and
// gives way between them; ended early, it has done some of its work.
func (l *Ledger) Compact(ctx context.Context, before time.Time) error {
	at := before.UnixMilli()
	for _, s := range [...]struct{ find, change string }{
		{
			`SELECT seq FROM waybill.status WHERE seq > $1 AND delivery IS NULL AND received_at < $2`,
			`DELETE FROM waybill.status WHERE seq = ANY($1::int8[]) AND delivery IS NULL AND received_at < $2`,
		},
		{
			`SELECT seq FROM waybill.status WHERE seq > $1 AND (inbox IS NOT NULL OR raw IS NOT NULL) AND received_at < $2`,
			`UPDATE waybill.status SET inbox = NULL, raw_from = NULL, raw_size = NULL, raw = NULL WHERE seq = ANY($1::int8[]) AND received_at < $2`,
		},
		// A body that came again later is still pointed at by what it said then.
		{
			`SELECT seq FROM waybill.inbox i WHERE seq > $1 AND received_at < $2
				AND NOT EXISTS (SELECT 1 FROM waybill.status s WHERE s.inbox = i.seq)`,
			`DELETE FROM waybill.inbox i WHERE seq = ANY($1::int8[]) AND received_at < $2
				AND NOT EXISTS (SELECT 1 FROM waybill.status s WHERE s.inbox = i.seq)`,
		},
	} {
		if err := l.inSlices(ctx, at, s.find, s.change); err != nil {
			return fmt.Errorf("compact the ledger: %w", err)
		}
	}
	if err := l.compactRows(ctx, at); err != nil {
		return fmt.Errorf("compact the ledger: %w", err)
	}
	return nil
}

// inSlices finds the rows that were received before an instant, and changes a slice of them at a time. find takes the last row that was
// found and the instant; change takes a list of rows and the instant.
func (l *Ledger) inSlices(ctx context.Context, at int64, find, change string) error {
	for last := int64(0); ; {
		var found []int64
		err := l.query(ctx, find+fmt.Sprintf(` ORDER BY 1 LIMIT %d`, sliceRows), func(rows pgx.Rows) error {
			var seq num
			err := rows.Scan(&seq)
			found = append(found, int64(seq))
			return err
		}, last, at)
		if err != nil || len(found) == 0 {
			return err
		}
		last = found[len(found)-1]
		if err := l.write(ctx, compact{change, found, at}); err != nil {
			return err
		}
		if len(found) < sliceRows {
			return nil
		}
		select {
		case <-time.After(betweenSlices):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

type compact struct {
	sql  string
	rows []int64
	at   int64
}

func (o compact) apply(t *transaction) error {
	_, err := t.exec(o.sql, o.rows, o.at)
	return err
}

// Check looks for damage where it would show: that the head and the newest rows of each kind can be read. The database checks its pages
// itself, where it was made with checksums. engine.ErrDamaged.
func (l *Ledger) Check(ctx context.Context) error {
	for _, table := range [...]string{"ledger", "process", "run", "delivery", "attempt", "status", "inbox"} {
		if err := l.query(ctx, `SELECT count(*) FROM (SELECT * FROM waybill.`+table+` LIMIT 10000) t`, func(pgx.Rows) error { return nil }); err != nil {
			return fmt.Errorf("check the ledger: %w", err)
		}
	}
	return nil
}

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
	o.id, err = t.number(`INSERT INTO waybill.letter (job, target, event, at) VALUES ($1, $2, $3, $4) RETURNING seq`,
		putText(l.Job), putText(l.Target), putText(string(l.Event)), l.At.UnixMilli())
	return err
}

// Letters returns the letters of a job, the oldest first; see engine.Outbox.
func (l *Ledger) Letters(ctx context.Context, job string) ([]engine.Letter, error) {
	var letters []engine.Letter
	err := l.query(ctx, `SELECT seq, target, event, at FROM waybill.letter WHERE job = $1 ORDER BY seq LIMIT 100`, func(rows pgx.Rows) error {
		var seq num
		var target, event text
		var at moment
		err := rows.Scan(&seq, &target, &event, &at)
		letters = append(letters, engine.Letter{ID: int64(seq), Job: job, Target: string(target), Event: []byte(event), At: at.time()})
		return err
	}, putText(job))
	if err != nil {
		return nil, fmt.Errorf("read the letters of job %q: %w", job, err)
	}
	return letters, nil
}

// DropLetter takes a letter out; see engine.Outbox.
func (l *Ledger) DropLetter(ctx context.Context, id int64) error { return l.write(ctx, dropLetter(id)) }

type dropLetter int64

func (o dropLetter) apply(t *transaction) error {
	_, err := t.exec(`DELETE FROM waybill.letter WHERE seq = $1`, int64(o))
	return err
}
