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
	// lostAfter is how late a place may be used. Later ones would bunch with those of others.
	lostAfter = 50 * time.Millisecond
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
	size     int // of the next booking
	accepted int
}

// take returns the moment of the next place; ok is false when none could be had now.
func (p *places) take(now func() time.Time, perSecond float64) (at time.Time, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	lost := false
	for late := now().Add(-lostAfter); p.left > 0 && p.next.Before(late); lost = true {
		p.use()
	}
	if p.left == 0 {
		p.size = max(1, min(2*p.size, mostBooked, int(math.Ceil(perSecond*bookedAhead.Seconds()))))
		if lost {
			p.size = 1
		}
		ctx, cancel := context.WithTimeout(context.Background(), askFor)
		defer cancel()
		wait, every, err := p.shared.Book(ctx, perSecond, p.size, p.accepted)
		if err != nil {
			return time.Time{}, false
		}
		p.next, p.every, p.left, p.accepted = now().Add(wait), every, p.size, 0
	}
	at = p.next
	p.use()
	return at, true
}

func (p *places) use() {
	p.next = p.next.Add(p.every)
	p.left--
}

// drop gives up what is booked.
func (p *places) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.size = 0, 0
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
