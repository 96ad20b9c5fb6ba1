package engine

import (
	"context"
	"time"
)

// handBack is the wait from which on a slot is given to somebody else meanwhile.
const handBack = 100 * time.Millisecond

// slots bound how many items may do something at the same time.
type slots chan struct{}

func newSlots(n int) slots { return make(slots, n) }

// slot is one item's right to one of the slots. It is used by the goroutine that does the item alone. The zero value
// is bound by nothing: it never waits.
type slot struct {
	of   slots
	held bool
}

// take takes a slot, or returns the context's cause when that ends first. Taking twice is taking once.
func (s *slot) take(ctx context.Context) error {
	if s.held || s.of == nil {
		return nil
	}
	select {
	case s.of <- struct{}{}:
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
		<-s.of
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
