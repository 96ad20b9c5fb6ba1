package ledger

import (
	"context"
	"database/sql/driver"
	"time"

	"waybill/engine"
)

// Await blocks until the ledger has more than known statuses of a message, recorded by any process, or ctx ends.
// One poll looks for all that wait, and none is woken for another's message.
func (l *Ledger) Await(ctx context.Context, messageID string, known int) error {
	for {
		enough, err := l.awaitOnce(ctx, messageID, known)
		if enough || err != nil {
			return err
		}
	}
}

// awaitOnce looks, waits until it is time to look again, and says whether there were enough statuses. It is woken by
// a poll, which may have ended with an error: the next call starts another.
func (l *Ledger) awaitOnce(ctx context.Context, messageID string, known int) (enough bool, err error) {
	n := l.notifier
	hash := asInt(hashMessage(messageID))
	woken := make(chan struct{}, 1)
	if err := l.watch(func() { n.awaited.add(hash, woken) }); err != nil {
		return false, err
	}
	defer n.leave(func() { n.awaited.remove(hash, woken) })
	// Looked at after it was asked to be woken: what comes between the two is not missed.
	statuses, err := l.Statuses(ctx, messageID)
	if err != nil || len(statuses) > known {
		return true, err
	}
	return false, l.wait(ctx, woken)
}

// wait blocks until a caller was woken, or it is time that it looks again.
func (l *Ledger) wait(ctx context.Context, woken <-chan struct{}) error {
	t := time.NewTimer(lookAnyway)
	defer t.Stop()
	select {
	case <-woken:
	case <-t.C:
	case <-l.notifier.stop:
		return engine.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// waiters are who waits for something, by what it is.
type waiters[K comparable] map[K]map[chan struct{}]struct{}

func (w waiters[K]) add(k K, woken chan struct{}) {
	if w[k] == nil {
		w[k] = map[chan struct{}]struct{}{}
	}
	w[k][woken] = struct{}{}
}

func (w waiters[K]) remove(k K, woken chan struct{}) {
	delete(w[k], woken)
	if len(w[k]) == 0 {
		delete(w, k)
	}
}

func (w waiters[K]) wake(k K) {
	for woken := range w[k] {
		select {
		case woken <- struct{}{}:
		default: // woken already
		}
	}
}

// tell wakes those that watch runs of which there are news.
func (n *notifier) tell(runs []string) {
	if len(runs) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, run := range runs {
		if run == everyRun {
			for watched := range n.watched {
				n.watched.wake(watched)
			}
			continue
		}
		n.watched.wake(run)
	}
}

// marks are the newest rows that a poll knows of.
type marks struct{ status, news int64 }

// look wakes those that wait for what is newer than the marks, and moves these.
func (n *notifier) look(c *connection, m *marks) error {
	err := c.query(context.Background(), `SELECT seq, message_hash FROM status WHERE seq > ? ORDER BY seq`, func(v []driver.Value) error {
		m.status = asInt(v[0])
		n.mu.Lock()
		defer n.mu.Unlock()
		n.awaited.wake(asInt(v[1]))
		return nil
	}, m.status)
	if err != nil {
		return err
	}
	var runs []string
	err = c.query(context.Background(), `SELECT n.seq, r.id FROM news n LEFT JOIN run r ON r.seq = n.run WHERE n.seq > ? ORDER BY n.seq`,
		func(v []driver.Value) error {
			m.news = asInt(v[0])
			runs = append(runs, asText(v[1]))
			return nil
		}, m.news)
	n.tell(runs)
	return err
}
