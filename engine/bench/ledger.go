package main

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"
	"time"

	"modernc.org/sqlite"
)

// For how long a group may wait for more intents, paced or not, and how many need not wait.
const (
	gather     = time.Millisecond
	tick       = 10 * time.Millisecond
	worthwhile = 16
)

// ledger is the loop's ledger: one table, and one goroutine that commits intents and outcomes in groups. It speaks to the driver
// itself, and keeps its statements: nothing is spent that the writes do not need.
type ledger struct {
	conn                          driver.Conn
	begin, intend, settle, commit driver.Stmt

	mu      sync.Mutex
	records []record
	intents int // among them
	gather  time.Duration
	last    int64
	failed  error
	wake    chan struct{}
	closing bool
	done    chan struct{}
}

// record is an intent, with the channel that is told of its commit, or an outcome.
type record struct {
	id      int64
	key, to string
	message string
	durable chan<- error // nil: an outcome
}

// openLedger makes a ledger whose groups may wait for so long.
func openLedger(ctx context.Context, path string, gather time.Duration) (*ledger, error) {
	conn, err := (&sqlite.Driver{}).Open("file:" + path + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	l := &ledger{conn: conn, gather: gather, wake: make(chan struct{}, 1), done: make(chan struct{})}
	for _, s := range []struct {
		into *driver.Stmt
		text string
	}{
		{nil, `CREATE TABLE delivery (id INTEGER PRIMARY KEY, key TEXT UNIQUE, recipient TEXT, message TEXT, intended INTEGER,
			settled INTEGER)`},
		{&l.begin, "BEGIN IMMEDIATE"},
		{&l.intend, "INSERT INTO delivery (id, key, recipient, intended) VALUES (?, ?, ?, ?)"},
		{&l.settle, "UPDATE delivery SET message = ?, settled = ? WHERE id = ?"},
		{&l.commit, "COMMIT"},
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
	go l.run(ctx)
	return l, nil
}

func execute(ctx context.Context, s driver.Stmt, args ...driver.Value) error {
	named := make([]driver.NamedValue, len(args))
	for i, v := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	_, err := s.(driver.StmtExecContext).ExecContext(ctx, named) //nolint:forcetypeassert // the driver is the one above
	return err
}

// write hands a record over, and gives an intent its id. An intent is on disk when its channel says so; an outcome is with the next
// group, and nobody waits for it.
func (l *ledger) write(r record) (id int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.durable != nil {
		l.last++
		r.id = l.last
		l.intents++
	}
	l.records = append(l.records, r)
	if l.intents == 1 || l.intents == worthwhile {
		l.signal()
	}
	return r.id, l.failed
}

func (l *ledger) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// close writes what is left.
func (l *ledger) close() error {
	l.mu.Lock()
	l.closing = true
	l.signal()
	l.mu.Unlock()
	<-l.done
	var errs []error
	for _, s := range []driver.Stmt{l.begin, l.intend, l.settle, l.commit} {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, l.failed, l.conn.Close())...)
}

func (l *ledger) run(ctx context.Context) {
	defer close(l.done)
	var group []record
	for {
		<-l.wake
		l.mu.Lock()
		if l.intents < worthwhile && !l.closing {
			l.mu.Unlock()
			select {
			case <-l.wake:
			case <-time.After(l.gather):
			}
			l.mu.Lock()
		}
		group, l.records = l.records, group[:0]
		l.intents = 0
		closing := l.closing
		l.mu.Unlock()
		err := l.save(ctx, group)
		for _, r := range group {
			if r.durable != nil {
				r.durable <- err
			}
		}
		l.mu.Lock()
		l.failed = errors.Join(l.failed, err)
		l.mu.Unlock()
		if closing {
			return
		}
	}
}

// save writes a group in one transaction.
func (l *ledger) save(ctx context.Context, group []record) error {
	if err := execute(ctx, l.begin); err != nil {
		return err
	}
	now := time.Now().UnixMilli()
	for _, r := range group {
		var err error
		if r.durable == nil {
			err = execute(ctx, l.settle, r.message, now, r.id)
		} else {
			err = execute(ctx, l.intend, r.id, r.key, r.to, now)
		}
		if err != nil {
			return err
		}
	}
	return execute(ctx, l.commit)
}
