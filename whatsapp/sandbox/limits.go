package sandbox

import "time"

// limits are the three counters that refuse a request: a number's messages a second, the messages from
// it to one recipient, and an account's management calls an hour. The caller holds the server's lock.
type limits struct {
	throughput int // messages a second; not positive: no limit
	noPairs    bool
	budget     int // calls an hour; not positive: no limit

	sends      []time.Time // ring of the newest `throughput` acceptances
	next       int
	calls      []time.Time // ring of the newest `budget` calls
	call       int
	pairs      map[string]pair
	evictAbove int // how many pairs there may be before the finished ones are evicted
}

const (
	pairInterval = 6 * time.Second // one message in 6 s … Source: Meta, about-the-platform
	pairBurst    = 45              // … or up to 45 at once, borrowed from the future
	minEviction  = 10_000
)

// pair is the state of one recipient: n messages passed since opened.
type pair struct {
	opened time.Time
	n      int
}

func newLimits(throughput, budget int, noPairs bool) *limits {
	return &limits{throughput: throughput, budget: budget, noPairs: noPairs, pairs: map[string]pair{}, evictAbove: minEviction}
}

// admit takes one message to a recipient, or says why not; what is refused does not count.
func (l *limits) admit(to string, now time.Time) *graphError {
	if l.throughput > 0 && len(l.sends) >= l.throughput && now.Sub(l.sends[l.next%len(l.sends)]) < time.Second {
		return refuse(130429, "Message failed to send because there were too many messages sent from this phone number in a "+
			"short period of time.")
	}
	if refusal := l.admitPair(to, now); refusal != nil {
		return refusal
	}
	if l.throughput > 0 {
		l.sends, l.next = push(l.sends, l.next, l.throughput, now)
	}
	return nil
}

// admitPair is the model that fits all three numbers that Meta names: a first message begins a burst of 6 s in
// which 45 pass; after it the pair stays closed until 6 s × n after the opening. A token bucket does not fit.
func (l *limits) admitPair(to string, now time.Time) *graphError {
	if l.noPairs {
		return nil
	}
	p, known := l.pairs[to]
	age := now.Sub(p.opened)
	switch {
	case !known || age >= pairInterval*time.Duration(p.n):
		p = pair{opened: now, n: 1}
	case age < pairInterval && p.n < pairBurst:
		p.n++
	default:
		return refuse(131056, "Message failed to send because there were too many messages sent from this phone number to "+
			"the same phone number in a short period of time.")
	}
	l.pairs[to] = p
	if len(l.pairs) > l.evictAbove {
		l.evict(now)
	}
	return nil
}

// evict deletes the pairs that are free again, so that a million recipients do not stay in memory.
func (l *limits) evict(now time.Time) {
	for to, p := range l.pairs {
		if now.Sub(p.opened) >= pairInterval*time.Duration(p.n) {
			delete(l.pairs, to)
		}
	}
	l.evictAbove = max(minEviction, 2*len(l.pairs))
}

// spend takes one management call from the hour's budget.
func (l *limits) spend(now time.Time) *graphError {
	if l.budget <= 0 {
		return nil
	}
	if len(l.calls) >= l.budget && now.Sub(l.calls[l.call%len(l.calls)]) < time.Hour {
		return refuse(80007, "The WhatsApp Business Account has reached its rate limit.")
	}
	l.calls, l.call = push(l.calls, l.call, l.budget, now)
	return nil
}

// used is how much of the hour's budget is gone, in per cent, as in the usage header.
func (l *limits) used(now time.Time) int {
	if l.budget <= 0 {
		return 0
	}
	recent := 0
	for _, at := range l.calls {
		if now.Sub(at) < time.Hour {
			recent++
		}
	}
	return 100 * recent / l.budget
}

func (l *limits) setThroughput(n int) { l.throughput, l.sends, l.next = n, nil, 0 }

// push writes at into a ring of at most size elements, over the oldest; it returns the next index.
func push(ring []time.Time, next, size int, at time.Time) ([]time.Time, int) {
	if len(ring) < size {
		return append(ring, at), 0
	}
	ring[next%size] = at
	return ring, (next + 1) % size
}
