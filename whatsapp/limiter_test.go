package whatsapp_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp"
)

// within tells whether a figure is what Meta publishes, give or take the second that the limiter keeps away from it.
func within(got, want time.Duration) bool { return got >= want && got <= want+time.Second }

// The three figures of Meta's page: one message in six seconds, 45 in a burst, two minutes after a burst of 20.
func TestPairLimitFigures(t *testing.T) {
	for _, test := range []struct {
		burst int
		next  time.Duration // when one more may follow, after the first
	}{
		{1, 6 * time.Second},
		{20, 2 * time.Minute},
		{45, 270 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := whatsapp.NewLimiter(time.Now).At(0)
			for i := range test.burst {
				if wait := l.Reserve("+34612345678").Wait; wait != 0 {
					t.Errorf("message %d of %d waits %s", i+1, test.burst, wait)
				}
			}
			if test.burst < 45 {
				time.Sleep(6 * time.Second) // the window is over, so the next one does not belong to the burst
			}
			if got := l.Reserve("+34612345678").Wait; !within(got+elapsed(test.burst), test.next) {
				t.Errorf("after a burst of %d: %s, want %s", test.burst, got, test.next)
			}
			if wait := l.Reserve("+34612345679").Wait; wait != 0 {
				t.Errorf("another recipient waits %s", wait)
			}
		})
	}
}

func elapsed(burst int) time.Duration {
	if burst < 45 {
		return 6 * time.Second
	}
	return 0
}

// The published model, as the service would keep it, never refuses what the limiter lets go.
func TestPairLimitAgainstTheModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(0)
		var opened time.Time
		count := 0
		for i := range 400 {
			time.Sleep(time.Duration(i*i%7) * 300 * time.Millisecond)
			time.Sleep(l.Reserve("+34612345678").Wait)
			now := time.Now()
			switch since := now.Sub(opened); {
			case count > 0 && since < 6*time.Second && count < 45:
				count++
			case since >= 6*time.Second && since >= time.Duration(count)*6*time.Second:
				opened, count = now, 1
			default:
				t.Fatalf("message %d would be refused: %s after the opening, %d in the window", i, since, count)
			}
		}
	})
}

func TestReservePacesBelowTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(80)
		var waits []time.Duration
		for i := range 801 {
			waits = append(waits, l.Reserve(fmt.Sprint(i)).Wait)
		}
		if waits[0] != 0 || !slices.IsSorted(waits) {
			t.Errorf("the first waits %s; sorted: %t", waits[0], slices.IsSorted(waits))
		}
		if got, want := waits[800], 10_204_081_632*time.Nanosecond; (got - want).Abs() > time.Millisecond {
			t.Errorf("800 messages at 80 a second take %s, want %s", got, want)
		}
		for i := 80; i < len(waits); i++ {
			if waits[i]-waits[i-80] <= time.Second {
				t.Fatalf("81 messages within a second, from %s", waits[i-80])
			}
		}
	})
}

// However messages bunch up before the gate, no second holds more messages than the rate.
func TestWaitNeverExceedsTheRate(t *testing.T) {
	for _, rate := range []float64{0.5, 1, 2.5, 20, 80, 1000} {
		synctest.Test(t, func(t *testing.T) {
			l := whatsapp.NewLimiter(time.Now).At(rate)
			var mu sync.Mutex
			var left []time.Time
			var group sync.WaitGroup
			n := int(5*rate) + 3
			for range n {
				group.Go(func() {
					if err := l.Wait(t.Context(), opened); err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					left = append(left, time.Now())
				})
			}
			begin := time.Now()
			group.Wait()
			most := max(1, int(rate))
			window := time.Duration(float64(time.Second) * max(1, 1/rate))
			for i := most; i < len(left); i++ {
				if left[i].Sub(left[i-most]) <= window {
					t.Fatalf("rate %g: %d messages within %s", rate, most+1, left[i].Sub(left[i-most]))
				}
			}
			if took, want := time.Since(begin).Seconds(), float64(n)/float64(most)*window.Seconds(); took > want*1.1 {
				t.Errorf("rate %g: %d messages took %gs, want about %gs", rate, n, took, want)
			}
		})
	}
}

func TestWaitDoesNotSlowWhatIsPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(80)
		for i := range 1000 {
			time.Sleep(l.Reserve(fmt.Sprint(i)).Wait)
			before := time.Now()
			if err := l.Wait(t.Context(), opened); err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(before); waited > time.Millisecond {
				t.Fatalf("message %d waits %s more", i, waited)
			}
		}
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(1)
		if err := l.Wait(t.Context(), opened); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		errs := make(chan error, 2)
		for range 2 { // one waits for its second, one for its turn
			go func() { errs <- l.Wait(ctx, opened) }()
		}
		for range 2 {
			if err := <-errs; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		}
		begin := time.Now()
		if err := l.Wait(t.Context(), opened); err != nil || time.Since(begin) > time.Second {
			t.Errorf("who gave up was counted: %v after %s", err, time.Since(begin))
		}
	})
	unlimited := whatsapp.NewLimiter(time.Now).At(1e6)
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if err := unlimited.Wait(done, opened); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRateFallsAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(80)
		for range 50 {
			l.Throttled(0)
		}
		if got := l.Rate(); got != 40 {
			t.Errorf("many refusals of one moment: %g, want 40", got)
		}
		for range 20 {
			time.Sleep(time.Second)
			l.Throttled(0)
		}
		if got := l.Rate(); got != 1 {
			t.Errorf("the floor is %g, want 1", got)
		}
		last := l.Rate()
		begin := time.Now()
		for l.Rate() < 80 {
			time.Sleep(time.Duration(float64(time.Second) / l.Rate()))
			l.Accepted("x")
			if l.Rate() < last {
				t.Fatal("it fell")
			}
			last = l.Rate()
		}
		if took := time.Since(begin); took < 50*time.Second || took > 70*time.Second || l.Rate() != 80 {
			t.Errorf("back to %g in %s", l.Rate(), took)
		}
	})
	for _, rate := range []float64{0, -1, math.NaN()} {
		l := whatsapp.NewLimiter(time.Now).At(rate)
		l.Throttled(0)
		l.Accepted("x")
		if got := l.Rate(); !math.IsInf(got, 1) {
			t.Errorf("%g: got %g", rate, got)
		}
	}
	slow := whatsapp.NewLimiter(time.Now).At(0.5)
	slow.Throttled(0)
	if got := slow.Rate(); got != 0.5 {
		t.Errorf("the floor of a slow number is %g", got)
	}
}

func TestThrottledSlowsDepartures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(80)
		for range 40 {
			_ = l.Wait(t.Context(), opened)
		}
		l.Throttled(0)
		begin := time.Now()
		_ = l.Wait(t.Context(), opened)
		if waited := time.Since(begin); waited < time.Second {
			t.Errorf("41 messages within %s at 40 a second", waited)
		}
	})
}

// Whoever reserves after a refusal is told to wait until the gate lets it through, and does not wait there: by then its intent is written.
func TestThrottledReservations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(80)
		for range 80 {
			_ = l.Wait(t.Context(), opened)
		}
		l.Throttled(0)
		for n := range 40 {
			time.Sleep(l.Reserve(strconv.Itoa(n)).Wait)
			atGate := time.Now()
			_ = l.Wait(t.Context(), opened)
			if waited := time.Since(atGate); waited > 0 {
				t.Errorf("message %d waits at the gate for %s", n, waited)
			}
		}
	})
}

func TestPairThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(80)
		for i, want := range []time.Duration{1, 4, 16, 64, 256, 1024, 3600, 3600} {
			if got := l.PairThrottled("a"); got != want*time.Second {
				t.Errorf("refusal %d: %s, want %s", i, got, want*time.Second)
			}
			if i == 2 {
				if got := l.Reserve("a").Wait; got != 16*time.Second {
					t.Errorf("the closed recipient waits %s", got)
				}
				if got := l.Reserve("b").Wait; got > time.Second {
					t.Errorf("another recipient waits %s", got)
				}
			}
		}
		l.Accepted("b")
		if got := l.PairThrottled("a"); got != time.Hour {
			t.Errorf("an acceptance of another ended the row: %s", got)
		}
		l.Accepted("a")
		if got := l.PairThrottled("a"); got != time.Second {
			t.Errorf("an acceptance did not end the row: %s", got)
		}
	})
}

// Memory holds the recipients of the last windows, not all there ever were.
func TestLimiterForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(0)
		for i := range 200_000 {
			l.Reserve(fmt.Sprint(i))
			if i%1000 == 0 {
				time.Sleep(time.Second)
			}
		}
		if got := l.Remembered(); got > 15_000 {
			t.Errorf("%d recipients are remembered", got)
		}
	})
}

// Goroutines share a limiter. What would be wrong is a race or a deadlock: the test is one for go test -race.
func TestLimiterTogether(t *testing.T) {
	l := whatsapp.NewLimiter(time.Now).At(5000)
	var group sync.WaitGroup
	for w := range 8 {
		group.Go(func() {
			for i := range 200 {
				recipient := fmt.Sprint(i % 10 * w)
				l.Reserve(recipient)
				_ = l.Wait(t.Context(), opened)
				l.Throttled(0)
				l.Accepted(recipient)
				l.PairThrottled(recipient)
				_ = l.Rate()
			}
		})
	}
	group.Wait()
}

func BenchmarkLimiter(b *testing.B) {
	l := whatsapp.NewLimiter(time.Now).At(4096)
	for b.Loop() {
		l.Reserve("+34612345678")
	}
}

// burstStart is a gate that lets everything out.
func opened() error { return nil }

func TestACutMakesReservationsStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(10)
		for i := range 100 {
			l.Reserve(fmt.Sprint(i))
		}
		before := l.Reserve("b")
		if before.Wait < 9*time.Second || l.Stale(before) {
			t.Fatalf("booked %+v, stale %v", before, l.Stale(before))
		}
		l.Throttled(0)
		after := l.Reserve("c")
		if !l.Stale(before) || l.Stale(after) || after.Wait > time.Second {
			t.Errorf("after a cut the old place is stale %v, the new one is %+v", l.Stale(before), after)
		}
	})
}

func TestAClosedGateTakesNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(1)
		late := errors.New("late")
		for range 5 {
			if err := l.Wait(t.Context(), func() error { return late }); !errors.Is(err, late) {
				t.Fatal(err)
			}
		}
		began := time.Now()
		if err := l.Wait(t.Context(), opened); err != nil || time.Since(began) > 0 {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

func TestRetryAfterHoldsTheNumber(t *testing.T) {
	for _, rate := range []float64{0, 0.5, 40, 1e6} {
		synctest.Test(t, func(t *testing.T) {
			l := whatsapp.NewLimiter(time.Now).At(rate)
			booked := l.Reserve("a")
			l.Throttled(3 * time.Second)
			if after := l.Reserve("b"); !l.Stale(booked) || after.Wait != 3*time.Second {
				t.Errorf("rate %g: the next place is %+v, the old one stale %v", rate, after, l.Stale(booked))
			}
			began := time.Now()
			if err := l.Wait(t.Context(), opened); err != nil || time.Since(began) != 3*time.Second {
				t.Errorf("rate %g: left after %s, %v: what has its intent already waits too", rate, time.Since(began), err)
			}
		})
	}
}

func TestTheGateIsAskedWhileTheNumberIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(40)
		l.Throttled(time.Hour)
		began, late := time.Now(), errors.New("late")
		err := l.Wait(t.Context(), func() error {
			if time.Since(began) > 5*time.Second {
				return late
			}
			return nil
		})
		if !errors.Is(err, late) || time.Since(began) > 6*time.Second {
			t.Errorf("%v after %s: an hour is not waited for in turn", err, time.Since(began))
		}
	})
}

// TestUnsentGivesThePlaceBack: what never left holds no later message to the same person up.
func TestUnsentGivesThePlaceBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(0)
		for range 100 { // the network is away for minutes, and one message is tried again and again
			if got := l.Reserve("a").Wait; got != 0 {
				t.Fatalf("after tries that never left a message waits %s", got)
			}
			began := time.Now()
			time.Sleep(2 * time.Second)
			l.Unsent("a", began)
		}
		if got := l.Remembered(); got != 0 {
			t.Errorf("%d recipients are remembered, of whom none got a message", got)
		}
	})
}

// TestUnsentKeepsWhatLeft: a place is given back once, and of its own burst alone.
func TestUnsentKeepsWhatLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now).At(0)
		l.Unsent("a", time.Now()) // nothing was reserved
		slow := time.Now()
		l.Reserve("a")
		time.Sleep(7 * time.Second)
		if got := l.Reserve("a").Wait; got != 0 { // a burst of its own, whose message leaves
			t.Fatalf("the second waits %s", got)
		}
		time.Sleep(time.Second)
		l.Unsent("a", slow) // the first has given up now
		time.Sleep(5 * time.Second)
		if got := l.Reserve("a").Wait; got != 500*time.Millisecond {
			t.Errorf("the third waits %s behind the second, which left six seconds ago", got)
		}

		l.Reserve("b")
		l.Reserve("b")
		l.Unsent("b", time.Now())
		time.Sleep(6 * time.Second)
		if got := l.Reserve("b").Wait; got != 500*time.Millisecond {
			t.Errorf("of two messages one left six seconds ago, and the third waits %s", got)
		}

		l.PairThrottled("c")
		l.Reserve("c")
		l.Unsent("c", time.Now())
		if got := l.Reserve("c").Wait; got < 900*time.Millisecond {
			t.Errorf("a person whom WhatsApp closed waits %s", got)
		}
	})
}
