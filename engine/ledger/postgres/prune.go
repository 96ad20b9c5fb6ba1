package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/ledger/internal/care"
)

// Prune takes out what is old; see engine.Keeper. The database gives the room to what comes next.
func (l *Ledger) Prune(ctx context.Context, before time.Time, look bool) (engine.Pruned, error) {
	p := engine.Pruned{Kept: true}
	at := before.UnixMilli()
	count := func(sql string, into *int) error {
		return l.query(ctx, tables{}.sql(sql), func(rows pgx.Rows) error {
			var n num
			err := rows.Scan(&n)
			*into += int(n)
			return err
		}, at)
	}
	err := count(`SELECT count(*) FROM .inbox WHERE received_at < ?`, &p.Webhooks)
	for _, o := range care.AllOld() {
		if err == nil {
			err = count(o.Number(), o.Count(&p))
		}
		if err == nil && !look {
			err = l.inSlices(ctx, at, tables{}.sql(o.Find()), tables{}.sql(o.Change(`= ANY(?::int8[])`)))
		}
	}
	if err == nil && !look {
		err = l.Compact(ctx, before)
	}
	if err == nil && !look {
		_, err = l.pool.Exec(ctx, `VACUUM waybill.status, waybill.inbox, waybill.inbound, waybill.notice, waybill.attempt, waybill.unsent`)
	}
	if err != nil {
		return p, fmt.Errorf("prune the ledger: %w", explain(err))
	}
	return p, nil
}

// Examine looks at every row; see engine.Keeper. Its pages the database checks itself, where it was made with checksums.
func (l *Ledger) Examine(ctx context.Context) (wrong []string, err error) {
	if err := l.enter(); err != nil {
		return nil, err
	}
	defer l.reading.Done()
	// All is of one moment: what a sender writes meanwhile is no contradiction.
	moment := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, l.pool, moment, func(tx pgx.Tx) error {
		wrong, err = examine(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("examine the ledger: %w", l.readError(ctx, err))
	}
	return wrong, nil
}

func examine(ctx context.Context, tx pgx.Tx) (wrong []string, err error) {
	each := func(sql string, row func(v []any)) error {
		rows, err := tx.Query(ctx, tables{}.sql(sql))
		if err != nil {
			return ofSQL(err)
		}
		return ofRows(rows, func(rows pgx.Rows) error {
			v, err := values(rows)
			if err == nil {
				row(v)
			}
			return err
		})
	}
	for _, r := range care.Relations() {
		if err := each(r.Broken, func(v []any) { wrong = r.Found(integer(v[0]), wrong) }); err != nil {
			return nil, err
		}
	}
	var counts care.Counts
	for sql, row := range map[string]func(v []any){
		care.Counted: func(v []any) { counts.Count(integer(v[0]), integer(v[1]), integer(v[2])) },
		care.Current: func(v []any) { counts.Find(integer(v[0]), integer(v[1]), integer(v[2]) != 0, integer(v[3])) },
		care.Former:  func(v []any) { counts.Leave(integer(v[0])) },
	} {
		if err := each(sql, row); err != nil {
			return nil, err
		}
	}
	return counts.Wrong(wrong), nil
}

// values returns a row as int64, string, []byte or nil.
func values(rows pgx.Rows) ([]any, error) {
	row, err := rows.Values()
	for i, v := range row {
		switch v := v.(type) {
		case string:
			row[i] = getText(v)
		case int32:
			row[i] = int64(v)
		case int16:
			row[i] = int64(v)
		case bool:
			row[i] = int64(0)
			if v {
				row[i] = int64(1)
			}
		}
	}
	return row, err
}

func integer(v any) int64 {
	n, _ := v.(int64)
	return n
}
