package runner

import (
	"context"
	"sync"
	"time"

	"waybill/engine"
)

// handBack is the wait from which on a permit goes to another item meanwhile.
const handBack = 100 * time.Millisecond

// idleLine is how long a number lies idle, in all, before more items may work: the items then wait for answers, and not for the
// number's turn.
const idleLine = 50 * time.Millisecond

// semaphore bounds how many items may do something at the same time. It grows while the number could send more.
type semaphore struct {
	taken chan struct{}

	mu      sync.Mutex
	reserve int           // how many of these are not given out yet
	idle    time.Duration // of the number's line, since there was a queue
}

// newSemaphore makes one of n permits, which may become most.
func newSemaphore(n, most int) *semaphore {
	s := &semaphore{taken: make(chan struct{}, most), reserve: most - n}
	for range most - n {
		s.taken <- struct{}{}
	}
	return s
}

// turned notes a place that was booked in the number's line. While the line is idle again and again, half more permits are given
// out, up to the most.
func (s *semaphore) turned(t engine.Reservation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.Wait >= handBack {
		s.idle = 0 // there are enough
		return
	}
	if s.idle += t.Idle; s.idle < idleLine {
		return
	}
	s.idle = 0
	more := min((cap(s.taken)-s.reserve)/2+1, s.reserve)
	s.reserve -= more
	for range more {
		<-s.taken
	}
}

// permit is one item's right to work. Only the goroutine that does the item uses it. The zero value is bound by nothing: it never
// waits.
type permit struct {
	of   *semaphore
	held bool
}

// turned notes a place that the item booked in the number's line.
func (s *permit) turned(t engine.Reservation) {
	if s.of != nil {
		s.of.turned(t)
	}
}

// take waits for the permit, or returns the context's cause when that ends first. It is idempotent.
func (s *permit) take(ctx context.Context) error {
	if s.held || s.of == nil {
		return nil
	}
	select {
	case s.of.taken <- struct{}{}:
		s.held = true
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// release returns the permit. It is idempotent.
func (s *permit) release() {
	if s.held {
		s.held = false
		<-s.of.taken
	}
}

// After makes a permit the timer of retry-go: a long wait does not hold it. The next try takes it again.
func (s *permit) After(d time.Duration) <-chan time.Time {
	if d >= handBack {
		s.release()
	}
	return time.After(d)
}

// wait passes d, or returns the context's cause when that ends first. A recipient's own wait is long, and other items work
// meanwhile; in line each keeps its permit, so that no more places are booked ahead than there are permits.
func (s *permit) wait(ctx context.Context, d time.Duration, own bool) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	if own && d >= handBack {
		s.release()
	}
	select {
	case <-timer.C:
		return s.take(ctx)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// without returns the permit while wait passes, and takes it again.
func (s *permit) without(ctx context.Context, wait func() error) error {
	s.release()
	if err := wait(); err != nil {
		return err
	}
	return s.take(ctx)
}
