package whatsapp

import (
	"context"
	"math"
	"sync"
	"time"
)

const (
	// paced is the share of the rate at which a number sends: pacing exactly at the cap drew refusals, as
	// arrivals bunch on their way.
	paced = 0.98
	// recovery is how long accepted messages take to bring a rate back from nothing to the configured one.
	recovery = time.Minute
	// windowLimit is the rate above which departures are neither remembered nor held to the rate: the line alone paces.
	windowLimit = 4096
	// askAgain is the longest wait in turn between two questions to the gate.
	askAgain = 500 * time.Millisecond
	// leastRate is where halving ends, in messages a second.
	leastRate = 1.0
)

// Limiter keeps one sending number inside its throughput and inside the limit for each pair of number and
// recipient, and adapts when WhatsApp says that it is too fast. Whoever sends for the number shares one Limiter.
// It is safe for concurrent use. Source: Meta, throughput, and about-the-platform for pairs.
type Limiter struct {
	now func() time.Time
	cap float64 // configured messages a second

	mu     sync.Mutex
	rate   float64   // current messages a second, at most cap
	next   time.Time // when the number's line is free
	cut    time.Time // when the rate was last halved
	closed time.Time // nothing leaves before
	anew   int       // how often the line began anew, by a lower rate or a pause: reservations from before are stale
	pairs  pairs
	window window

	turn chan struct{} // one message waits to leave, the others for their turn
}

// NewLimiter makes a Limiter for a number that may send perSecond messages a second; a rate of zero or less
// means no limit but that of the pairs. now is the clock.
func NewLimiter(perSecond float64, now func() time.Time) *Limiter {
	if !(perSecond > 0) {
		perSecond = math.Inf(1)
	}
	return &Limiter{
		now: now, cap: perSecond, rate: perSecond,
		pairs: newPairs(now()), window: newWindow(perSecond), turn: make(chan struct{}, 1),
	}
}

// Reservation is a booked place in the number's line. The zero value is none.
type Reservation struct {
	Wait time.Duration // until the message may leave; zero: now
	Own  bool          // the wait is the recipient's own: the number's line is shorter
	anew int
}

// Reserve books the next place in the number's line and in the recipient's. Once booked a place is used up, whether
// or not the message leaves. Ask Stale when the wait is over.
func (l *Limiter) Reserve(recipient string) Reservation {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	leave := now
	if l.next.After(now) {
		leave = l.next
	}
	at := l.pairs.book(recipient, now, leave)
	// Who waits for their own sake does not keep a place free in the number's line; Wait finds them one.
	own := at.After(leave)
	if !math.IsInf(l.rate, 1) && !own {
		l.next = leave.Add(time.Duration(float64(time.Second) / (l.rate * paced)))
	}
	return Reservation{Wait: at.Sub(now), Own: own, anew: l.anew}
}

// Stale says whether the line began anew since the place was booked: it was given at a rate that is no more, or
// before a pause.
func (l *Limiter) Stale(r Reservation) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return r.anew != l.anew
}

// Wait waits until one more message may leave without any second holding more than the rate, and counts it. It
// is for the very last moment: commits and pauses of the machine bunch messages that were reserved apart. The gate
// is asked before a place is given, so that a message which may not leave any more takes none. The error is the
// gate's or the context's; nothing is counted then.
func (l *Limiter) Wait(ctx context.Context, gate func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !l.window.unlimited() {
		select {
		case l.turn <- struct{}{}:
			defer func() { <-l.turn }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for {
		if err := gate(); err != nil {
			return err
		}
		wait := l.leave()
		if wait <= 0 {
			return nil
		}
		// The gate is asked again before long: an hour that an answer asked for is not waited for in turn.
		timer := time.NewTimer(min(wait, askAgain))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

func (l *Limiter) leave() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if wait := l.closed.Sub(now); wait > 0 || l.window.unlimited() {
		return wait
	}
	return l.window.leave(now, l.rate)
}

// Throttled halves the rate, at most once a second, for many answers tell of one moment. It never falls below one
// message a second, or the configured rate if that is lower. pause is what the answer asked for: until it has passed
// nothing leaves for the number.
func (l *Limiter) Throttled(pause time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if until := now.Add(pause); pause > 0 && until.After(l.closed) {
		l.closed, l.next = until, until
		l.anew++
	}
	if math.IsInf(l.rate, 1) || (!l.cut.IsZero() && now.Sub(l.cut) < time.Second) {
		return
	}
	l.cut = now
	l.anew++
	l.next = now // what was booked at the old rate is stale
	if l.closed.After(now) {
		l.next = l.closed
	}
	l.rate = max(l.rate/2, min(leastRate, l.cap))
}

// Accepted brings the rate back by a step, and ends the recipient's row of refusals.
func (l *Limiter) Accepted(recipient string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pairs.accepted(recipient)
	if l.rate < l.cap {
		// At a rate r there are r steps a second, so that the rate grows by the same amount every second.
		l.rate = min(l.cap, l.rate+l.cap/recovery.Seconds()/l.rate)
	}
}

// PairThrottled closes the recipient for 4^X seconds, X counting the refusals in a row from 0, and returns how
// long that is. Others are not concerned.
func (l *Limiter) PairThrottled(recipient string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pairs.refused(recipient, l.now())
}

// window remembers the moments of the last departures in a ring.
type window struct {
	ring []time.Time
	last int // place of the newest
}

func newWindow(perSecond float64) window {
	if perSecond > windowLimit {
		return window{}
	}
	return window{ring: make([]time.Time, max(1, int(perSecond)))}
}

func (w *window) unlimited() bool { return len(w.ring) == 0 }

// leave counts a departure now, or says how long it must wait. As the paced share does for the line, it is a
// little longer than the second that it keeps.
func (w *window) leave(now time.Time, rate float64) time.Duration {
	places := min(max(1, int(rate)), len(w.ring))
	span := float64(time.Second) / paced
	if rate < 1 {
		span /= rate
	}
	// The departure that must be a window old is as many places back as may leave in one.
	oldest := w.ring[(w.last-places+1+len(w.ring))%len(w.ring)]
	if wait := oldest.Add(time.Duration(span)).Sub(now); !oldest.IsZero() && wait > 0 {
		return wait
	}
	w.last = (w.last + 1) % len(w.ring)
	w.ring[w.last] = now
	return 0
}
