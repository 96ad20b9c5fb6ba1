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
}

func (c *counter) Write(batch []*group.Submission[int], _ int) {
	c.groups++
	c.changes += len(batch)
	time.Sleep(100 * time.Microsecond) // as long as a disk takes
}

func (*counter) Close() error { return nil }

func (c *counter) Groups() *group.Wait { return &c.Wait }

// TestQueue_WaitsForThoseWhoCome has callers ask again half a millisecond after each answer, as senders do whose requests are quick: they come to be
// in one group together, and none waits for more than there are.
func TestQueue_WaitsForThoseWhoCome(t *testing.T) {
	for _, callers := range []int{8, 16, 32} {
		synctest.Test(t, func(t *testing.T) {
			const rounds = 300
			c := &counter{}
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
			if took := time.Since(began); took > rounds*time.Millisecond {
				t.Errorf("%d callers: %s a round", callers, took/rounds)
			}
			if c.changes != callers*rounds || c.changes/c.groups < callers/2 {
				t.Errorf("%d callers: %d changes in %d groups", callers, c.changes, c.groups)
			}
		})
	}
}

// TestQueue_Paced has messages come as a pace lets them, each of which waits alone: their groups are large while that is so, and no longer.
func TestQueue_Paced(t *testing.T) {
	for _, paced := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			const messages = 1000
			c := &counter{}
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
