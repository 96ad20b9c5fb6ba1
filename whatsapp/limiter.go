package whatsapp

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"
)

const (
	// pacedShare is the share of the rate at which a number sends. Pacing exactly at the limit drew refusals, because
	// messages bunch on their way.
	pacedShare = 0.98
	// recoveryTime is how long accepted messages take to raise a rate from zero to the throughput asked for.
	recoveryTime = time.Minute
	// gateInterval is the longest pause between two questions to the gate while a message waits for the rate window.
	gateInterval = 500 * time.Millisecond
	// minRate is the rate below which refusals halve no further, in messages a second.
	minRate = 1.0
	// maxInterval bounds the interval between two messages, which must fit into a time.Duration however low the rate.
	maxInterval = 365 * 24 * time.Hour
)

// Limiter keeps one sending number inside its throughput and inside the limit for each pair of number and recipient,
// and lowers the rate when WhatsApp throttles. All senders of a number share one Limiter, each at a Pace of its own. It
// is safe for concurrent use. Source: Meta, throughput, and about-the-platform for pairs.
type Limiter struct {
	now func() time.Time

	mu           sync.Mutex
	rate         float64       // messages a second that the number bears, as learned from refusals; +Inf: none came yet
	lastReserved time.Time     // when the message that was reserved last may leave; zero: nothing is reserved
	halvedAt     time.Time     // when the rate was last halved
	closedUntil  time.Time     // no message leaves before
	generation   int           // counts lowered rates and pauses: reservations of an earlier generation are stale
	slowed       chan struct{} // closed when that goes up, and made anew
	pairs        pairs
	window       rateWindow
	places       places
	atGate       int // how many messages wait in Pace.Wait

	admission chan struct{} // holds the one message that waits for the rate window; the others queue for it
}

// NewLimiter makes a Limiter for a number. now is the clock.
func NewLimiter(now func() time.Time) *Limiter {
	return &Limiter{now: now, rate: math.Inf(1), pairs: newPairs(now()), slowed: make(chan struct{}), admission: make(chan struct{}, 1)}
}

// Pace is a Limiter used at one throughput. Paces of one Limiter share its schedule: when a message of this Pace
// leaves, the number sent no more than this throughput within the second before, at any Pace. The next message may be
// of a faster Pace and follow sooner. The zero value cannot be used: see Limiter.At.
type Pace struct {
	limiter   *Limiter
	perSecond float64
}

// At returns the Pace for perSecond messages a second; zero or less means no limit but that of the pairs. The Limiter
// does not store it, so that each call may ask for another throughput.
func (l *Limiter) At(perSecond float64) Pace {
	if !(perSecond > 0) {
		perSecond = math.Inf(1)
	}
	return Pace{l, perSecond}
}

// rate returns the present rate: the throughput asked for, or what the number bears if that is lower. mu is held.
func (p Pace) rate() float64 { return min(p.perSecond, p.limiter.rate) }

// interval returns the time between two messages at pacedShare of a rate.
func interval(perSecond float64) time.Duration {
	return time.Duration(min(float64(time.Second)/(perSecond*pacedShare), float64(maxInterval)))
}

// Reservation is a moment reserved for one message. The zero value reserves nothing.
type Reservation struct {
	Wait          time.Duration // until the message is to be ready, and Pace.Wait lets it leave; zero: now
	RecipientOnly bool          // the wait is due to the recipient's limit: messages to others may go first
	Idle          time.Duration // how long the number could have sent before, and no message was there
	Err           error         // of SharedPace: no moment could be had, and Wait is until it may be asked again
	generation    int
}

// Reserve reserves the next moment at which both the number and the recipient may have a message. It is used up until Unsent
// gives the recipient's part of it back. Ask Stale when the wait is over.
func (p Pace) Reserve(recipient string) Reservation {
	l := p.limiter
	var place time.Time // of a pace that is shared
	if p.isShared() {
		l.mu.Lock()
		generation, atGate := l.generation, l.atGate
		l.mu.Unlock()
		at, again, err := l.places.reserve(l.now, p.perSecond, atGate)
		if err != nil || again > 0 {
			return Reservation{Wait: again, Err: err, generation: generation - 1}
		}
		place = at
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	leave, idle := now, time.Duration(0)
	if !place.IsZero() {
		leave = later(now, place)
	} else if free := l.lastReserved.Add(interval(p.rate())); !l.lastReserved.IsZero() {
		leave, idle = later(now, free), max(0, now.Sub(later(free, l.closedUntil)))
	}
	leave = later(leave, l.closedUntil)
	at := l.pairs.reserve(recipient, now, leave)
	// A message that waits for its recipient keeps no moment of the number free; Wait finds one for it.
	recipientOnly := at.After(leave)
	if !recipientOnly {
		l.lastReserved = leave
	}
	if !place.IsZero() && !recipientOnly {
		at = later(now, at.Add(-readyBefore))
	}
	return Reservation{Wait: at.Sub(now), RecipientOnly: recipientOnly, Idle: idle, generation: l.generation}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Stale reports whether a reservation must be made again, because the rate was lowered or the number paused since.
func (p Pace) Stale(r Reservation) bool {
	p.limiter.mu.Lock()
	defer p.limiter.mu.Unlock()
	return r.generation != p.limiter.generation
}

// ErrSlowed is Wait's answer to a message whose turn has not come when the number is throttled or paused: it is to reserve anew. Many may
// stand at the gate then, each with its intent written, and all of them were in doubt if the process died before they left.
var ErrSlowed = errors.New("the number was slowed down before the message left")

// Wait waits until one more message keeps every second within the rate, and counts it. Call it right before the message
// leaves: commits and pauses of the machine bunch messages whose reservations lie apart. The gate is asked before the
// message is counted, so that a message that may no longer leave is not. The error is ErrSlowed, the gate's or the context's;
// nothing is counted then.
func (p Pace) Wait(ctx context.Context, gate func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	slowed := p.limiter.stands(1)
	defer p.limiter.stands(-1)
	select {
	case p.limiter.admission <- struct{}{}:
		defer func() { <-p.limiter.admission }()
	case <-slowed:
		return ErrSlowed
	case <-ctx.Done():
		return ctx.Err()
	}
	var place time.Time
	for {
		if err := gate(); err != nil {
			return err
		}
		wait := p.untilPlace(&place)
		if wait <= 0 {
			wait = p.admit()
		}
		if wait <= 0 {
			return nil
		}
		// The gate is asked again after gateInterval, so that a long Retry-After cannot outlast a send deadline.
		timer := time.NewTimer(min(wait, gateInterval))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// stands counts one more message at the gate, or one less, and returns what is closed when the number is slowed down.
func (l *Limiter) stands(n int) (slowed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.atGate += n
	return l.slowed
}

// slow makes what was reserved stale. mu is held.
func (l *Limiter) slow() {
	l.generation++
	close(l.slowed)
	l.slowed = make(chan struct{})
}

// untilPlace is how long the message at the gate waits for its place in a pace that is shared. A place that was missed is replaced.
func (p Pace) untilPlace(place *time.Time) time.Duration {
	l := p.limiter
	if !p.isShared() {
		return 0
	}
	if place.IsZero() || l.places.missed(*place, l.now()) {
		at, err := l.places.leave(l.now, p.perSecond)
		if err != nil { // the gate ends that, and the next Reserve tells why
			return unbooked
		}
		*place = at
	}
	return place.Sub(l.now())
}

// admit counts a message, or returns how long it must wait.
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

// Throttled halves the rate at which the refused message went, for the whole number; at most once a second, since many
// refusals have one cause. The rate never falls below one message a second, or this Pace's if that is lower. pause is
// what the answer asked for: until it has passed no message of the number leaves.
func (p Pace) Throttled(pause time.Duration) {
	if p.slowDown(pause) {
		p.throttledForAll(pause)
	}
}

// slowDown is Throttled for this process, and says whether anything is slower by it.
func (p Pace) slowDown(pause time.Duration) (slower bool) {
	l := p.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if until := now.Add(pause); pause > 0 && until.After(l.closedUntil) {
		l.closedUntil, l.lastReserved = until, time.Time{}
		l.slow()
		slower = true
	}
	rate := p.rate()
	if math.IsInf(rate, 1) || (!l.halvedAt.IsZero() && now.Sub(l.halvedAt) < time.Second) {
		return slower
	}
	l.rate = max(rate/2, min(minRate, p.perSecond))
	l.halvedAt, l.lastReserved = now, time.Time{}
	// More went within the last second than may go within one from now on. Who reserves waits for that, and not at the gate.
	if free := l.window.freeAt(p.rate()); free.After(now) {
		l.lastReserved = free.Add(-interval(p.rate()))
	}
	l.slow()
	return true
}

// Accepted raises the rate by a step, and ends the recipient's row of refusals. Where the number bears more than this
// Pace asks for already, the message is no evidence and the rate stays.
func (p Pace) Accepted(recipient string) {
	l := p.limiter
	if p.isShared() {
		l.places.acceptedOne()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pairs.recordAccepted(recipient)
	if l.rate < p.perSecond {
		// At a rate r there are r steps a second, so that the rate grows by the same amount every second.
		l.rate = min(p.perSecond, l.rate+p.perSecond/recoveryTime.Seconds()/l.rate)
	}
}

// Unsent gives back the recipient's place of a message that was about to leave at began, by the Limiter's clock, and of which
// nothing left: the network was away. The number's place passes by itself within a second.
func (p Pace) Unsent(recipient string, began time.Time) {
	p.limiter.mu.Lock()
	defer p.limiter.mu.Unlock()
	p.limiter.pairs.giveBack(recipient, began)
}

// PairThrottled blocks the recipient for 4^X seconds, X counting the refusals in a row from 0, and returns how long that
// is. Other recipients are not affected.
func (p Pace) PairThrottled(recipient string) time.Duration {
	p.limiter.mu.Lock()
	defer p.limiter.mu.Unlock()
	return p.limiter.pairs.recordRefusal(recipient, p.limiter.now())
}
