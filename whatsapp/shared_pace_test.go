package whatsapp_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp"
)

// board is a SharedPace in memory, as a database keeps it.
type board struct {
	mu       sync.Mutex
	free     time.Time
	rate     float64 // 0: as asked
	recovers bool    // accepted messages raise it, and it is halved at most once a second
	halved   time.Time
	bookings int
	down     bool
}

func (b *board) Book(_ context.Context, perSecond float64, n, accepted int) (wait, every time.Duration, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return 0, 0, errors.New("the database is away")
	}
	b.bookings++
	if b.recovers && b.rate > 0 {
		b.rate = min(perSecond, b.rate+float64(accepted)*perSecond/60/b.rate)
	}
	if b.rate > 0 {
		perSecond = min(perSecond, b.rate)
	}
	now := time.Now()
	if b.free.Before(now) {
		b.free = now
	}
	every = time.Duration(float64(time.Second) / (perSecond * 0.95))
	wait = b.free.Sub(now)
	b.free = b.free.Add(time.Duration(n) * every)
	return wait, every, nil
}

func (b *board) Throttled(_ context.Context, perSecond float64, pause time.Duration) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.recovers {
		b.rate, b.free = perSecond/2, time.Now().Add(pause)
		return nil
	}
	now := time.Now()
	if now.Sub(b.halved) < time.Second {
		return nil
	}
	before := perSecond
	if b.rate > 0 {
		before = min(before, b.rate)
	}
	b.rate, b.halved = max(1, before/2), now
	if free := now.Add(time.Second / 2); b.free.Before(free) {
		b.free = free
	}
	return nil
}

// sender sends through a limiter until a moment, and notes when.
func sender(l *whatsapp.Limiter, rate float64, until time.Time, note func(time.Time)) {
	p := l.At(rate)
	for n := 0; ; n++ {
		r := p.Reserve(string(rune('a'+n%20)) + time.Now().String())
		time.Sleep(r.Wait)
		switch {
		case time.Now().After(until):
			return
		case p.Stale(r):
			continue
		}
		time.Sleep(commit(n))
		if err := p.Wait(context.Background(), func() error { return nil }); err != nil {
			panic(err)
		}
		note(time.Now())
	}
}

// commit is how long it takes to write the n-th intent: a few milliseconds, and every other second the disk rests for a while, and all
// that were to be written meanwhile are written at once.
func commit(n int) time.Duration {
	const every, rests = 2 * time.Second, 400 * time.Millisecond
	if in := time.Duration(time.Now().UnixNano()) % every; in < rests {
		return rests - in
	}
	return time.Duration(n*7919%29) * time.Millisecond
}

// TestSharedPace has three processes, of 24 workers each, send as fast as they may: each second of all is within the number's rate, and none starves.
func TestSharedPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rate, seconds = 80, 10
		b := &board{}
		var mu sync.Mutex
		var all []time.Time
		var of [3]int
		var wg sync.WaitGroup
		for i := range of {
			l := whatsapp.NewSharedLimiter(time.Now, b)
			for range 24 {
				wg.Go(func() {
					sender(l, rate, time.Now().Add(seconds*time.Second), func(at time.Time) {
						mu.Lock()
						defer mu.Unlock()
						all = append(all, at)
						of[i]++
					})
				})
			}
		}
		wg.Wait()
		slices.SortFunc(all, time.Time.Compare)
		for i := range all {
			in := 0
			for in < len(all)-i && all[i+in].Sub(all[i]) < time.Second {
				in++
			}
			if in > rate {
				t.Fatalf("%d messages in one second", in)
			}
		}
		if len(all) < rate*seconds*7/10 {
			t.Errorf("%d messages in %d seconds", len(all), seconds)
		}
		for i, n := range of {
			if n < len(all)/5 {
				t.Errorf("process %d sent %d of %d", i, n, len(all))
			}
		}
		if b.bookings > seconds*3*8 {
			t.Errorf("%d bookings", b.bookings)
		}
	})
}

// TestSharedPaceThrottled has one process be refused: the others are slower, too.
func TestSharedPaceThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &board{}
		one, other := whatsapp.NewSharedLimiter(time.Now, b).At(100), whatsapp.NewSharedLimiter(time.Now, b).At(100)
		r := one.Reserve("+34600000001")
		one.Throttled(3 * time.Second)
		if !one.Stale(r) {
			t.Error("what was reserved before holds")
		}
		began := time.Now()
		if got := other.Reserve("+34600000002"); got.Wait > 3*time.Second || got.Wait < 2900*time.Millisecond {
			t.Errorf("the other is to be ready in %v", got.Wait)
		}
		time.Sleep(2900 * time.Millisecond)
		if err := other.Wait(t.Context(), func() error { return nil }); err != nil || time.Since(began) < 3*time.Second {
			t.Errorf("the other leaves after %v, %v", time.Since(began), err)
		}
		b.down = true
		time.Sleep(5 * time.Second)
		r = other.Reserve("+34600000003")
		if time.Sleep(r.Wait); r.Wait == 0 || !other.Stale(r) {
			t.Errorf("without the database it may send in %v", r.Wait)
		}
	})
}

// TestSharedPaceUnused has a process send far less than a number bears: it books about as many places as it uses before they pass, again and
// again, and not one by one; where they lie so close that few of them may pass, it uses them all.
func TestSharedPaceUnused(t *testing.T) {
	t.Parallel()
	const seconds, each = 4, time.Millisecond
	for rate, most := range map[float64]int{
		20_000:    seconds * 40, // a place may be used for 45 ms
		1_000_000: seconds * 8,  // 256 at once
	} {
		synctest.Test(t, func(t *testing.T) {
			b := &board{}
			p := whatsapp.NewSharedLimiter(time.Now, b).At(rate)
			for n := range seconds * int(time.Second/each) {
				time.Sleep(each)
				p.Reserve(time.Now().String())
				if err := p.Wait(t.Context(), func() error { return nil }); err != nil {
					t.Fatal(n, err)
				}
			}
			if b.bookings > most {
				t.Errorf("%d bookings at %.0f a second, want at most %d", b.bookings, rate, most)
			}
		})
	}
}
