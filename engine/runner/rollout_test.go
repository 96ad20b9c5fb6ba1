package runner_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/runner"
	"waybill/whatsapp/sandbox"
)

const inWaves = `, rollout: { waves: [5, 50%, 100%], observe: 10m, stopIf: { failed: 2, held: 1, codes: [131026] } }`

// applyWaves applies a rollout as if a receiver were alive, with an observer.
func (h *house) applyWaves(text string, change func(*runner.Request), observe func(engine.Event)) *engine.Summary {
	h.t.Helper()
	e := h.engine()
	keep := e.Observe
	e.Observe = func(ev engine.Event) {
		keep(ev)
		if observe != nil {
			observe(ev)
		}
	}
	req := h.request(h.load(text), engine.ModeApply)
	none := time.Duration(0)
	req.Receives, req.Settle = true, &none
	if change != nil {
		change(&req)
	}
	s, err := e.Execute(context.Background(), req)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// A rollout sends a small wave, looks at it until the time is over or all is known, and goes on.
func TestRolloutGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		began := time.Now()
		plan := h.plan(people(40, inWaves))
		if len(plan.Rollouts) != 1 || fmt.Sprint(plan.Rollouts[0].Sizes) != "[5 15 20]" {
			t.Errorf("planned waves %+v", plan.Rollouts)
		}
		s := h.applyWaves(people(40, inWaves), nil, nil)
		wantCounts(t, s, engine.Counts{Total: 40, Succeeded: 40}, engine.RunSucceeded)
		if took := time.Since(began); took < 20*time.Minute || took > 21*time.Minute {
			t.Errorf("it took %s, want two observations of ten minutes", took)
		}
	})
}

// What stopIf names stops the rollout behind its wave; only a person goes on, with the next wave.
func TestRolloutStops(t *testing.T) {
	for name, spoil := range map[string]func(h *house) func(engine.Event){
		"failures": func(h *house) func(engine.Event) {
			return h.failAfter(time.Minute, delivery.CausePerson, func(n int) bool { return n <= 2 })
		},
		"a code": func(h *house) func(engine.Event) {
			h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131026, Times: 1})
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				text := people(40, inWaves)
				s := h.applyWaves(text, nil, spoil(h))
				if c := s.Run.Counts; s.Run.Status != engine.RunStopped || c.Accepted > 5 || c.Total != 40 {
					t.Fatalf("run %s: %s; %+v", s.Run.Status, s.Run.Reason, c)
				}
				before := len(h.sandbox.Messages(""))
				again := h.applyWaves(text, nil, nil)
				if again.Run.Status != engine.RunStopped || len(h.sandbox.Messages("")) != before {
					t.Errorf("another apply: run %s, %d messages, %d before", again.Run.Status, len(h.sandbox.Messages("")), before)
				}
				on := h.applyWaves(text, func(r *runner.Request) { r.NextWave = true }, nil)
				if got := len(h.sandbox.Messages("")); got < 39 || on.Run.Status != engine.RunFailed || on.Run.Counts.Failed == 0 {
					t.Errorf("the next wave: run %s (%s), %d messages", on.Run.Status, on.Run.Reason, got)
				}
			})
		})
	}
}

// Without a receiver a rollout is refused.
func TestRolloutNeedsAReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		_, err := h.engine().Execute(context.Background(), h.request(h.load(people(3, inWaves)), engine.ModeApply))
		if err == nil || !strings.Contains(err.Error(), "no receiver") || len(h.posts()) > 0 {
			t.Errorf("%v, and %d requests", err, len(h.posts()))
		}
	})
}

// Whatever ends it and whenever, a rollout sends each person one message, and never a person of a later wave before those of an earlier
// one were looked at.
func TestRolloutWhenever(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cuts := rapid.SliceOfN(rapid.IntRange(1, 12), 0, 4).Draw(rt, "cuts")
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}).Draw(rt, "order")
		problem := ""
		synctest.Test(t, func(t *testing.T) {
			h := build(t, sandbox.Options{})
			waves := `, rollout: { waves: [5, 50%, 100%], observe: 1m }`
			shuffled := people(20, waves)
			for i, n := range order {
				shuffled = strings.Replace(shuffled, fmt.Sprintf("\"+3460000%04d\"", i), fmt.Sprintf("\"@%04d\"", n), 1)
			}
			shuffled = strings.ReplaceAll(shuffled, `"@`, `"+3460000`)
			for i, cut := range cuts {
				ctx, cancel := context.WithCancel(context.Background())
				var settled atomic.Int64
				e := h.engine()
				e.Observe = func(ev engine.Event) {
					if ev.Kind == engine.Settled && settled.Add(1) == int64(cut) {
						cancel()
					}
				}
				text := people(20, waves)
				if i%2 == 1 {
					text = shuffled
				}
				req := h.request(h.load(text), engine.ModeApply)
				req.Receives = true
				none := time.Duration(0)
				req.Settle = &none
				if _, err := e.Execute(ctx, req); err != nil {
					t.Fatal(err)
				}
				cancel()
			}
			h.applyWaves(shuffled, nil, nil)
			for to, n := range h.sandbox.Recipients() {
				if n != 1 {
					problem = fmt.Sprintf("%s got %d", to, n)
				}
			}
			if got := len(h.sandbox.Recipients()); got != 20 {
				problem = fmt.Sprintf("%d people of 20", got)
			}
		})
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

// A wave is judged by all of its messages, whichever run sent them.
func TestRolloutJudgesTheWholeWave(t *testing.T) {
	everyone := func(int) bool { return true }
	t.Run("sent by a run that was interrupted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := build(t, sandbox.Options{})
			ctx, cancel := context.WithCancel(context.Background())
			e := h.engine()
			fail := h.failAfter(time.Minute, delivery.CausePerson, everyone)
			e.Observe = func(ev engine.Event) {
				fail(ev)
				if ev.Kind == engine.Waiting && ev.Reason == "rollout" {
					cancel()
				}
			}
			req := h.request(h.load(people(40, inWaves)), engine.ModeApply)
			req.Receives = true
			if _, err := e.Execute(ctx, req); err != nil {
				t.Fatal(err)
			}
			s := h.applyWaves(people(40, inWaves), nil, nil)
			if c := s.Run.Counts; s.Run.Status != engine.RunStopped || c.Accepted > 5 {
				t.Errorf("run %s: %s; %+v", s.Run.Status, s.Run.Reason, c)
			}
		})
	})
}
