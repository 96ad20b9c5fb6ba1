package http1

import (
	"context"
	"slices"
	"sync"
	"time"
)

// pool holds the connections that no request uses. There are never more connections than slots, since one is dialled only by a
// request in a slot that finds none here.
type pool struct {
	slots chan struct{} // one for each request in flight
	idle  time.Duration

	mu    sync.Mutex
	kept  []*conn     // in the order in which they were put here; the last one is taken first, so that what is not needed grows old
	sweep *time.Timer // nil: nothing is kept
}

// enter waits for a slot, at most until then.
func (p *pool) enter(ctx context.Context, by time.Time) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	default:
	}
	waiting, cancel := context.WithDeadlineCause(ctx, by, ErrConnect)
	defer cancel()
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-waiting.Done():
		return context.Cause(waiting)
	}
}

func (p *pool) leave() { <-p.slots }

// take returns a connection that is used no more; nil: there is none.
func (p *pool) take() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.kept) - 1
	if last < 0 {
		return nil
	}
	c := p.kept[last]
	p.kept = slices.Delete(p.kept, last, last+1)
	return c
}

// keep puts a connection here for the next request.
func (p *pool) keep(c *conn) {
	c.used = true
	p.mu.Lock()
	defer p.mu.Unlock()
	c.since = now()
	p.kept = append(p.kept, c)
	if p.sweep == nil {
		p.sweep = time.AfterFunc(p.idle, p.closeIdle)
	}
}

// closeIdle closes what was not used for too long, and looks again when the next one will be.
func (p *pool) closeIdle() {
	for _, c := range p.takeIdle() {
		_ = c.Close() // nothing was under way on it
	}
}

func (p *pool) takeIdle() []*conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := now().Add(-p.idle)
	old := slices.IndexFunc(p.kept, func(c *conn) bool { return c.since.After(before) })
	if old < 0 {
		old = len(p.kept)
	}
	idle := slices.Clone(p.kept[:old])
	p.kept = slices.Delete(p.kept, 0, old)
	p.sweep = nil
	if len(p.kept) > 0 {
		p.sweep = time.AfterFunc(p.kept[0].since.Sub(before), p.closeIdle)
	}
	return idle
}
