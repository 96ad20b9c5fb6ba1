package runner

import (
	"context"
	"sync"
	"time"

	"waybill/engine"
)

// handBack is the wait from which on a slot is given to somebody else meanwhile.
const handBack = 100 * time.Millisecond

// idleLine is how long a number lies idle, in all, before more items may work: then it is answers that are waited for,
// and not the number's turn.
const idleLine = 50 * time.Millisecond

// slots bound how many items may do something at the same time.
type slots struct {
	taken chan struct{}

	mu      sync.Mutex
	reserve int           // how many of these are not given out yet
	idle    time.Duration // of the number's line, since there was a queue
}

// newSlots makes n of them, which may become most.
func newSlots(n, most int) *slots {
	s := &slots{taken: make(chan struct{}, most), reserve: most - n}
	for range most - n {
		s.taken <- struct{}{}
	}
	return s
}

// turned notes how the number's line was met. While it lies idle again and again half more are given out, as far
// as there are any.
func (s *slots) turned(t engine.Turn) {
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

// slot is one item's right to one of the slots. It is used by the goroutine that does the item alone. The zero value
// is bound by nothing: it never waits.
type slot struct {
	of   *slots
	held bool
}

// turned notes how an item met the number's line.
func (s *slot) turned(t engine.Turn) {
	if s.of != nil {
		s.of.turned(t)
	}
}

// take takes a slot, or returns the context's cause when that ends first. Taking twice is taking once.
func (s *slot) take(ctx context.Context) error {
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

// release gives the slot back; releasing twice is releasing once.
func (s *slot) release() {
	if s.held {
		s.held = false
		<-s.of.taken
	}
}

// After makes a slot the timer of retry-go: whoever waits for long does not hold one meanwhile. The next try takes
// one again.
func (s *slot) After(d time.Duration) <-chan time.Time {
	if d >= handBack {
		s.release()
	}
	return time.After(d)
}

// wait passes d, or returns the context's cause when that ends first. A wait of one's own is long, and others work
// meanwhile; in line everybody keeps their slot, so that no more places are booked ahead than there are slots.
func (s *slot) wait(ctx context.Context, d time.Duration, own bool) error {
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

// aside gives the slot to somebody else while wait passes.
func (s *slot) aside(ctx context.Context, wait func() error) error {
	s.release()
	if err := wait(); err != nil {
		return err
	}
	return s.take(ctx)
}
