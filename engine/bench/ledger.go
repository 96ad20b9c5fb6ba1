package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// ledger is the loop's ledger: one table, and one goroutine that commits what arrived during the last commit.
type ledger struct {
	db      *sql.DB
	records chan record
	done    chan struct{}
}

// record is an intent (id 0) or an outcome.
type record struct {
	id      int64
	key, to string
	message string
	written chan result
}

type result struct {
	id  int64
	err error
}

func openLedger(ctx context.Context, path string) (*ledger, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `create table delivery (id integer primary key, key text unique, recipient text,
		message text, intended integer, settled integer)`); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	l := &ledger{db: db, records: make(chan record, 1024), done: make(chan struct{})}
	go l.run(ctx)
	return l, nil
}

// write returns when the record is on disk: the id of an intent, 0 of an outcome.
func (l *ledger) write(r record) (int64, error) {
	r.written = make(chan result, 1)
	l.records <- r
	done := <-r.written
	return done.id, done.err
}

func (l *ledger) close() error {
	close(l.records)
	<-l.done
	return l.db.Close()
}

func (l *ledger) run(ctx context.Context) {
	defer close(l.done)
	for first := range l.records {
		group := []record{first}
	more:
		for len(group) < 256 {
			select {
			case r, ok := <-l.records:
				if !ok {
					break more
				}
				group = append(group, r)
			default:
				break more
			}
		}
		ids, err := l.commit(ctx, group)
		for i, r := range group {
			done := result{err: err}
			if err == nil {
				done.id = ids[i]
			}
			r.written <- done
		}
	}
}

func (l *ledger) commit(ctx context.Context, group []record) ([]int64, error) {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	intend, err := tx.PrepareContext(ctx, "insert into delivery (key, recipient, intended) values (?, ?, ?)")
	if err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	settle, err := tx.PrepareContext(ctx, "update delivery set message = ?, settled = ? where id = ?")
	if err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	ids := make([]int64, len(group))
	now := time.Now().UnixMilli()
	for i, r := range group {
		if r.id != 0 {
			_, err = settle.ExecContext(ctx, r.message, now, r.id)
		} else {
			var done sql.Result
			if done, err = intend.ExecContext(ctx, r.key, r.to, now); err == nil {
				ids[i], err = done.LastInsertId()
			}
		}
		if err != nil {
			return nil, errors.Join(err, tx.Rollback())
		}
	}
	return ids, tx.Commit()
}
