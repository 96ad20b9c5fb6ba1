package group_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine/ledger/internal/group"
)

// counter is a writer that only counts.
type counter struct {
	group.Wait
	groups, changes int

	takes time.Duration     // a group
	last  map[int]time.Time // of a caller, when its last group began
}

func (c *counter) Write(batch []*group.Submission[int], _ int) {
	c.groups++
	c.changes += len(batch)
	began := time.Now()
	for _, s := range batch {
		if last, known := c.last[s.Change]; known { // who comes again brings the outcome of the last request
			c.Settled(began.Sub(last))
		}
		c.last[s.Change] = began
	}
	time.Sleep(c.takes)
}

func (*counter) Close() error { return nil }

func (c *counter) Groups() *group.Wait { return &c.Wait }

func counts(takes time.Duration) *counter {
	return &counter{takes: takes, last: make(map[int]time.Time)}
}

// TestQueue_WaitsForThoseWhoCome has callers ask again half a millisecond after each answer, as senders do whose requests are quick: they come to be
// in one group together, also where that takes long to write, and none waits for more than there are.
func TestQueue_WaitsForThoseWhoCome(t *testing.T) {
	for _, test := range []struct {
		takes, round time.Duration // a group, and at most from one request to the next
		share        float64       // of the callers, that a group holds at least
	}{
		{100 * time.Microsecond, time.Millisecond, 0.5},
		{8 * time.Millisecond, 10500 * time.Microsecond, 0.8},
	} {
		for _, callers := range []int{8, 16, 32} {
			synctest.Test(t, func(t *testing.T) {
				const rounds = 300
				c := counts(test.takes)
				began := time.Now()
				q := group.Start(c, func(int) bool { return true }, time.Now)
				var all sync.WaitGroup
				for n := range callers {
					all.Go(func() {
						for round := range rounds {
							time.Sleep(500*time.Microsecond + time.Duration(n*round%7)*10*time.Microsecond)
							if err := q.Do(t.Context(), n); err != nil {
								t.Error(err)
							}
						}
					})
				}
				all.Wait()
				if err := q.Stop(); err != nil {
					t.Error(err)
				}
				if took := time.Since(began) / rounds; took > test.round {
					t.Errorf("%d callers, groups of %s: %s a round", callers, test.takes, took)
				}
				if c.changes != callers*rounds || float64(c.changes)/float64(c.groups) < test.share*float64(callers) {
					t.Errorf("%d callers, groups of %s: %d changes in %d groups", callers, test.takes, c.changes, c.groups)
				}
			})
		}
	}
}

// TestQueue_Paced has messages come as a pace lets them, each of which waits alone: their groups are large while that is so, and no longer.
func TestQueue_Paced(t *testing.T) {
	for _, paced := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			const messages = 1000
			c := counts(100 * time.Microsecond)
			q := group.Start(c, func(int) bool { return true }, time.Now)
			if paced {
				q.Paced(time.Now().Add(time.Minute))
			}
			var all sync.WaitGroup
			for n := range messages {
				time.Sleep(4 * time.Millisecond)
				all.Go(func() {
					began := time.Now()
					if err := q.Do(t.Context(), n); err != nil {
						t.Error(err)
					}
					if took := time.Since(began); took > 60*time.Millisecond {
						t.Errorf("message %d waited %s", n, took)
					}
				})
			}
			all.Wait()
			if err := q.Stop(); err != nil {
				t.Error(err)
			}
			if large := c.groups < messages/6; large != paced {
				t.Errorf("paced %t: %d messages in %d groups", paced, messages, c.groups)
			}
		})
	}
}

// TestQueue_NothingSent has callers come again a millisecond after each answer, as whoever delivers webhooks does: those of the last group
// are in the next one with the others, and one who comes alone waits hardly longer.
func TestQueue_NothingSent(t *testing.T) {
	for callers, most := range map[int]time.Duration{8: 13 * time.Millisecond, 1: 10 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			const rounds, takes = 200, 8 * time.Millisecond
			c := counts(takes)
			began := time.Now()
			q := group.Start(c, func(int) bool { return false }, time.Now)
			var all sync.WaitGroup
			for n := range callers {
				all.Go(func() {
					time.Sleep(time.Duration(n) * time.Millisecond)
					for range rounds {
						if err := q.Do(t.Context(), n); err != nil {
							t.Error(err)
						}
						time.Sleep(time.Millisecond)
					}
				})
			}
			all.Wait()
			if err := q.Stop(); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > rounds*most {
				t.Errorf("%d callers: %s a round, want %s at most", callers, took/rounds, most)
			}
			if c.changes != callers*rounds || c.changes*10 < c.groups*callers*8 {
				t.Errorf("%d callers: %d changes in %d groups", callers, c.changes, c.groups)
			}
		})
	}
}
