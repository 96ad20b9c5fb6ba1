package whatsapp

import "time"

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

// pair is what is remembered of one recipient.
type pair struct {
	opened  time.Time // of the window last booked
	count   int       // messages in it
	closed  time.Time // no message before, after a refusal
	refused int       // refusals in a row
}

func (p pair) reopens() time.Time {
	reopens := p.opened.Add(time.Duration(p.count)*pairInterval + pairSlack)
	if p.closed.After(reopens) {
		return p.closed
	}
	return reopens
}

// forgettable: nothing of it would change a booking any more.
func (p pair) forgettable(now time.Time) bool {
	memory := p.reopens()
	if p.refused > 0 {
		memory = memory.Add(pairMemory)
	}
	return !memory.After(now)
}

// pairs remembers the recipients of the last windows only.
type pairs struct {
	open  map[string]pair
	swept time.Time
}

// book takes the first place at or after leave.
func (p *pairs) book(recipient string, now, leave time.Time) time.Time {
	p.sweep(now)
	known, ok := p.open[recipient]
	if !ok {
		if len(p.open) < mostPairs {
			p.open[recipient] = pair{opened: leave, count: 1}
		}
		return leave
	}
	if known.opened.After(leave) {
		leave = known.opened
	}
	inside := leave.Before(known.opened.Add(pairInterval-pairSlack)) && known.count > 0 && known.count < pairBurst
	if inside && !known.closed.After(leave) {
		known.count++
		p.open[recipient] = known
		return leave
	}
	if reopens := known.reopens(); reopens.After(leave) {
		leave = reopens
	}
	known.opened, known.count = leave, 1
	p.open[recipient] = known
	return leave
}

func (p *pairs) accepted(recipient string) {
	if known, ok := p.open[recipient]; ok && known.refused > 0 {
		known.refused = 0
		p.open[recipient] = known
	}
}

func (p *pairs) refused(recipient string, now time.Time) time.Duration {
	known := p.open[recipient]
	wait := maxPairWait
	if known.refused < 6 { // 4^6 seconds are more than an hour
		wait = min(maxPairWait, time.Second<<(2*known.refused))
	}
	known.refused++
	known.closed = now.Add(wait)
	p.open[recipient] = known
	return wait
}

// sweep forgets once an interval, so that memory holds the recipients of the last windows.
func (p *pairs) sweep(now time.Time) {
	if now.Sub(p.swept) < pairInterval {
		return
	}
	p.swept = now
	for recipient, known := range p.open {
		if known.forgettable(now) {
			delete(p.open, recipient)
		}
	}
}
