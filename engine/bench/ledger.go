package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// book is the loop's ledger: one table, and one goroutine that commits whatever arrived during the last commit.
type book struct {
	db      *sql.DB
	entries chan entry
	done    chan struct{}
}

// entry is an intent (id 0) or an outcome.
type entry struct {
	id      int64
	key, to string
	message string
	written chan result
}

type result struct {
	id  int64
	err error
}

func openBook(ctx context.Context, path string) (*book, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `create table delivery (id integer primary key, key text unique, recipient text,
		message text, intended integer, settled integer)`); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	b := &book{db: db, entries: make(chan entry, 1024), done: make(chan struct{})}
	go b.run(ctx)
	return b, nil
}

// write returns when the entry is on disk.
func (b *book) write(e entry) (int64, error) {
	e.written = make(chan result, 1)
	b.entries <- e
	r := <-e.written
	return r.id, r.err
}

func (b *book) close() error {
	close(b.entries)
	<-b.done
	return b.db.Close()
}

func (b *book) run(ctx context.Context) {
	defer close(b.done)
	for first := range b.entries {
		group := []entry{first}
	more:
		for len(group) < 256 {
			select {
			case e, ok := <-b.entries:
				if !ok {
					break more
				}
				group = append(group, e)
			default:
				break more
			}
		}
		results, err := b.commit(ctx, group)
		for i, e := range group {
			r := result{err: err}
			if err == nil {
				r.id = results[i]
			}
			e.written <- r
		}
	}
}

func (b *book) commit(ctx context.Context, group []entry) ([]int64, error) {
	tx, err := b.db.BeginTx(ctx, nil)
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
	for i, e := range group {
		if e.id != 0 {
			_, err = settle.ExecContext(ctx, e.message, now, e.id)
		} else {
			var done sql.Result
			if done, err = intend.ExecContext(ctx, e.key, e.to, now); err == nil {
				ids[i], err = done.LastInsertId()
			}
		}
		if err != nil {
			return nil, errors.Join(err, tx.Rollback())
		}
	}
	return ids, tx.Commit()
}
