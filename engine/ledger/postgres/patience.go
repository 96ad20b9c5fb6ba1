package postgres

import (
	"sync"
	"time"
)

const (
	// busyFor is for how long a process waits for a database that cannot be reached, or for what others hold.
	busyFor = 5 * time.Second
	// busyForEnds is for how long a group waits that holds an end: how a request or a run ended is known to this process alone, and a
	// request without an outcome is in doubt for good.
	busyForEnds = 2 * time.Minute
	// busyForSender is for how long a process waits that sends: without the database it cannot go on, and a person would have to take its
	// run up again. A server that starts anew, or a standby that takes over, takes less.
	busyForSender = time.Minute
	// busyAtLeast is for how long each change and each read waits, however long the database was away before.
	busyAtLeast = time.Second
	// firstPause and longestPause are between two tries.
	firstPause, longestPause = 20 * time.Millisecond, time.Second
)

// patience is how long is waited for a database that is away. It is counted from when it was first missed, for all that waits together: an
// apply has many things to write, and many to read, at its end, and would wait for each in turn.
type patience struct {
	now           func() time.Time
	mu            sync.Mutex
	first, newest time.Time // tries that failed since one that did not; zero: the newest did not
	told          bool      // a person was told of it
}

// left is how much of a wait is left.
func (p *patience) left(wait time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.forgotten() {
		return wait
	}
	return max(wait-p.now().Sub(p.first), busyAtLeast)
}

// failed notes a try that failed.
func (p *patience) failed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.forgotten() {
		p.first = now
	}
	p.newest = now
}

// tell says whether a person is to be told that the database is away: once, however often it is tried.
func (p *patience) tell() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	already := p.told
	p.told = true
	return !already
}

// reached notes that the database answered, and says whether a person was told that it is away.
func (p *patience) reached() (told bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	told = p.told
	p.first, p.told = time.Time{}, false
	return told
}

// forgotten says whether nothing is missed: also when nobody has tried for so long that the database may have been there and gone again.
func (p *patience) forgotten() bool {
	return p.first.IsZero() || p.now().Sub(p.newest) > busyForSender
}
