package main

import (
	"context"
	"errors"
	"sync"
	"time"
)

// For how long a group may wait for more intents, paced or not, and how many need not wait.
const (
	gather     = time.Millisecond
	tick       = 10 * time.Millisecond
	worthwhile = 16
)

// ledger is the loop's ledger: one table, and one goroutine that commits intents and outcomes in groups.
type ledger struct {
	kept store

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

// store is where groups of records are kept.
type store interface {
	// save writes a group in one transaction, and returns when it is on disk.
	save(ctx context.Context, group []record) error
	close() error
}

// newLedger makes a ledger whose groups may wait for so long. Ids begin after last.
func newLedger(ctx context.Context, kept store, gather time.Duration, last int64) *ledger {
	l := &ledger{kept: kept, gather: gather, last: last, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go l.run(ctx)
	return l
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
	return errors.Join(l.failed, l.kept.close())
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
		err := l.kept.save(ctx, group)
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
