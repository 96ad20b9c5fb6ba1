package group_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine/ledger/internal/group"
)

// disk is a writer ahead of a slow disk.
type disk struct {
	group.Wait
	mu      sync.Mutex
	written []int // changes, in order
	durable int   // how many of them
	overlap bool  // a group was written while another was being synced
	syncing atomic.Bool
	fails   atomic.Bool
	closed  bool
}

func (d *disk) Write(batch []*group.Submission[int], _ int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.overlap = d.overlap || d.syncing.Load()
	for _, r := range batch {
		d.written = append(d.written, r.Change)
	}
}

func (d *disk) Sync() error {
	d.mu.Lock()
	covered := len(d.written)
	d.mu.Unlock()
	d.syncing.Store(true)
	time.Sleep(time.Millisecond)
	d.syncing.Store(false)
	if d.fails.Load() {
		return errDisk
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.durable = covered
	return nil
}

var errDisk = errors.New("the disk")

func (d *disk) Close() error {
	d.closed = true
	return nil
}

func (d *disk) Groups() *group.Wait { return &d.Wait }

func (d *disk) isDurable(change int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Contains(d.written[:d.durable], change)
}

func never(int) bool { return false }

// TestQueue_NobodyHearsOfWhatIsNotDurable: callers and those who do not wait hear of a change when a sync that began after it was written
// has ended, while other groups are written.
func TestQueue_NobodyHearsOfWhatIsNotDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{}
		q := group.Start(d, never, time.Now)
		var callers sync.WaitGroup
		for n := range 200 {
			callers.Go(func() {
				time.Sleep(time.Duration(n%17) * 100 * time.Microsecond)
				if n%2 == 0 {
					if err := q.Do(t.Context(), n); err != nil || !d.isDurable(n) {
						t.Errorf("%d is told: %v", n, err)
					}
					return
				}
				told := func(err error) {
					if err != nil || !d.isDurable(n) {
						t.Errorf("%d is told: %v", n, err)
					}
				}
				if err := q.Hand(n, told); err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		if err := q.Stop(); err != nil || !d.closed || len(d.written) != 200 || d.durable != 200 {
			t.Errorf("stopped with %d written, %d durable, %v", len(d.written), d.durable, err)
		}
		if !d.overlap {
			t.Error("no group was written while another was being synced")
		}
	})
}

func TestQueue_AFailureOfTheDiskIsEverybodys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{}
		q := group.Start(d, never, time.Now)
		d.fails.Store(true)
		var callers sync.WaitGroup
		for n := range 20 {
			callers.Go(func() {
				if err := q.Do(context.Background(), n); !errors.Is(err, errDisk) {
					t.Errorf("%d is told %v", n, err)
				}
			})
		}
		callers.Wait()
		if err := q.Stop(); err != nil || !d.closed {
			t.Error(err)
		}
	})
}
