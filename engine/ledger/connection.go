package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
)

// access says what a connection may do.
type access int

const (
	readWrite access = iota
	queryOnly        // reads a file that this process may write elsewhere
	readFile         // opens the file for reading alone
	immutable        // as readFile, and nothing can change it meanwhile
)

// connection is one SQLite connection with its prepared statements, used by one goroutine at a time. It speaks to
// the driver itself: database/sql would cost more than the statements.
type connection struct {
	raw      driver.Conn
	prepared map[string]driver.Stmt
	args     []driver.NamedValue // reused
}

// rowFunc receives one row. The slice is reused, its values are not.
type rowFunc func(row []driver.Value) error

// dsn returns the address of the file for the driver. The path is escaped: a question mark in it is no query.
func dsn(path string, a access) string {
	q := url.Values{}
	pragma := func(p string) { q.Add("_pragma", p) }
	pragma(fmt.Sprintf("busy_timeout(%d)", busyFor.Milliseconds()))
	pragma("foreign_keys(1)")
	pragma("trusted_schema(0)")
	pragma("cell_size_check(1)")
	switch a {
	case readWrite:
		q.Set("_txlock", "immediate")
		pragma("synchronous(FULL)")
		pragma("fullfsync(1)")
		pragma("checkpoint_fullfsync(1)")
		pragma("journal_size_limit(67108864)")
		pragma("cache_size(-2048)") // KiB: what a group of changes touches, and no more as the file grows
	case queryOnly:
		pragma("query_only(1)")
		pragma("cache_size(-1024)")
	case readFile:
		q.Set("mode", "ro")
	case immutable:
		q.Set("mode", "ro")
		q.Set("immutable", "1")
	}
	escaped := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	if filepath.VolumeName(path) != "" {
		escaped = "/" + escaped
	}
	return "file://" + escaped + "?" + q.Encode()
}

// syncData has commits synced by fdatasync where the driver can, in the whole process. It writes what fsync does but for the times of the
// file, which a file system with a journal commits for each fsync; what is on disk after it is the same.
func syncData() error {
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return fmt.Errorf("sync with fdatasync: %w", err)
	}
	return nil
}

// connect opens one connection.
func connect(path string, a access) (*connection, error) {
	if err := syncData(); err != nil {
		return nil, err
	}
	d := &sqlite.Driver{} // one of our own, so that the function is registered nowhere else
	err := d.RegisterDeterministicScalarFunction("waybill_message", 1,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			return unpackMessage(args[0]), nil
		})
	if err != nil {
		return nil, fmt.Errorf("register functions: %w", err)
	}
	raw, err := d.Open(dsn(path, a))
	if err != nil {
		return nil, explain(err)
	}
	return &connection{raw: raw, prepared: make(map[string]driver.Stmt)}, nil
}

func (c *connection) close() error {
	var errs []error
	for _, s := range c.prepared {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.raw.Close())...)
}

func (c *connection) prepare(sql string) (driver.Stmt, error) {
	if s, ok := c.prepared[sql]; ok {
		return s, nil
	}
	s, err := c.raw.Prepare(sql)
	if err != nil {
		return nil, explain(err)
	}
	// Filters make a few dozen different statements; a bound keeps a long-lived dashboard from piling them up.
	if len(c.prepared) >= 256 {
		for old, s := range c.prepared {
			if err := s.Close(); err != nil {
				return nil, explain(err)
			}
			delete(c.prepared, old)
		}
	}
	c.prepared[sql] = s
	return s, nil
}

func (c *connection) named(args []driver.Value) []driver.NamedValue {
	c.args = c.args[:0]
	for i, v := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return c.args
}

// exec runs one statement and says how many rows it changed and which id the last insert made.
func (c *connection) exec(sql string, args ...driver.Value) (changed, id int64, err error) {
	s, err := c.prepare(sql)
	if err != nil {
		return 0, 0, err
	}
	r, err := s.(driver.StmtExecContext).ExecContext(context.Background(), c.named(args))
	if err != nil {
		return 0, 0, explain(err)
	}
	changed, err = r.RowsAffected()
	if err != nil {
		return 0, 0, explain(err)
	}
	id, err = r.LastInsertId()
	return changed, id, explain(err)
}

// script runs statements without arguments, several at once, and keeps none of them.
func (c *connection) script(sql string) error {
	_, err := c.raw.(driver.ExecerContext).ExecContext(context.Background(), sql, nil)
	return explain(err)
}

// query hands each row of one statement to each. ctx interrupts it.
func (c *connection) query(ctx context.Context, sql string, each rowFunc, args ...driver.Value) error {
	s, err := c.prepare(sql)
	if err != nil {
		return err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(ctx, c.named(args))
	if err != nil {
		return explain(err)
	}
	row := make([]driver.Value, len(rows.Columns()))
	for {
		if err = rows.Next(row); err != nil {
			break
		}
		if err = each(row); err != nil {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if closed := rows.Close(); err == nil {
		err = explain(closed)
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return explain(err)
}

// number returns the one number of a query: 0 when it has no row.
func (c *connection) number(sql string, args ...driver.Value) (int64, error) {
	var n int64
	err := c.query(context.Background(), sql, func(row []driver.Value) error {
		n = asInt(row[0])
		return nil
	}, args...)
	return n, err
}

// text returns the one text of a query.
func (c *connection) text(sql string, args ...driver.Value) (string, error) {
	var s string
	err := c.query(context.Background(), sql, func(row []driver.Value) error {
		s = asText(row[0])
		return nil
	}, args...)
	return s, err
}

// placeholders returns "?, ?, ?" for n arguments.
func placeholders(n int) string {
	return strings.TrimSuffix(strings.Repeat("?, ", n), ", ")
}
