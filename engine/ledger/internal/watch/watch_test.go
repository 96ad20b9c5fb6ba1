package watch_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/ledger/internal/watch"
)

// other is what another process commits, as a poll sees it.
type other struct {
	n    *watch.Notifier
	look func(times int) error

	mu            sync.Mutex
	begun, looked int
	ended         []error
}

func (o *other) Look(context.Context) error {
	o.mu.Lock()
	o.looked++
	times := o.looked
	o.mu.Unlock()
	return o.look(times)
}

func (o *other) End(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = append(o.ended, err)
}

func polled(look func(times int) error) *other {
	o := &other{look: look}
	o.n = watch.New(func() (watch.Poll, error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.begun++
		return o, nil
	})
	return o
}

// TestAwait_AfterAFailedPoll has the one poll that all waiters rely on end with an error. Who waits still hears of what another process
// records afterwards.
func TestAwait_AfterAFailedPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		var recorded atomic.Bool
		var o *other
		o = polled(func(times int) error {
			if times == 1 {
				return broken
			}
			recorded.Store(true)
			o.n.Heard(7)
			return nil
		})
		began := time.Now()
		if err := o.n.Await(t.Context(), 7, func() (bool, error) { return recorded.Load(), nil }); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it heard after %s", took)
		}
		o.n.Close()
		if o.begun != 2 || len(o.ended) != 2 || !errors.Is(o.ended[0], broken) || o.ended[1] != nil {
			t.Errorf("%d polls began, and ended with %v", o.begun, o.ended)
		}
	})
}

// TestAwait_Woken has a status and news told in this process: who waits for them looks again at once, and nobody else does.
func TestAwait_Woken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := polled(func(int) error { return nil })
		defer o.n.Close()
		var this, another, run atomic.Int32
		wait := func(looks *atomic.Int32, await func(func() (bool, error)) error) {
			if err := await(func() (bool, error) { return looks.Add(1) == 2, nil }); err != nil {
				t.Error(err)
			}
		}
		go wait(&this, func(look func() (bool, error)) error { return o.n.Await(t.Context(), 7, look) })
		go wait(&another, func(look func() (bool, error)) error { return o.n.Await(t.Context(), 8, look) })
		go wait(&run, func(look func() (bool, error)) error { return o.n.Watch(t.Context(), "a", look) })
		synctest.Wait()
		if got := o.n.Awaited(); len(got) != 2 {
			t.Errorf("awaited are %v", got)
		}
		o.n.Heard(7)
		o.n.Tell("b")
		synctest.Wait()
		if this.Load() != 2 || another.Load() != 1 || run.Load() != 1 {
			t.Errorf("looks: %d, %d, %d", this.Load(), another.Load(), run.Load())
		}
		o.n.Tell(watch.EveryRun)
		synctest.Wait()
		if another.Load() != 1 || run.Load() != 2 {
			t.Errorf("looks: %d, %d, %d", this.Load(), another.Load(), run.Load())
		}
		time.Sleep(2 * time.Second) // nobody waits in vain for ever
		synctest.Wait()
		if another.Load() != 2 {
			t.Errorf("looks: %d, %d, %d", this.Load(), another.Load(), run.Load())
		}
	})
}

// TestClose has a notifier closed while a caller waits.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := polled(func(int) error { return nil })
		told := make(chan error, 1)
		go func() { told <- o.n.Change(t.Context()) }()
		synctest.Wait()
		o.n.Close()
		if err := <-told; !errors.Is(err, engine.ErrClosed) || len(o.ended) != 1 || o.ended[0] != nil {
			t.Errorf("who waited was told %v, and the poll %v", err, o.ended)
		}
		if err := o.n.Change(t.Context()); !errors.Is(err, engine.ErrClosed) {
			t.Error(err)
		}
	})
}
