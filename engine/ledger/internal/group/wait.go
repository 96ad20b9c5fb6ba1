package group

import (
	"sync/atomic"
	"time"
)

const (
	// longestWait is for how long the first of a group may wait for others.
	longestWait = 10 * time.Millisecond
	// pacedWait is for how long the first of a group waits for others while a pace holds messages up: it slows none.
	pacedWait = 50 * time.Millisecond
	// pacedMost is for how many it waits then.
	pacedMost = 4 * Worthwhile
	// shortestWait is what even fast answers are slowed by, when requests trickle.
	shortestWait = 2 * time.Millisecond
	// outcomeWait is for how long outcomes may wait for the next intent, which has to be written at once: then both
	// are on disk with one fsync.
	outcomeWait = 20 * time.Millisecond
	// mostHanded is how many changes that nobody waits for are written without waiting for one that somebody does.
	mostHanded = 256
	// Worthwhile is a group that need not wait: its share of a commit is small.
	Worthwhile = 32
	// fewest is for how many a group waits at least, where it waits.
	fewest = 2
	// rarely is one group in how many tries again whether waiting brings more, after it did not.
	rarely = 64
)

// Wait watches how changes arrive, to know whether it pays to wait for more before a group is written. It does not wait when
// many changes wait already, whose group is large enough, nor when few come, which would only be delayed.
type Wait struct {
	changes arrivals
	intents arrivals
	took    time.Duration // from an intent's group to that of its outcome, smoothed
	write   time.Duration // what it takes to write a group, smoothed
	callers int           // how many seem to come at the same time; 0: it is not known yet
	fitting int           // how many groups of so many there were since

	paced atomic.Int64 // until when a pace holds messages up, in nanoseconds since 1970

	others backoff // that others come while the first of a group waits
	intent backoff // that an intent comes while outcomes wait
}

// Arrived notes a group: how many changes that are waited for were in it, and how many intents.
func (w *Wait) Arrived(now time.Time, n, intents int) {
	if n > 0 {
		w.changes.note(now, n)
	}
	if w.callers > 0 && n > w.callers {
		w.callers = min(n, Worthwhile)
	}
	if intents > 0 {
		w.intents.note(now, intents)
	}
}

// Paced is Queue.Paced.
func (w *Wait) Paced(until time.Time) { w.paced.Store(until.UnixNano()) }

func (w *Wait) isPaced(now time.Time) bool { return now.UnixNano() < w.paced.Load() }

// Settled notes how long a request took.
func (w *Wait) Settled(took time.Duration) {
	if took < 0 {
		return
	}
	w.took += (took - w.took) / 16
}

// Wrote notes how long it took to write a group.
func (w *Wait) Wrote(took time.Duration) { w.write += (took - w.write) / 16 }

// forOthers says how long to wait with n waiting, and for how many. A request that takes long anyway is slowed by an
// eighth of its time at most.
func (w *Wait) forOthers(now time.Time, n int) (time.Duration, int) {
	if n > 0 && n < pacedMost && w.isPaced(now) && w.changes.steady(now) && 2*w.changes.gap < pacedWait {
		return pacedWait, pacedMost
	}
	if !w.intents.steady(now) {
		return w.whereNothingIsSent(now, n)
	}
	most := w.mostTogether()
	if n == 0 || n >= most || !w.changes.steady(now) {
		return 0, 0
	}
	wait := min(max(w.took/8, shortestWait), longestWait)
	want := n + int(wait/w.changes.gap)
	if w.slow() { // those whom the group before this let go come back within the time of their requests
		wait, want = min(max(w.took-w.write, shortestWait), longestWait), most
	}
	if want < n+2 || !w.others.worth() {
		return 0, 0
	}
	return wait, min(want, most)
}

// whereNothingIsSent is forOthers where no request waits, as in a process that receives webhooks: it costs little to wait for a part of the
// time that the group takes anyway, and brings those who were answered with the last one.
func (w *Wait) whereNothingIsSent(now time.Time, n int) (time.Duration, int) {
	if n == 0 || n >= Worthwhile || !w.changes.steady(now) || w.changes.gap > w.write || !w.others.worth() {
		return 0, 0
	}
	return min(w.write/4, longestWait), Worthwhile
}

// mostTogether is for how many a group waits at most: for those who come at the same time, since all others wait for it themselves.
func (w *Wait) mostTogether() int {
	if w.callers == 0 {
		return Worthwhile
	}
	return w.callers
}

// slow says that groups, and not requests, are what callers wait for most: where one half of them waits while the other half's group is
// written, all together are faster.
func (w *Wait) slow() bool { return w.took > 0 && w.took < w.write*5/2 }

// waited notes what came of it: that many there were before, and after, and were wanted. Where some never came, there are no more that could;
// now and then it is tried whether there are by now.
func (w *Wait) waited(now time.Time, before, after, wanted int) {
	if w.isPaced(now) { // how many come is the pace's
		return
	}
	if !w.intents.steady(now) {
		w.others.fulfilled(after > before)
		return
	}
	w.others.fulfilled(after-before >= max(2, before/2))
	if after < wanted {
		w.callers, w.fitting = max((w.mostTogether()+after)/2, fewest), 0 // halfway, for some may only be late
		return
	}
	if w.fitting++; w.callers > 0 && w.fitting%rarely == 0 {
		w.callers = min(w.callers+1, Worthwhile)
	}
}

// forIntent says how long n outcomes without an intent may wait for one.
func (w *Wait) forIntent(now time.Time, n int) time.Duration {
	if n == 0 || n >= Worthwhile || !w.intents.steady(now) || w.intents.gap > outcomeWait || !w.intent.worth() {
		return 0
	}
	return outcomeWait
}

// arrivals are the times at which something came.
type arrivals struct {
	last time.Time
	gap  time.Duration // between two of them, smoothed; 0: unknown
}

func (a *arrivals) note(now time.Time, n int) {
	passed := now.Sub(a.last)
	if a.last.IsZero() || passed <= 0 || passed > time.Second {
		a.last, a.gap = now, 0
		return
	}
	a.last = now
	gap := passed / time.Duration(n)
	if a.gap == 0 {
		a.gap = gap
		return
	}
	a.gap += (gap - a.gap) / 8
}

// steady says whether the gap is known and of the present.
func (a *arrivals) steady(now time.Time) bool { return a.gap > 0 && now.Sub(a.last) <= time.Second }

// backoff learns whether waiting for something is worth it. When it was in vain, since all who could come are here, it is
// tried again more and more rarely.
type backoff struct {
	skip  int // how many times not to try
	again int // how many that was, after the last time in vain
}

func (b *backoff) worth() bool {
	if b.skip > 0 {
		b.skip--
		return false
	}
	return true
}

func (b *backoff) fulfilled(yes bool) {
	if yes {
		b.again = 0
		return
	}
	b.again = min(max(2*b.again, 1), rarely)
	b.skip = b.again
}
