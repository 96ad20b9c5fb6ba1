// Package watch has callers wait until something that concerns them was committed to a ledger. The process that commits it wakes them at
// once; what another process commits is found by one poll for all. It knows no store: what a poll looks at is given to it.
package watch

import (
	"context"
	"sync"
	"time"

	"waybill/engine"
)

const (
	// pollEvery is how often the ledger is asked whether another process changed it, while a caller waits.
	pollEvery = 200 * time.Millisecond
	// lookAnyway is when a caller that waits is let go without a reason, as by a condition variable: what was committed between its last look
	// and its call is so missed for a second at most.
	lookAnyway = time.Second
)

// EveryRun is the run of news that are every run's.
const EveryRun = ""

// Poll looks for what other processes commit, while callers wait. Its methods are called by one goroutine.
type Poll interface {
	// Look wakes those for whom there is something new. An error ends the poll. ctx ends when the notifier is closed.
	Look(ctx context.Context) error
	// End is called once, when nobody waits any more or a look failed: err says why.
	End(err error)
}

// Notifier wakes callers that wait. Use New.
type Notifier struct {
	begin func() (Poll, error)
	stop  chan struct{} // closed with it

	mu      sync.Mutex
	changed chan struct{}   // closed at the next change
	awaited waiters[int32]  // who waits for a status of a message, by the hash of its id
	watched waiters[string] // who waits for news of a run, by its id
	waiting int
	closed  bool
	polling bool
	pollers sync.WaitGroup
}

// New makes a notifier. begin begins a poll, and has its first look at what there is already; it is called under a lock, and must not call
// the notifier. Close ends it.
func New(begin func() (Poll, error)) *Notifier {
	return &Notifier{
		begin: begin, stop: make(chan struct{}), changed: make(chan struct{}), awaited: waiters[int32]{}, watched: waiters[string]{},
	}
}

// Close ends the poll and all waiting: callers get engine.ErrClosed.
func (n *Notifier) Close() {
	n.mu.Lock()
	if !n.closed {
		n.closed = true
		close(n.stop)
	}
	n.mu.Unlock()
	n.pollers.Wait()
}

// Announce says that something was committed.
func (n *Notifier) Announce() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.waiting == 0 {
		return
	}
	close(n.changed)
	n.changed = make(chan struct{})
}

// Heard says that there is a status of a message, by the hash of its id.
func (n *Notifier) Heard(message int32) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.awaited.wake(message)
}

// Tell says that there are news of runs; EveryRun: of all of them.
func (n *Notifier) Tell(runs ...string) {
	if len(runs) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, run := range runs {
		if run == EveryRun {
			n.watched.wakeAll()
			continue
		}
		n.watched.wake(run)
	}
}

// Awaited returns the hashes of the messages for whose statuses somebody waits.
func (n *Notifier) Awaited() []int32 {
	n.mu.Lock()
	defer n.mu.Unlock()
	hashes := make([]int32, 0, len(n.awaited))
	for h := range n.awaited {
		hashes = append(hashes, h)
	}
	return hashes
}

// Change waits until something is committed, by any process, or ctx ends. It also returns now and then for no reason.
func (n *Notifier) Change(ctx context.Context) error {
	var changed chan struct{}
	if err := n.enter(func() { changed = n.changed }); err != nil {
		return err
	}
	defer n.leave(func() {})
	return n.wait(ctx, changed)
}

// Await looks, and looks again each time there is a status of a message, until it has seen enough, or ctx ends.
func (n *Notifier) Await(ctx context.Context, message int32, look func() (enough bool, err error)) error {
	return until(ctx, n, n.awaited, message, look)
}

// Watch looks, and looks again each time there are news of a run, until it has seen enough, or ctx ends.
func (n *Notifier) Watch(ctx context.Context, run string, look func() (enough bool, err error)) error {
	return until(ctx, n, n.watched, run, look)
}

func until[K comparable](ctx context.Context, n *Notifier, all waiters[K], k K, look func() (bool, error)) error {
	for {
		if enough, err := lookAndWait(ctx, n, all, k, look); enough || err != nil {
			return err
		}
	}
}

// lookAndWait looks, and waits until it is time to look again. The poll that wakes it may have ended with an error: the next call begins
// another.
func lookAndWait[K comparable](ctx context.Context, n *Notifier, all waiters[K], k K, look func() (bool, error)) (enough bool, err error) {
	woken := make(chan struct{}, 1)
	if err := n.enter(func() { all.add(k, woken) }); err != nil {
		return false, err
	}
	defer n.leave(func() { all.remove(k, woken) })
	// Looked at after it was asked to be woken: what comes between the two is not missed.
	if enough, err := look(); enough || err != nil {
		return enough, err
	}
	return false, n.wait(ctx, woken)
}

// wait blocks until a caller was woken, or it is time that it looks again.
func (n *Notifier) wait(ctx context.Context, woken <-chan struct{}) error {
	t := time.NewTimer(lookAnyway)
	defer t.Stop()
	select {
	case <-woken:
	case <-t.C:
	case <-n.stop:
		return engine.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// enter makes the caller one of those that wait, and sees to it that there is a poll. in is called under the lock.
func (n *Notifier) enter(in func()) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return engine.ErrClosed
	}
	if !n.polling {
		p, err := n.begin()
		if err != nil {
			return err
		}
		n.polling = true
		n.pollers.Go(func() { n.poll(p) })
	}
	n.waiting++
	in()
	return nil
}

// leave ends what enter began. out is called under the lock.
func (n *Notifier) leave(out func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waiting--
	out()
}

// poll looks until no caller waits any more.
func (n *Notifier) poll(p Poll) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n.pollers.Go(func() {
		select {
		case <-n.stop:
			cancel()
		case <-ctx.Done():
		}
	})
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
		case <-tick.C:
			err = p.Look(ctx)
		}
		if n.isOver(err) {
			if ctx.Err() != nil {
				err = nil // closed meanwhile
			}
			p.End(err)
			return
		}
	}
}

// isOver says whether the poll ends. Under the lock, so that the next that waits begins another.
func (n *Notifier) isOver(err error) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	over := err != nil || n.waiting == 0 || n.closed
	n.polling = !over
	return over
}
