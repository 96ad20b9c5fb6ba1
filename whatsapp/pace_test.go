package whatsapp_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp"
)

// leave sends one message, and returns when it left.
func leave(t *testing.T, p whatsapp.Pace, recipient string) time.Time {
	t.Helper()
	for {
		booked := p.Reserve(recipient)
		time.Sleep(booked.Wait)
		if !p.Stale(booked) {
			break
		}
	}
	if err := p.Wait(t.Context(), opened); err != nil {
		t.Fatal(err)
	}
	return time.Now()
}

// One number, several throughputs: each message keeps to its own, whoever sent first and in whatever order.
func TestEachPaceHolds(t *testing.T) {
	for _, order := range [][]float64{
		{80, 80, 80, 80, 1, 1, 1, 80, 80, 80},
		{1, 80, 1, 80, 80, 1, 1},
		{1000, 1000, 1000, 2.5, 2.5, 2.5, 2.5, 1000},
		{0, 0, 0, 0.5, 0, 0, 0.5, 80},
		{5, 4000, 4000, 5, 5, 5, 5, 5, 5, 1e6, 5},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := whatsapp.NewLimiter(time.Now)
			var left []time.Time
			for i, rate := range order {
				at := leave(t, l.At(rate), fmt.Sprint(i))
				window, most := time.Second, int(rate)
				if rate > 0 && rate < 1 {
					window, most = time.Duration(float64(time.Second)/rate), 1
				}
				within := 1
				for _, before := range left {
					if at.Sub(before) <= window {
						within++
					}
				}
				if rate > 0 && within > most {
					t.Errorf("%v: message %d, at %g a second, is the number's %d. within %s", order, i, rate, within, window)
				}
				left = append(left, at)
			}
		})
	}
}

// A slow message holds up the faster ones no longer than it waits itself.
func TestAFasterPaceIsFastAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now)
		leave(t, l.At(1), "a")
		leave(t, l.At(1), "b")
		began := time.Now()
		for i := range 160 {
			leave(t, l.At(80), fmt.Sprint(i))
		}
		if took := time.Since(began); took > 2200*time.Millisecond {
			t.Errorf("160 messages at 80 a second took %s after a slower pace", took)
		}
	})
}

// What a refusal tells holds for the whole number, and no pace is raised by it.
func TestARefusalHoldsForEveryPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := whatsapp.NewLimiter(time.Now)
		l.At(80).Throttled(0)
		var got []float64
		for _, asked := range []float64{80, 1000, 40, 10, 0.5} {
			got = append(got, l.At(asked).Rate())
		}
		if want := []float64{40, 40, 40, 10, 0.5}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for range 10_000 {
			l.At(10).Accepted("x")
		}
		if rate := l.At(80).Rate(); rate != 40 {
			t.Errorf("messages at 10 a second tell nothing of a faster rate: %g", rate)
		}
		for range 10_000 {
			l.At(80).Accepted("x")
		}
		if rate := l.At(80).Rate(); rate != 80 {
			t.Errorf("it comes back to %g", rate)
		}
	})
}

// Any number above zero is a rate: none overflows, and the greatest has its bounds too.
func TestOddRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := whatsapp.NewLimiter(time.Now).At(1e-300)
		if first, second := slow.Reserve("a").Wait, slow.Reserve("b").Wait; first != 0 || second < 24*time.Hour {
			t.Errorf("one message in an age: %s, %s", first, second)
		}
		fast, began := whatsapp.NewLimiter(time.Now).At(1e6), time.Now()
		for range 100_000 {
			if err := fast.Wait(t.Context(), opened); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took < 90*time.Millisecond || took > 110*time.Millisecond {
			t.Errorf("100,000 messages at a million a second took %s", took)
		}
	})
}
