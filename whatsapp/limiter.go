package whatsapp

import (
	"context"
	"math"
	"sync"
	"time"
)

const (
	// pacedShare is the share of the rate at which a number sends: pacing exactly at the cap drew refusals, as
	// arrivals bunch on their way.
	pacedShare = 0.98
	// recoveryTime is how long accepted messages take to bring a rate back from nothing to what is asked for.
	recoveryTime = time.Minute
	// gateInterval is the longest wait in turn between two questions to the gate.
	gateInterval = 500 * time.Millisecond
	// minRate is where halving ends, in messages a second.
	minRate = 1.0
	// maxInterval bounds the distance of two messages, which must fit into a time.Duration however low the rate.
	maxInterval = 365 * 24 * time.Hour
)

// Limiter keeps one sending number inside its throughput and inside the limit for each pair of number and
// recipient, and adapts when WhatsApp says that it is too fast. Whoever sends for the number shares one Limiter, each
// at the Pace that they were told. It is safe for concurrent use. Source: Meta, throughput, and about-the-platform
// for pairs.
type Limiter struct {
	now func() time.Time

	mu           sync.Mutex
	rate         float64   // messages a second that the number bears, as refusals told; +Inf: none told anything
	lastReserved time.Time // the place in the number's line that was booked last; zero: the line is empty
	halvedAt     time.Time // when the rate was last halved
	closedUntil  time.Time // nothing leaves before
	generation   int       // how often the line began anew, by a lower rate or a pause: reservations from before are stale
	pairs        pairs
	window       rateWindow

	admission chan struct{} // one message waits to leave, the others for their turn
}

// NewLimiter makes a Limiter for a number. now is the clock.
func NewLimiter(now func() time.Time) *Limiter {
	return &Limiter{now: now, rate: math.Inf(1), pairs: newPairs(now()), admission: make(chan struct{}, 1)}
}

// Pace is the use of a Limiter at one throughput. The number has one line whatever the paces: when a message of this
// one leaves, no more than its throughput left the number within the second before, at whichever pace. The next message
// may be of a faster one and follow sooner. The zero value is of no use.
type Pace struct {
	limiter   *Limiter
	perSecond float64
}

// At gives the pace of a number that may send perSecond messages a second; zero or less means no limit but that of the
// pairs. It keeps nothing: the throughput may be another each time.
func (l *Limiter) At(perSecond float64) Pace {
	if !(perSecond > 0) {
		perSecond = math.Inf(1)
	}
	return Pace{l, perSecond}
}

// rate is what holds now: as fast as asked for, and no faster than the number bears. mu is held.
func (p Pace) rate() float64 { return min(p.perSecond, p.limiter.rate) }

// interval is the time of one of so many messages a second at the paced rate.
func interval(perSecond float64) time.Duration {
	return time.Duration(min(float64(time.Second)/(perSecond*pacedShare), float64(maxInterval)))
}

// Reservation is a booked place in the number's line. The zero value is none.
type Reservation struct {
	Wait          time.Duration // until the message may leave; zero: now
	RecipientOnly bool          // the wait is the recipient's own: the number's line is shorter
	Idle          time.Duration // how long the number's line was free before, and nobody came
	generation    int
}

// Reserve books the next place in the number's line and in the recipient's. Once booked a place is used up, whether
// or not the message leaves. Ask Stale when the wait is over.
func (p Pace) Reserve(recipient string) Reservation {
	l := p.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	leave, idle := now, time.Duration(0)
	if free := l.lastReserved.Add(interval(p.rate())); !l.lastReserved.IsZero() {
		leave, idle = later(now, free), max(0, now.Sub(later(free, l.closedUntil)))
	}
	leave = later(leave, l.closedUntil)
	at := l.pairs.reserve(recipient, now, leave)
	// Who waits for their own sake does not keep a place free in the number's line; Wait finds them one.
	own := at.After(leave)
	if !own {
		l.lastReserved = leave
	}
	return Reservation{Wait: at.Sub(now), RecipientOnly: own, Idle: idle, generation: l.generation}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Stale says whether the line began anew since the place was booked: it was given at a rate that is no more, or
// before a pause.
func (p Pace) Stale(r Reservation) bool {
	p.limiter.mu.Lock()
	defer p.limiter.mu.Unlock()
	return r.generation != p.limiter.generation
}

// Wait waits until one more message may leave without any second holding more than the rate, and counts it. It
// is for the very last moment: commits and pauses of the machine bunch messages that were reserved apart. The gate
// is asked before a place is given, so that a message which may not leave any more takes none. The error is the
// gate's or the context's; nothing is counted then.
func (p Pace) Wait(ctx context.Context, gate func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case p.limiter.admission <- struct{}{}:
		defer func() { <-p.limiter.admission }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		if err := gate(); err != nil {
			return err
		}
		wait := p.admit()
		if wait <= 0 {
			return nil
		}
		// The gate is asked again before long: an hour that an answer asked for is not waited for in turn.
		timer := time.NewTimer(min(wait, gateInterval))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

func (p Pace) admit() time.Duration {
	l := p.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if wait := l.closedUntil.Sub(now); wait > 0 {
		return wait
	}
	l.window.grow(p.perSecond)
	return l.window.admit(now, p.rate())
}

// Throttled halves the rate at which the refused message went, for the whole number; at most once a second, for many
// answers tell of one moment. It never falls below one message a second, or this pace if that is lower. pause is what
// the answer asked for: until it has passed nothing leaves for the number.
func (p Pace) Throttled(pause time.Duration) {
	l := p.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if until := now.Add(pause); pause > 0 && until.After(l.closedUntil) {
		l.closedUntil, l.lastReserved = until, time.Time{}
		l.generation++
	}
	rate := p.rate()
	if math.IsInf(rate, 1) || (!l.halvedAt.IsZero() && now.Sub(l.halvedAt) < time.Second) {
		return
	}
	l.rate = max(rate/2, min(minRate, p.perSecond))
	l.halvedAt, l.lastReserved = now, time.Time{} // what was booked at the old rate is stale
	l.generation++
}

// Accepted brings the rate back by a step, and ends the recipient's row of refusals. Where the number bears more than
// this pace asks for already, the message tells nothing of that.
func (p Pace) Accepted(recipient string) {
	l := p.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pairs.recordAccepted(recipient)
	if l.rate < p.perSecond {
		// At a rate r there are r steps a second, so that the rate grows by the same amount every second.
		l.rate = min(p.perSecond, l.rate+p.perSecond/recoveryTime.Seconds()/l.rate)
	}
}

// PairThrottled closes the recipient for 4^X seconds, X counting the refusals in a row from 0, and returns how
// long that is. Others are not concerned.
func (p Pace) PairThrottled(recipient string) time.Duration {
	p.limiter.mu.Lock()
	defer p.limiter.mu.Unlock()
	return p.limiter.pairs.recordRefusal(recipient, p.limiter.now())
}
