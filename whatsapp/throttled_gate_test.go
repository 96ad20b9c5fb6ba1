package whatsapp_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/whatsapp"
)

// strictNumber is a number that bears fewer messages a second than is asked of it, and whoever sends to it by many workers, each of which
// writes an intent before it stands at the gate.
type strictNumber struct {
	bears  int
	commit func() time.Duration // what it takes to write an intent

	mu       sync.Mutex
	took     []time.Time
	intended int // intents that were written and whose requests did not leave yet
}

// takes says whether WhatsApp takes a message now.
func (s *strictNumber) takes() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if n := len(s.took); n >= s.bears && now.Sub(s.took[n-s.bears]) < time.Second {
		return false
	}
	s.took = append(s.took, now)
	return true
}

func (s *strictNumber) intends(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intended += n
}

// send has a worker send messages one after another, each until it is taken.
func (s *strictNumber) send(p whatsapp.Pace, worker int, until time.Time) {
	for n := 0; time.Now().Before(until); n++ {
		to := strconv.Itoa(worker) + "-" + strconv.Itoa(n)
		for taken := false; !taken && time.Now().Before(until); {
			r := p.Reserve(to)
			for ; p.Stale(r); r = p.Reserve(to) {
				time.Sleep(r.Wait)
			}
			if time.Sleep(r.Wait); p.Stale(r) {
				continue
			}
			time.Sleep(s.commit())
			s.intends(1)
			slowed := p.Stale(r) || p.Wait(context.Background(), opened) != nil
			s.intends(-1)
			switch taken = !slowed && s.takes(); {
			case slowed:
			case taken:
				p.Accepted(to)
			default:
				p.Throttled(0)
				time.Sleep(time.Second + rand.N(time.Second/4))
			}
		}
	}
}

// TestFewStandAtTheGate has a number throttle a job that asks for far more than it bears: once the rate is found, few messages wait with an
// intent that is written, for each of them is in doubt when the process dies.
func TestFewStandAtTheGate(t *testing.T) {
	t.Parallel()
	for name, limiters := range map[string]func() []*whatsapp.Limiter{
		"alone": func() []*whatsapp.Limiter { return []*whatsapp.Limiter{whatsapp.NewLimiter(time.Now)} },
		"shared": func() []*whatsapp.Limiter {
			b := &board{recovers: true}
			return []*whatsapp.Limiter{whatsapp.NewSharedLimiter(time.Now, b), whatsapp.NewSharedLimiter(time.Now, b)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &strictNumber{bears: 80, commit: func() time.Duration { return 20*time.Millisecond + rand.N(40*time.Millisecond) }}
				began := time.Now()
				var workers sync.WaitGroup
				for _, l := range limiters() {
					for n := range 250 {
						workers.Go(func() { s.send(l.At(1000), n, began.Add(20*time.Second)) })
					}
				}
				most := 0
				for time.Since(began) < 20*time.Second {
					time.Sleep(100 * time.Millisecond)
					s.mu.Lock()
					if time.Since(began) > 5*time.Second {
						most = max(most, s.intended)
					}
					s.mu.Unlock()
				}
				workers.Wait()
				t.Logf("%d taken in 20 s, at most %d at the gate", len(s.took), most)
				if most > 160 {
					t.Errorf("up to %d messages wait with an intent", most)
				}
				if len(s.took) < 20*s.bears/2 {
					t.Errorf("%d messages were taken in 20 s by a number that bears %d a second", len(s.took), s.bears)
				}
			})
		})
	}
}
