package main

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"modernc.org/sqlite"
)

// file is a store in SQLite. It speaks to the driver itself, and keeps its statements: nothing is spent that the writes do not need.
type file struct {
	conn                          driver.Conn
	begin, intend, settle, commit driver.Stmt
}

func openFile(ctx context.Context, path string) (*file, error) {
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return nil, err
	}
	conn, err := (&sqlite.Driver{}).Open("file:" + path + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	f := &file{conn: conn}
	for _, s := range []struct {
		into *driver.Stmt
		text string
	}{
		{nil, `CREATE TABLE delivery (id INTEGER PRIMARY KEY, key TEXT UNIQUE, recipient TEXT, message TEXT, intended INTEGER,
			settled INTEGER)`},
		{&f.begin, "BEGIN IMMEDIATE"},
		{&f.intend, "INSERT INTO delivery (id, key, recipient, intended) VALUES (?, ?, ?, ?)"},
		{&f.settle, "UPDATE delivery SET message = ?, settled = ? WHERE id = ?"},
		{&f.commit, "COMMIT"},
	} {
		statement, err := conn.Prepare(s.text)
		if err == nil && s.into == nil {
			err = errors.Join(execute(ctx, statement), statement.Close())
		}
		if err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		if s.into != nil {
			*s.into = statement
		}
	}
	return f, nil
}

func execute(ctx context.Context, s driver.Stmt, args ...driver.Value) error {
	named := make([]driver.NamedValue, len(args))
	for i, v := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	_, err := s.(driver.StmtExecContext).ExecContext(ctx, named) //nolint:forcetypeassert // the driver is the one above
	return err
}

func (f *file) save(ctx context.Context, group []record) error {
	if err := execute(ctx, f.begin); err != nil {
		return err
	}
	now := time.Now().UnixMilli()
	for _, r := range group {
		var err error
		if r.durable == nil {
			err = execute(ctx, f.settle, r.message, now, r.id)
		} else {
			err = execute(ctx, f.intend, r.id, r.key, r.to, now)
		}
		if err != nil {
			return err
		}
	}
	return execute(ctx, f.commit)
}

func (f *file) close() error {
	var errs []error
	for _, s := range []driver.Stmt{f.begin, f.intend, f.settle, f.commit} {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, f.conn.Close())...)
}
