package whatsapp

import (
	"hash/maphash"
	"maps"
	"time"
)

// The pair limit: one message in six seconds to the same person, where a burst borrows from the future. This model
// fits all of Meta's numbers: the first message begins a burst of six seconds in which up to 45 messages pass; then
// the pair is closed until six seconds for each of them have passed since. Source: Meta, about-the-platform.
const (
	pairInterval = 6 * time.Second
	pairBurst    = 45
	// pairSlack is a margin at both ends of a burst, since WhatsApp measures when messages arrive.
	pairSlack = 500 * time.Millisecond
	// maxPairWait bounds 4^X.
	maxPairWait = time.Hour
	// maxPairs bounds the recipients that are kept: more than the fastest number, at 1000 messages a second, reaches
	// between two evictions. Only a local server is faster, and has no such limit.
	maxPairs = 16384
	// refusalMemory is how long a row of refusals is kept after its wait.
	refusalMemory = 10 * time.Minute
)

// pair is the state of one recipient. Times are counted from pairs.start: that takes a third of the memory of a
// time.Time, and follows its monotonic clock.
type pair struct {
	burstStart  time.Duration // when the newest burst began
	closedUntil time.Duration // no message before, after a refusal
	burstSize   int32         // messages in the burst
	refusals    int32         // refusals in a row
}

func (p pair) reopensAt() time.Duration {
	return max(p.burstStart+time.Duration(p.burstSize)*pairInterval+pairSlack, p.closedUntil)
}

// expired reports whether the pair has no effect on a reservation any more.
func (p pair) expired(now time.Duration) bool {
	memory := p.reopensAt()
	if p.refusals > 0 {
		memory += refusalMemory
	}
	return memory <= now
}

// pairs holds the recipients of the newest bursts, each by a hash: two that share one only wait for each other.
type pairs struct {
	start       time.Time
	seed        maphash.Seed
	byRecipient map[uint64]pair
	evictedAt   time.Duration
}

func newPairs(now time.Time) pairs {
	return pairs{start: now, seed: maphash.MakeSeed(), byRecipient: map[uint64]pair{}}
}

// reserve returns the first moment at or after leave at which the recipient may have a message, and takes it.
func (p *pairs) reserve(recipient string, now, leave time.Time) time.Time {
	p.evict(now.Sub(p.start))
	key, at := maphash.String(p.seed, recipient), leave.Sub(p.start)
	known, ok := p.byRecipient[key]
	if !ok {
		if len(p.byRecipient) < maxPairs {
			p.byRecipient[key] = pair{burstStart: at, burstSize: 1}
		}
		return leave
	}
	if known.burstStart > at {
		at = known.burstStart
	}
	inside := at < known.burstStart+pairInterval-pairSlack && known.burstSize > 0 && known.burstSize < pairBurst
	if inside && known.closedUntil <= at {
		known.burstSize++
	} else {
		at = max(at, known.reopensAt())
		known.burstStart, known.burstSize = at, 1
	}
	p.byRecipient[key] = known
	return p.start.Add(at)
}

// giveBack frees the place of a message that began to leave at a time, at most readyBefore its place, and did not. A burst
// that began later keeps its places: the message was of an earlier one, which holds nobody up any more.
func (p *pairs) giveBack(recipient string, began time.Time) {
	key := maphash.String(p.seed, recipient)
	known, ok := p.byRecipient[key]
	if !ok || known.burstSize == 0 || known.burstStart > began.Add(readyBefore).Sub(p.start) {
		return
	}
	known.burstSize--
	if known.burstSize == 0 && known.refusals == 0 {
		delete(p.byRecipient, key)
		return
	}
	p.byRecipient[key] = known
}

func (p *pairs) recordAccepted(recipient string) {
	key := maphash.String(p.seed, recipient)
	if known, ok := p.byRecipient[key]; ok && known.refusals > 0 {
		known.refusals = 0
		p.byRecipient[key] = known
	}
}

func (p *pairs) recordRefusal(recipient string, now time.Time) time.Duration {
	key := maphash.String(p.seed, recipient)
	known := p.byRecipient[key]
	wait := maxPairWait
	if known.refusals < 6 { // 4^6 seconds are more than an hour
		wait = min(maxPairWait, time.Second<<(2*known.refusals))
	}
	known.refusals++
	known.closedUntil = now.Sub(p.start) + wait
	p.byRecipient[key] = known
	return wait
}

// evict deletes expired pairs, once an interval.
func (p *pairs) evict(now time.Duration) {
	if now-p.evictedAt < pairInterval {
		return
	}
	p.evictedAt = now
	maps.DeleteFunc(p.byRecipient, func(_ uint64, known pair) bool { return known.expired(now) })
}
