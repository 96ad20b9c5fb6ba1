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
	if err := l.watch(func() { n.await(hash, woken) }); err != nil {
		return false, err
	}
	defer n.leave(func() { n.forget(hash, woken) })
	// Looked at after it was asked to be woken: what comes between the two is not missed.
	statuses, err := l.Statuses(ctx, messageID)
	if err != nil || len(statuses) > known {
		return true, err
	}
	t := time.NewTimer(lookAnyway)
	defer t.Stop()
	select {
	case <-woken:
	case <-t.C:
	case <-n.stop:
		return false, engine.ErrClosed
	case <-ctx.Done():
		return false, ctx.Err()
	}
	return false, nil
}

// await notes who waits for a message. notifier.mu is held.
func (n *notifier) await(hash int64, woken chan struct{}) {
	if n.awaited[hash] == nil {
		n.awaited[hash] = map[chan struct{}]struct{}{}
	}
	n.awaited[hash][woken] = struct{}{}
}

// forget ends await. notifier.mu is held.
func (n *notifier) forget(hash int64, woken chan struct{}) {
	delete(n.awaited[hash], woken)
	if len(n.awaited[hash]) == 0 {
		delete(n.awaited, hash)
	}
}

// wake tells those whose messages have statuses newer than mark, and returns the newest one's mark.
func (n *notifier) wake(c *connection, mark int64) (int64, error) {
	err := c.query(context.Background(), "SELECT seq, message_hash FROM status WHERE seq > ? ORDER BY seq",
		func(row []driver.Value) error {
			mark = asInt(row[0])
			n.mu.Lock()
			defer n.mu.Unlock()
			for woken := range n.awaited[asInt(row[1])] {
				select {
				case woken <- struct{}{}:
				default: // woken already
				}
			}
			return nil
		}, mark)
	return mark, err
}
