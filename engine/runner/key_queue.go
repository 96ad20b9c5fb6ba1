package runner

import (
	"context"
	"sync"
)

// keyQueue lets the items of one key go one after the other: of two rows that are one item the first is sent, even when
// the second would be quicker.
type keyQueue struct {
	mu      sync.Mutex
	waiting map[string][]chan struct{} // by key of an item under way: the items of the same key behind it, in order
}

func newKeyQueue() *keyQueue { return &keyQueue{waiting: map[string][]chan struct{}{}} }

// enter puts an item behind those before it that have its key. It returns what to wait for; nil: nothing.
func (q *keyQueue) enter(key string) (turn <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	behind, underWay := q.waiting[key]
	if !underWay {
		q.waiting[key] = nil
		return nil
	}
	own := make(chan struct{})
	q.waiting[key] = append(behind, own)
	return own
}

// leave lets the next item of the key go.
func (q *keyQueue) leave(key string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	behind := q.waiting[key]
	if len(behind) == 0 {
		delete(q.waiting, key)
		return
	}
	close(behind[0])
	q.waiting[key] = behind[1:]
}

// wait blocks until c is closed, or returns the context's cause when that ends first.
func wait(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
