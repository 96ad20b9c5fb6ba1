package whatsapp

import (
	"context"
	"math"
	"sync"
	"time"
)

// SharedPace keeps the pace of one number for several processes that send from it.
type SharedPace interface {
	// Book takes the next places in the number's pace: the first message may leave after wait, each further one every later. accepted are
	// the messages that WhatsApp took since the last call. Places that are not used are lost.
	Book(ctx context.Context, perSecond float64, places, accepted int) (wait, every time.Duration, err error)
	// Throttled lowers what the number bears, for all, and closes it for a pause.
	Throttled(ctx context.Context, perSecond float64, pause time.Duration) error
}

const (
	// bookedAhead is the longest time for which places are booked at once: so long others wait for their turn.
	bookedAhead = 250 * time.Millisecond
	// mostBooked is the most places that are booked at once.
	mostBooked = 256
	// readyBefore is how long before its place a message is told to be ready: so long it may take to write its intent, with those of others,
	// and then it waits at the gate.
	readyBefore = 60 * time.Millisecond
	// usedWithin is how much later than its place a message may leave, where it took longer to write its intent. Later ones would bunch with
	// those of others. With places at 95 % of the rate, those of a second and this stay below the rate, and a little is left for the way.
	usedWithin = 45 * time.Millisecond
	// askFor is how long a booking may take, and unbooked how long a message waits after one that failed.
	askFor, unbooked = 5 * time.Second, time.Second
)

// places are those that a Limiter has booked of a pace that is shared.
type places struct {
	shared SharedPace // nil: the number is this process's alone

	mu       sync.Mutex // also held while more are booked: who needs one waits for that
	next     time.Time
	every    time.Duration
	left     int
	size     int // of the last booking
	lost     int // of it: they passed before a message was there
	accepted int
	reserved []time.Time // places of messages whose request did not leave yet, in order; any of them may use any
}

// reserve takes the next place for a message that will be at the gate later. Its error is that of Book: none could be had now.
func (p *places) reserve(now func() time.Time, perSecond float64) (at time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at, err = p.take(now, perSecond); err == nil {
		p.forget(now())
		p.reserved = append(p.reserved, at)
	}
	return at, err
}

// leave returns the moment at which the message at the gate may leave: by the first reserved place that is still good, or by another one.
// Its error is that of Book: none could be had now.
func (p *places) leave(now func() time.Time, perSecond float64) (at time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.forget(now()); len(p.reserved) > 0 {
		at, p.reserved = p.reserved[0], p.reserved[1:]
		return at, nil
	}
	return p.take(now, perSecond)
}

// forget drops reserved places that can be used no more. mu is held.
func (p *places) forget(now time.Time) {
	for len(p.reserved) > 0 && tooLate(p.reserved[0], now) {
		p.reserved = p.reserved[1:]
	}
}

// tooLate says whether a message that was to leave at a moment may not any more: in its second others leave.
func tooLate(at, now time.Time) bool { return now.Sub(at) > usedWithin }

// take returns the moment of the next place, or the error of Book. mu is held.
func (p *places) take(now func() time.Time, perSecond float64) (at time.Time, err error) {
	for ; p.left > 0 && tooLate(p.next, now()); p.lost++ {
		p.use()
	}
	if p.left == 0 {
		wanted := 2 * p.size
		if p.lost > 0 {
			wanted = p.size - p.lost
		}
		p.size, p.lost = max(1, min(wanted, mostBooked, int(math.Ceil(perSecond*bookedAhead.Seconds())))), 0
		ctx, cancel := context.WithTimeout(context.Background(), askFor)
		defer cancel()
		wait, every, err := p.shared.Book(ctx, perSecond, p.size, p.accepted)
		if err != nil {
			return time.Time{}, err
		}
		p.next, p.every, p.left, p.accepted = now().Add(wait), every, p.size, 0
	}
	at = p.next
	p.use()
	return at, nil
}

func (p *places) use() {
	p.next = p.next.Add(p.every)
	p.left--
}

// drop gives up what is booked.
func (p *places) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.size, p.lost, p.reserved = 0, 0, 0, nil
}

// acceptedOne counts for the next booking.
func (p *places) acceptedOne() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.accepted++
}

// NewSharedLimiter makes a Limiter for a number that other processes send from, too.
func NewSharedLimiter(now func() time.Time, shared SharedPace) *Limiter {
	l := NewLimiter(now)
	l.places.shared = shared
	return l
}

// isShared says whether places of this Pace are booked. Without a throughput there is none to keep.
func (p Pace) isShared() bool { return p.limiter.places.shared != nil && !math.IsInf(p.perSecond, 1) }

// throttledForAll tells the others that the number was throttled. When that cannot be told, this process is slower all the same.
func (p Pace) throttledForAll(pause time.Duration) {
	if !p.isShared() {
		return
	}
	p.limiter.places.drop()
	ctx, cancel := context.WithTimeout(context.Background(), askFor)
	defer cancel()
	_ = p.limiter.places.shared.Throttled(ctx, p.perSecond, pause) // each of them is refused as well, and tells
}
