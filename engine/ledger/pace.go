package ledger

import "time"

const (
	// longestWait is for how long the first of a group may wait for others.
	longestWait = 10 * time.Millisecond
	// shortestWait is what even fast answers are slowed by, when requests trickle.
	shortestWait = 2 * time.Millisecond
	// worthwhile is a group that need not wait: its share of a commit is small.
	worthwhile = 16
	// rarely is one group in how many tries again whether waiting brings company, after it did not.
	rarely = 64
)

// pace watches how requests arrive, to know whether waiting brings company. When many wait already, or few come,
// it never waits: the first would gain nothing, the second would only lose time. When waiting brought nobody, since
// all who could come are here, it waits more and more rarely.
type pace struct {
	last  time.Time
	gap   time.Duration // between two arrivals, smoothed; 0: unknown
	took  time.Duration // from an intent to its outcome, smoothed
	skip  int           // how many groups go without waiting
	again int           // how many did, after the last that waited in vain
}

// arrived notes a group.
func (p *pace) arrived(now time.Time, n int) {
	passed := now.Sub(p.last)
	if p.last.IsZero() || passed <= 0 || passed > time.Second {
		p.last, p.gap = now, 0
		return
	}
	p.last = now
	gap := passed / time.Duration(n)
	if p.gap == 0 {
		p.gap = gap
		return
	}
	p.gap += (gap - p.gap) / 8
}

// settled notes how long a request took.
func (p *pace) settled(took time.Duration) {
	if took < 0 {
		return
	}
	p.took += (took - p.took) / 16
}

// patience says how long to wait with n waiting, and for how many. A request that takes long anyway is slowed by an
// eighth of its time at most.
func (p *pace) patience(now time.Time, n int) (time.Duration, int) {
	if n == 0 || n >= worthwhile || p.gap <= 0 || now.Sub(p.last) > time.Second {
		return 0, 0
	}
	if p.skip > 0 {
		p.skip--
		return 0, 0
	}
	wait := min(max(p.took/8, shortestWait), longestWait)
	expected := int(wait / p.gap)
	if expected < 2 {
		return 0, 0
	}
	return wait, min(expected+n, worthwhile)
}

// waited notes what came of it.
func (p *pace) waited(before, after int) {
	if after-before >= max(2, before/2) {
		p.again = 0
		return
	}
	p.again = min(max(2*p.again, 1), rarely)
	p.skip = p.again
}
