package whatsapp

import (
	"hash/maphash"
	"maps"
	"time"
)

// The pair limit: one message in six seconds to the same person, where a burst borrows from the future. A model
// that fits all of Meta's figures: the first message opens a window of six seconds in which up to 45 pass; then
// the pair is closed until six seconds a message have gone by since the opening. Source: Meta, about-the-platform.
const (
	pairInterval = 6 * time.Second
	pairBurst    = 45
	// pairSlack keeps away from the edges of the window, for WhatsApp measures when messages arrive.
	pairSlack = 500 * time.Millisecond
	// maxPairWait bounds 4^X, which would soon be longer than anybody waits.
	maxPairWait = time.Hour
	// mostPairs bounds what is remembered: more people than the fastest number, at 1000 messages a second, reaches
	// between two sweeps. Only a local server is faster, and has no such limit.
	mostPairs = 16384
	// pairMemory is how long a row of refusals is remembered after its wait.
	pairMemory = 10 * time.Minute
)

// pair is what is remembered of one recipient. Moments are counted from pairs.start: that takes a third of the
// room of a time.Time, and follows its monotonic clock.
type pair struct {
	opened  time.Duration // of the window last booked
	closed  time.Duration // no message before, after a refusal
	count   int32         // messages in it
	refused int32         // refusals in a row
}

func (p pair) reopens() time.Duration {
	return max(p.opened+time.Duration(p.count)*pairInterval+pairSlack, p.closed)
}

// forgettable: nothing of it would change a booking any more.
func (p pair) forgettable(now time.Duration) bool {
	memory := p.reopens()
	if p.refused > 0 {
		memory += pairMemory
	}
	return memory <= now
}

// pairs remembers the recipients of the last windows only, each by a hash: should two ever share one, they wait for
// each other, and that is all.
type pairs struct {
	start time.Time
	seed  maphash.Seed
	open  map[uint64]pair
	swept time.Duration
}

func newPairs(now time.Time) pairs {
	return pairs{start: now, seed: maphash.MakeSeed(), open: map[uint64]pair{}}
}

// book takes the first place at or after leave.
func (p *pairs) book(recipient string, now, leave time.Time) time.Time {
	p.sweep(now.Sub(p.start))
	key, at := maphash.String(p.seed, recipient), leave.Sub(p.start)
	known, ok := p.open[key]
	if !ok {
		if len(p.open) < mostPairs {
			p.open[key] = pair{opened: at, count: 1}
		}
		return leave
	}
	if known.opened > at {
		at = known.opened
	}
	inside := at < known.opened+pairInterval-pairSlack && known.count > 0 && known.count < pairBurst
	if inside && known.closed <= at {
		known.count++
	} else {
		at = max(at, known.reopens())
		known.opened, known.count = at, 1
	}
	p.open[key] = known
	return p.start.Add(at)
}

func (p *pairs) accepted(recipient string) {
	key := maphash.String(p.seed, recipient)
	if known, ok := p.open[key]; ok && known.refused > 0 {
		known.refused = 0
		p.open[key] = known
	}
}

func (p *pairs) refused(recipient string, now time.Time) time.Duration {
	key := maphash.String(p.seed, recipient)
	known := p.open[key]
	wait := maxPairWait
	if known.refused < 6 { // 4^6 seconds are more than an hour
		wait = min(maxPairWait, time.Second<<(2*known.refused))
	}
	known.refused++
	known.closed = now.Sub(p.start) + wait
	p.open[key] = known
	return wait
}

// sweep forgets once an interval, so that memory holds the recipients of the last windows.
func (p *pairs) sweep(now time.Duration) {
	if now-p.swept < pairInterval {
		return
	}
	p.swept = now
	maps.DeleteFunc(p.open, func(_ uint64, known pair) bool { return known.forgettable(now) })
}
