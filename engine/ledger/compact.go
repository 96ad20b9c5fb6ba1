package ledger

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"waybill/engine/ledger/internal/care"
)

const (
	// sliceRows is how many rows Compact changes in one transaction: some hundredths of a second, in which no other
	// change is written.
	sliceRows = 5000
	// betweenSlices is the pause after each, longer than SQLite lets others sleep before they try again.
	betweenSlices = 150 * time.Millisecond
)

// Compact takes away what was received before an instant and is not needed any more: the raw bytes of webhooks,
// and statuses of messages that this ledger did not send. What they said of deliveries stays. Texts go that were kept for as long as their
// job wanted. It works in slices and gives way between them; ended early, it has done some of its work.
func (l *Ledger) Compact(ctx context.Context, before time.Time) error {
	at := before.UnixMilli()
	err := l.inSlices(ctx, at, `SELECT seq FROM status WHERE seq > ? AND delivery IS NULL AND received_at < ?`,
		`DELETE FROM status WHERE seq IN (SELECT value FROM json_each(?)) AND delivery IS NULL AND received_at < ?`)
	if err == nil {
		err = l.inSlices(ctx, at, `SELECT seq FROM status WHERE seq > ? AND (inbox IS NOT NULL OR raw IS NOT NULL) AND received_at < ?`,
			`UPDATE status SET inbox = NULL, raw_from = NULL, raw_size = NULL, raw = NULL
			WHERE seq IN (SELECT value FROM json_each(?)) AND received_at < ?`)
	}
	if err == nil {
		err = l.compactInbox(ctx, at)
	}
	for _, o := range care.OverdueTexts(time.Time{}) {
		if err == nil {
			err = l.inSlices(ctx, l.now().UnixMilli(), named(o.Find()), named(o.Change(`IN (SELECT value FROM json_each(?))`)))
		}
	}
	if err != nil {
		return fmt.Errorf("compact the ledger: %w", err)
	}
	return nil
}

// compactInbox removes the bodies of webhooks. One that came again later is still pointed at by what it said then:
// those are found once, and by each slice among the statuses that came since.
func (l *Ledger) compactInbox(ctx context.Context, at int64) error {
	var newest int64
	needed := []int64{}
	err := l.readers.query(ctx, `SELECT coalesce(max(seq), 0) FROM status`, func(row []driver.Value) error {
		newest = asInt(row[0])
		return nil
	})
	if err != nil {
		return err
	}
	err = l.readers.query(ctx, `SELECT DISTINCT inbox FROM status
		WHERE inbox IS NOT NULL AND (SELECT received_at FROM inbox i WHERE i.seq = status.inbox) < ?`,
		func(row []driver.Value) error {
			needed = append(needed, asInt(row[0]))
			return nil
		}, at)
	if err != nil {
		return err
	}
	list, err := json.Marshal(needed)
	if err != nil {
		return err
	}
	return l.inSlices(ctx, at, `SELECT seq FROM inbox WHERE seq > ? AND received_at < ?`,
		`DELETE FROM inbox WHERE seq IN (SELECT value FROM json_each(?)) AND received_at < ?
		AND seq NOT IN (SELECT value FROM json_each(?))
		AND seq NOT IN (SELECT inbox FROM status WHERE seq > ? AND inbox IS NOT NULL)`, string(list), newest)
}

// inSlices finds the rows that were received before an instant, without keeping anybody from writing, and changes a
// slice of them at a time. find takes the last row that was found and the instant; change takes a list of rows, the instant and args.
func (l *Ledger) inSlices(ctx context.Context, at int64, find, change string, args ...driver.Value) error {
	for last := int64(0); ; {
		var found []int64
		err := l.readers.query(ctx, find+fmt.Sprintf(` ORDER BY 1 LIMIT %d`, sliceRows), func(row []driver.Value) error {
			found = append(found, asInt(row[0]))
			return nil
		}, last, at)
		if err != nil || len(found) == 0 {
			return err
		}
		last = found[len(found)-1]
		list, err := json.Marshal(found)
		if err != nil {
			return err
		}
		if err := l.write(ctx, compact{change, append([]driver.Value{string(list), at}, args...)}); err != nil {
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
	args []driver.Value
}

func (o compact) apply(t *transaction) error {
	_, _, err := t.exec(o.sql, o.args...)
	return err
}
