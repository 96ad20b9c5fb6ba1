package ledger

import (
	"context"
	"sync"
	"time"
)

const (
	// pollEvery is how often the file is asked whether another process changed it, while somebody waits.
	pollEvery = 200 * time.Millisecond
	// lookAnyway is when Change returns without a reason, as a condition variable may: a change between a caller's
	// last look and its call of Change is so missed for a second at most.
	lookAnyway = time.Second
)

// news tells waiters that something was committed: at once by this process, by a poll when by another.
type news struct {
	mu      sync.Mutex
	changed chan struct{} // closed at the next change
	waiting int
	polling bool
	closed  bool
	stop    chan struct{}
	pollers sync.WaitGroup
}

func newNews() *news {
	return &news{changed: make(chan struct{}), stop: make(chan struct{})}
}

// announce wakes all that wait.
func (n *news) announce() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.waiting == 0 {
		return
	}
	close(n.changed)
	n.changed = make(chan struct{})
}

// close ends the poll and all waiting.
func (n *news) close() {
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
	n := l.news
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return ErrClosed
	}
	n.waiting++
	changed := n.changed
	if !n.polling {
		if err := l.startPolling(); err != nil {
			n.waiting--
			n.mu.Unlock()
			return err
		}
	}
	n.mu.Unlock()
	defer func() {
		n.mu.Lock()
		n.waiting--
		n.mu.Unlock()
	}()
	t := time.NewTimer(lookAnyway)
	defer t.Stop()
	select {
	case <-changed:
		return nil
	case <-t.C:
		return nil
	case <-n.stop:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// startPolling starts the one poller. Its first look is before Change waits, so that nothing slips between.
// news.mu is held.
func (l *Ledger) startPolling() error {
	c, err := l.readers.get()
	if err != nil {
		return err
	}
	seen, err := c.number("PRAGMA data_version")
	if err != nil {
		return joinGiveBack(l.readers, c, err)
	}
	l.news.polling = true
	l.news.pollers.Go(func() { l.poll(c, seen) })
	return nil
}

func joinGiveBack(p *pool, c *connection, err error) error {
	if back := p.giveBack(c); err == nil {
		return back
	}
	return err
}

// poll looks until nobody waits any more.
func (l *Ledger) poll(c *connection, seen int64) {
	n := l.news
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
			}
		}
		n.mu.Lock()
		if n.closed || n.waiting == 0 || err != nil {
			n.polling = false // under the lock: whoever waits next starts another
			n.mu.Unlock()
			break
		}
		n.mu.Unlock()
	}
	if err := joinGiveBack(l.readers, c, err); err != nil {
		l.log.Error("watch the ledger", errorAttr(err))
	}
}
