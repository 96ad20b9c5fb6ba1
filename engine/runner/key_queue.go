package runner

import (
	"context"
	"sync"
)

// queues are what an item waits in line for: items of its key, and, where the job bounds how often a person is messaged, items of
// its person. Of two rows that are one item, or one person, the first is sent, even when the second would be quicker.
type queues struct {
	key    string
	person string // empty: nobody asks
}

// keyQueue lets the items of one queue go one after the other.
type keyQueue struct {
	mu      sync.Mutex
	waiting map[string][]chan struct{} // by queue of an item under way: the items behind it, in order
}

// turn is what an item waits for before it goes; nil parts: nothing.
type turn struct{ key, person <-chan struct{} }

func newKeyQueue() *keyQueue { return &keyQueue{waiting: map[string][]chan struct{}{}} }

// enter puts an item behind those before it that are in its queues. All enter in one order, so no two wait for each other.
func (q *keyQueue) enter(in queues) turn {
	q.mu.Lock()
	defer q.mu.Unlock()
	t := turn{key: q.line(in.key)}
	if in.person != "" {
		t.person = q.line(personQueue(in.person))
	}
	return t
}

// personQueue tells the queue of a person from that of a key.
func personQueue(person string) string { return "\x00" + person }

func (q *keyQueue) line(name string) <-chan struct{} {
	behind, underWay := q.waiting[name]
	if !underWay {
		q.waiting[name] = nil
		return nil
	}
	own := make(chan struct{})
	q.waiting[name] = append(behind, own)
	return own
}

// leave lets the next item of each queue go.
func (q *keyQueue) leave(in queues) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.next(in.key)
	if in.person != "" {
		q.next(personQueue(in.person))
	}
}

func (q *keyQueue) next(name string) {
	behind := q.waiting[name]
	if len(behind) == 0 {
		delete(q.waiting, name)
		return
	}
	close(behind[0])
	q.waiting[name] = behind[1:]
}

func (t turn) isNow() bool { return t.key == nil && t.person == nil }

// wait blocks until the item's turn has come, or returns the context's cause when that ends first.
func (t turn) wait(ctx context.Context) error {
	for _, c := range []<-chan struct{}{t.key, t.person} {
		if c == nil {
			continue
		}
		select {
		case <-c:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
