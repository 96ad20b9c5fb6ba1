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
	// reservedAhead is for how long messages may have places ahead: places that were booked are lost when the rate is lowered, and another
	// process stands behind them. Those that come later are told about when their turn is, and ask again then.
	reservedAhead = time.Second
	// readyBefore is how long before its place a message is told to be ready: so long it may take to write its intent, with those of others,
	// and then it waits at the gate.
	readyBefore = 60 * time.Millisecond
	// usedWithin is how much later than its place a message may leave, where it took longer to write its intent. Later ones would bunch with
	// those of others. With places at 95 % of the rate, those of a second and this stay below the rate, and a little is left for the way.
	usedWithin = 45 * time.Millisecond
	// usedLater is that time where the places of a booking lie so close that all of them, of sixteen processes, are fewer than those of usedWithin:
	// there it is no number that keeps messages waiting, and each booking is a round trip.
	usedLater = time.Second
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
	turn     turns
}

// turns are about when those messages get places that are told to ask again.
type turns struct {
	began time.Time     // the first place of the last booking; zero: there was none
	apart time.Duration // how far apart this process's places are, smoothed: others have those in between
	last  time.Time     // the latest place that was taken
	next  time.Time     // about when the last of those messages has its turn
}

// booked notes a booking of so many places, of which the one before had as many as before.
func (t *turns) booked(first time.Time, every time.Duration, before int) {
	const most = 16 // times every: what lies further apart was a pause
	apart := every
	if !t.began.IsZero() && before > 0 {
		apart = min(max(every, first.Sub(t.began)/time.Duration(before)), most*every)
	}
	if t.apart == 0 {
		t.apart = apart
	}
	t.began, t.apart = first, t.apart+(apart-t.apart)/4
}

// wait is how long one more message waits before it asks for a place; zero: it may have one now.
func (t *turns) wait(now time.Time) time.Duration {
	if t.last.Sub(now) <= reservedAhead {
		return 0
	}
	t.next = later(t.next, t.last).Add(t.apart)
	return t.next.Sub(now) - reservedAhead/2
}

// reserve takes the next place for a message that will be at the gate later, behind a place for each that is there already: those may have
// lost theirs, and their intents are written. Where it has none yet, it is told how long it waits before it asks again, and by the error
// of Book that none could be had.
func (p *places) reserve(now func() time.Time, perSecond float64, atGate int) (at time.Time, again time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(now())
	if wait := p.turn.wait(now()); wait > 0 {
		return time.Time{}, wait, nil
	}
	for range 1 + max(0, atGate-len(p.reserved)) {
		if at, err = p.take(now, perSecond); err != nil {
			return time.Time{}, unbooked, err
		}
		p.reserved = append(p.reserved, at)
	}
	return at, 0, nil
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
	for len(p.reserved) > 0 && p.tooLate(p.reserved[0], now) {
		p.reserved = p.reserved[1:]
	}
}

// tooLate says whether a message that was to leave at a moment may not any more: in its second others leave. mu is held.
func (p *places) tooLate(at, now time.Time) bool {
	const processes = 16
	within := usedWithin
	if p.every > 0 && processes*mostBooked*p.every <= usedWithin {
		within = usedLater
	}
	return now.Sub(at) > within
}

// missed is tooLate for who does not hold mu.
func (p *places) missed(at, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tooLate(at, now)
}

// take returns the moment of the next place, or the error of Book. mu is held.
func (p *places) take(now func() time.Time, perSecond float64) (at time.Time, err error) {
	for ; p.left > 0 && p.tooLate(p.next, now()); p.lost++ {
		p.use()
	}
	if p.left == 0 {
		wanted := 2 * p.size
		if p.lost > 0 {
			wanted = p.size - p.lost
		}
		before := p.size
		p.size, p.lost = max(1, min(wanted, mostBooked, p.most(perSecond))), 0
		ctx, cancel := context.WithTimeout(context.Background(), askFor)
		defer cancel()
		wait, every, err := p.shared.Book(ctx, perSecond, p.size, p.accepted)
		if err != nil {
			return time.Time{}, err
		}
		p.next, p.every, p.left, p.accepted = now().Add(wait), every, p.size, 0
		p.turn.booked(p.next, every, before)
	}
	at = p.next
	p.turn.last = at
	p.use()
	return at, nil
}

// most is how many places there are in bookedAhead, at the rate of the last booking where it was below the one asked for. mu is held.
func (p *places) most(perSecond float64) int {
	if p.every > 0 {
		perSecond = min(perSecond, 1/p.every.Seconds())
	}
	return int(math.Ceil(perSecond * bookedAhead.Seconds()))
}

func (p *places) use() {
	p.next = p.next.Add(p.every)
	p.left--
}

// drop gives up what is booked.
func (p *places) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.size, p.lost, p.reserved, p.turn = 0, 0, 0, nil, turns{}
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
