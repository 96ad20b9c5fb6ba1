package engine

import (
	"context"
	"time"
)

// handBack is the wait from which on a worker's seat is given to somebody else meanwhile.
const handBack = 100 * time.Millisecond

// seats are the places at the table of a forEach: so many items work at the same time.
type seats chan struct{}

func newSeats(n int) seats { return make(seats, n) }

// seat is one item's place. It is used by the item's own goroutine alone. The zero value has no table: it never
// waits.
type seat struct {
	table seats
	held  bool
}

// take sits down, or returns the context's cause when that ends first.
func (s *seat) take(ctx context.Context) error {
	if s.held || s.table == nil {
		return nil
	}
	select {
	case s.table <- struct{}{}:
		s.held = true
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// leave stands up; leaving twice is leaving once.
func (s *seat) leave() {
	if s.held {
		s.held = false
		<-s.table
	}
}

// After makes a seat the timer of retry-go: whoever waits for long does not hold a place meanwhile. The next
// try takes one again.
func (s *seat) After(d time.Duration) <-chan time.Time {
	if d >= handBack {
		s.leave()
	}
	return time.After(d)
}

// wait passes d, or returns the context's cause when that ends first. A wait of one's own is long, and others work
// meanwhile; in line everybody keeps their seat, so that no more places are booked ahead than there are seats.
func (s *seat) wait(ctx context.Context, d time.Duration, own bool) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	if own && d >= handBack {
		s.leave()
	}
	select {
	case <-timer.C:
		return s.take(ctx)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// aside gives the place to somebody else while wait passes.
func (s *seat) aside(ctx context.Context, wait func() error) error {
	s.leave()
	if err := wait(); err != nil {
		return err
	}
	return s.take(ctx)
}
