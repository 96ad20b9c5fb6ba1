package ledger

import (
	"context"
	"database/sql/driver"
)

// Await blocks until the ledger has more than known statuses of a message, recorded by any process, or ctx ends.
// However many wait, one poll looks for all of them, and nobody is woken for another's message.
func (l *Ledger) Await(ctx context.Context, messageID string, known int) error {
	n := l.news
	hash := asInt(hashMessage(messageID))
	woken := make(chan struct{}, 1)
	if err := l.watch(func() { n.await(hash, woken) }); err != nil {
		return err
	}
	defer n.leave(func() { n.forget(hash, woken) })
	for {
		// Looked at after it was asked to be woken: what comes between the two is not missed.
		statuses, err := l.Statuses(ctx, messageID)
		if err != nil || len(statuses) > known {
			return err
		}
		select {
		case <-woken:
		case <-n.stop:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// await notes who waits for a message. news.mu is held.
func (n *news) await(hash int64, woken chan struct{}) {
	if n.awaited[hash] == nil {
		n.awaited[hash] = map[chan struct{}]struct{}{}
	}
	n.awaited[hash][woken] = struct{}{}
}

// forget ends await. news.mu is held.
func (n *news) forget(hash int64, woken chan struct{}) {
	delete(n.awaited[hash], woken)
	if len(n.awaited[hash]) == 0 {
		delete(n.awaited, hash)
	}
}

// wake tells those whose messages have statuses newer than mark, and gives the newest one's mark.
func (n *news) wake(c *connection, mark int64) (int64, error) {
	err := c.query(context.Background(), "SELECT seq, message_hash FROM status WHERE seq > ? ORDER BY seq",
		func(row []driver.Value) error {
			mark = asInt(row[0])
			n.mu.Lock()
			defer n.mu.Unlock()
			for woken := range n.awaited[asInt(row[1])] {
				select {
				case woken <- struct{}{}:
				default: // told already
				}
			}
			return nil
		}, mark)
	return mark, err
}
