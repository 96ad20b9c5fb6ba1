package ledger

import (
	"context"
	"database/sql/driver"
	"sync"
	"time"

	"waybill/engine"
)

const (
	// pollEvery is how often the file is asked whether another process changed it, while a caller waits.
	pollEvery = 200 * time.Millisecond
	// lookAnyway is when Change returns without a reason, as a condition variable may: a change between a caller's
	// last look and its call of Change is so missed for a second at most.
	lookAnyway = time.Second
)

// notifier tells waiters that something was committed: at once by this process, by a poll when by another.
type notifier struct {
	mu      sync.Mutex
	changed chan struct{}   // closed at the next change
	awaited waiters[int64]  // who waits for a status of a message, by the hash of its id
	watched waiters[string] // who waits for news of a run, by its id
	waiting int
	polling bool
	closed  bool
	stop    chan struct{}
	pollers sync.WaitGroup
}

func newNotifier() *notifier {
	return &notifier{changed: make(chan struct{}), awaited: waiters[int64]{}, watched: waiters[string]{}, stop: make(chan struct{})}
}

// announce wakes all that wait.
func (n *notifier) announce() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.waiting == 0 {
		return
	}
	close(n.changed)
	n.changed = make(chan struct{})
}

// close ends the poll and all waiting.
func (n *notifier) close() {
	n.mu.Lock()
	if !n.closed {
		n.closed = true
		close(n.stop)
	}
	n.mu.Unlock()
	n.pollers.Wait()
}

// Change blocks until something was committed to the ledger since the call, by any process, or ctx ends. It also
// returns now and then for no reason: look again, and call it again.
func (l *Ledger) Change(ctx context.Context) error {
	n := l.notifier
	var changed chan struct{}
	if err := l.watch(func() { changed = n.changed }); err != nil {
		return err
	}
	defer n.leave(func() {})
	t := time.NewTimer(lookAnyway)
	defer t.Stop()
	select {
	case <-changed:
		return nil
	case <-t.C:
		return nil
	case <-n.stop:
		return engine.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// watch makes the caller one of those that wait, and sees to it that there is a poll. enter is called under the lock.
func (l *Ledger) watch(enter func()) error {
	n := l.notifier
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return engine.ErrClosed
	}
	if !n.polling {
		if err := l.startPolling(); err != nil {
			return err
		}
	}
	n.waiting++
	enter()
	return nil
}

// leave ends what watch began. out is called under the lock.
func (n *notifier) leave(out func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waiting--
	out()
}

// startPolling starts the one poller. Its first look is before Change waits, so that nothing slips between.
// notifier.mu is held.
func (l *Ledger) startPolling() error {
	c, err := l.readers.get()
	if err != nil {
		return err
	}
	seen, err := c.number("PRAGMA data_version")
	if err != nil {
		return joinGiveBack(l.readers, c, err)
	}
	var m marks
	err = c.query(context.Background(), `SELECT (SELECT coalesce(max(seq), 0) FROM status), (SELECT coalesce(max(seq), 0) FROM news)`,
		func(v []driver.Value) error {
			m = marks{asInt(v[0]), asInt(v[1])}
			return nil
		})
	if err != nil {
		return joinGiveBack(l.readers, c, err)
	}
	l.notifier.polling = true
	l.notifier.pollers.Go(func() { l.poll(c, seen, m) })
	return nil
}

func joinGiveBack(p *pool, c *connection, err error) error {
	if back := p.giveBack(c); err == nil {
		return back
	}
	return err
}

// poll looks until no caller waits any more. m is the newest that it knows of.
func (l *Ledger) poll(c *connection, seen int64, m marks) {
	n := l.notifier
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var err error
	for {
		select {
		case <-n.stop:
		case <-tick.C:
			var now int64
			if now, err = c.number("PRAGMA data_version"); err == nil && now != seen {
				seen = now
				n.announce()
				err = n.look(c, &m)
			}
		}
		n.mu.Lock()
		if n.closed || n.waiting == 0 || err != nil {
			n.polling = false // under the lock: the next that waits starts another
			n.mu.Unlock()
			break
		}
		n.mu.Unlock()
	}
	if err := joinGiveBack(l.readers, c, err); err != nil {
		l.log.Error("watch the ledger", errorAttr(err))
	}
}
