package sandbox

import (
	"context"
	"sync/atomic"
	"time"
)

// clock is the sandbox's time: the given one plus what Advance moved it by. Speed does not
// make it drift, so that timestamps stay believable; it divides the durations instead.
type clock struct {
	read   func() time.Time
	offset atomic.Int64 // nanoseconds
	speed  atomic.Int64 // thousandths
}

func newClock(read func() time.Time, speed float64) *clock {
	c := &clock{read: read}
	c.setSpeed(speed)
	return c
}

func (c *clock) now() time.Time { return c.read().Add(time.Duration(c.offset.Load())) }

func (c *clock) advance(d time.Duration) { c.offset.Add(int64(d)) }

func (c *clock) setSpeed(speed float64) { c.speed.Store(max(1, int64(speed*1000))) }

func (c *clock) factor() float64 { return float64(c.speed.Load()) / 1000 }

// scaled is how long d takes here.
func (c *clock) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / c.factor())
}

// pause waits for d in the caller's time, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
