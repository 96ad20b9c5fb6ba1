package dashboard

import (
	"context"
	"sync"
	"time"
)

const (
	minTTL     = 2 * time.Second // even of what was cheap to read
	maxTTL     = time.Minute     // even of what was dear
	ttlPerCost = 20              // so that readers take at most a twentieth of the ledger's time
	maxEntries = 512             // a dashboard that is left open for months does not grow
)

// cache keeps what was read for a time that grows with what the reading cost. Concurrent calls for the same key read
// once.
type cache[V any] struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[string]*entry[V]
}

type entry[V any] struct {
	turn  chan struct{} // holds one token, which lets its holder read
	value V
	until time.Time // zero: nothing was read yet
}

func newCache[V any](now func() time.Time) *cache[V] {
	return &cache[V]{now: now, entries: map[string]*entry[V]{}}
}

// get returns what is kept under a key, or reads it. read is given what was kept last, or the zero value. Errors are not
// kept.
func (c *cache[V]) get(ctx context.Context, key string, read func(ctx context.Context, last V) (V, error)) (V, error) {
	e := c.entry(key)
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
	began := c.now()
	if began.Before(e.until) {
		return e.value, nil
	}
	v, err := read(ctx, e.value)
	if err != nil {
		return v, err
	}
	ended := c.now()
	e.value, e.until = v, ended.Add(min(maxTTL, max(minTTL, ttlPerCost*ended.Sub(began))))
	return v, nil
}

func (c *cache[V]) entry(key string) *entry[V] {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, found := c.entries[key]
	if !found {
		if len(c.entries) >= maxEntries {
			clear(c.entries) // calls that hold one of them go on with it
		}
		e = &entry[V]{turn: make(chan struct{}, 1)}
		c.entries[key] = e
	}
	return e
}
