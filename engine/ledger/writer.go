package ledger

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"waybill/engine"
)

// change is what one caller wants done. apply may run more than once, each time after a rollback of what it did before,
// and must then start afresh. An error of SQLite's undoes it; any other is its answer, and what it wrote stays.
type change interface {
	apply(t *transaction) error
}

// submission is a change on its way. They are used again and again, save those that were withdrawn.
type submission struct {
	change change
	taken  atomic.Bool // by the writer, or by the caller that gave up
	err    error
	done   chan struct{} // one value when err is there
}

// writer owns the one connection that writes, and the goroutine that uses it.
type writer struct {
	ledger *Ledger
	state  *writerState
	space  *space

	mu      sync.Mutex
	waiting []*submission
	intents int  // how many of them are intents
	want    int  // how many must wait before wake is given; 1 unless the writer waits for a batch
	quiet   bool // the writer waits for an intent
	stopped bool
	wake    chan struct{}
	spare   sync.Pool // of *submission
	ended   sync.WaitGroup
	closed  error
}

// startWriter starts the goroutine. stop waits for it.
func startWriter(c *connection, l *Ledger, minFree int64) *writer {
	w := &writer{
		ledger: l,
		state:  newWriterState(c, l),
		space:  &space{path: l.path, min: minFree},
		want:   1,
		wake:   make(chan struct{}, 1),
		spare:  sync.Pool{New: func() any { return &submission{done: make(chan struct{}, 1)} }},
	}
	w.ended.Go(w.run)
	return w
}

// stop ends the goroutine after what waits is written, and closes the connection.
func (w *writer) stop() error {
	w.mu.Lock()
	w.stopped = true
	w.signal()
	w.mu.Unlock()
	w.ended.Wait()
	return w.closed
}

func (w *writer) isStopped() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stopped
}

// signal wakes the goroutine. mu is held.
func (w *writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// do hands over a change and waits for the commit that holds it. When ctx ends before the writer took it, it is
// withdrawn; after that its end is near and is waited for: a request that may be allowed already is not given up.
func (w *writer) do(ctx context.Context, c change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := w.spare.Get().(*submission) //nolint:forcetypeassert // New makes no other
	r.change = c
	w.mu.Lock()
	if w.stopped {
		w.mu.Unlock()
		return engine.ErrClosed
	}
	w.waiting = append(w.waiting, r)
	_, intends := c.(*intend)
	if intends {
		w.intents++
	}
	if len(w.waiting) >= w.want || intends && w.quiet {
		w.signal()
	}
	w.mu.Unlock()
	select {
	case <-r.done:
	case <-ctx.Done():
		if r.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		<-r.done
	}
	err := r.err
	r.change, r.err = nil, nil
	r.taken.Store(false)
	w.spare.Put(r)
	return err
}

func (w *writer) run() {
	var batch []*submission
	for range w.wake {
		for {
			w.waitForBatch()
			var intents int
			var last bool
			batch, intents, last = w.take(batch[:0])
			if len(batch) > 0 {
				w.commit(batch, intents)
				w.release(batch)
				continue
			}
			if last {
				w.closed = w.state.close()
				return
			}
			break
		}
	}
}

// take returns the changes that wait, less those withdrawn, how many intents are among them, and whether no more will
// come.
func (w *writer) take(into []*submission) (batch []*submission, intents int, last bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	intents, w.intents = w.intents, 0
	for i, r := range w.waiting {
		if r.taken.CompareAndSwap(false, true) {
			into = append(into, r)
		}
		w.waiting[i] = nil
	}
	w.waiting = w.waiting[:0]
	return into, intents, w.stopped
}

// release lets the callers of a group go, and then the processor, so that those who come back at once are in the
// next group together instead of one by one.
func (w *writer) release(batch []*submission) {
	for i, r := range batch {
		r.done <- struct{}{}
		batch[i] = nil
	}
	runtime.Gosched()
}

// waitForBatch waits a little for others when the way in which changes come promises some: outcomes for the next intent, and the
// first of a group for others.
func (w *writer) waitForBatch() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.waiting); w.intents == 0 && !w.stopped {
		if wait := w.state.groups.forIntent(w.ledger.now(), n); wait > 0 {
			w.quiet = true
			w.pause(wait, worthwhile)
			w.quiet = false
			w.state.groups.intent.fulfilled(w.intents > 0)
		}
	}
	n := len(w.waiting)
	wait, want := w.state.groups.forOthers(w.ledger.now(), n)
	if wait > 0 && n < want && !w.stopped {
		w.pause(wait, want)
		w.state.groups.waited(n, len(w.waiting))
	}
}

// pause waits until so many changes wait, or what else do wakes it for. mu is held, and released meanwhile.
func (w *writer) pause(wait time.Duration, want int) {
	select { // a wake-up for those that are here already tells nothing new
	case <-w.wake:
	default:
	}
	w.want = want
	w.mu.Unlock()
	t := time.NewTimer(wait)
	select {
	case <-w.wake:
	case <-t.C:
	}
	t.Stop()
	w.mu.Lock()
	w.want = 1
	if w.stopped {
		w.signal()
	}
}

// commit writes a group in one transaction. Each submission has its answer afterwards, also when something went wrong.
func (w *writer) commit(batch []*submission, intents int) {
	w.state.groups.arrived(w.ledger.now(), len(batch), intents)
	full := w.space.short(len(batch))
	err := w.state.together(batch, full)
	if err != nil && (isFull(err) || isDiskFull(err)) {
		// What was sent must be written down: the ballast gives room for it, and nothing more is allowed.
		w.ledger.log.Error("the disk is full: nothing more is sent until there is room", errorAttr(err))
		w.space.drop()
		full = fmt.Errorf("%w: make room on it and run the command again: %w", engine.ErrFull, err)
		err = w.state.together(batch, full)
	}
	if err != nil && len(batch) > 1 && !errors.Is(err, engine.ErrBusy) && !errors.Is(err, engine.ErrDamaged) {
		err = w.state.oneByOne(batch, full)
	}
	if err != nil {
		for _, r := range batch {
			r.err = err
		}
		return
	}
	if w.state.lock.held {
		w.space.keep(w.ledger.log)
	}
	w.ledger.notifier.announce()
}
