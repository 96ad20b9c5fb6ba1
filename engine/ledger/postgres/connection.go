package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// statementFor is how long a statement of a writer may take. It is longer than the database's own limit, which ends it in order.
const statementFor = 40 * time.Second

// connection is one connection to the database, used by one goroutine at a time.
type connection struct {
	raw    *pgx.Conn
	warned bool // the server warned since it was last set: of a commit, that it is not where it should be
}

// sqlError is an error of the database or of the way to it: what was done before it in its transaction is undone.
type sqlError struct{ err error }

func (e *sqlError) Error() string { return e.err.Error() }
func (e *sqlError) Unwrap() error { return e.err }

// ofSQL marks an error as one of the database, unless a function that reads rows made it.
func ofSQL(err error) error {
	if err == nil {
		return nil
	}
	return &sqlError{err}
}

func isSQL(err error) bool {
	_, ok := errors.AsType[*sqlError](err)
	return ok
}

func (c *connection) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return c.raw.Close(ctx)
}

// exec runs one statement and says how many rows it changed.
func (c *connection) exec(sql string, args ...any) (int64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), statementFor)
	defer cancel()
	tag, err := c.raw.Exec(ctx, sql, args...)
	return tag.RowsAffected(), ofSQL(err)
}

// ask sends statements in one round trip, and has their answers read.
func (c *connection) ask(b *pgx.Batch) error {
	if b.Len() == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), statementFor)
	defer cancel()
	return ofSQL(c.raw.SendBatch(ctx, b).Close())
}

// query hands each row of one statement to each.
func (c *connection) query(sql string, each func(pgx.Rows) error, args ...any) error {
	ctx, cancel := context.WithTimeout(context.Background(), statementFor)
	defer cancel()
	rows, err := c.raw.Query(ctx, sql, args...)
	if err != nil {
		return ofSQL(err)
	}
	return ofRows(rows, each)
}

// ofRows hands each row to each, and closes them.
func ofRows(rows pgx.Rows, each func(pgx.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return ofSQL(rows.Err())
}

// number returns the one number of a query: 0 when it has no row.
func (c *connection) number(sql string, args ...any) (int64, error) {
	var n num
	err := c.query(sql, func(rows pgx.Rows) error { return rows.Scan(&n) }, args...)
	return int64(n), err
}
