package runner_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/runner"
	"waybill/whatsapp/sandbox"
)

// people is a job of n people, one after the other at ten a second, with more of the forEach's keys.
func people(n int, more string) string {
	var items []string
	for i := range n {
		items = append(items, fmt.Sprintf(`"+3460000%04d"`, i))
	}
	return `
version: 1
name: late
connection: { throughput: 10 }
steps:
  - id: people
    forEach: { items: [` + strings.Join(items, ", ") + `], key: "${{ item }}"` + more + ` }
    sendText: { to: "${{ item }}", body: hi }
`
}

// failAfter lets each message that is accepted fail a moment later, as a webhook would tell it.
func (h *house) failAfter(d time.Duration, cause delivery.Cause, which func(n int) bool) func(engine.Event) {
	n := 0
	return func(e engine.Event) {
		if e.Kind != engine.Settled || e.Delivery.State != delivery.Accepted {
			return
		}
		h.mu.Lock()
		n++
		hit := which(n)
		h.mu.Unlock()
		if !hit {
			return
		}
		id := e.Delivery.MessageID
		time.AfterFunc(d, func() {
			h.record(delivery.Status{
				MessageID: id, State: delivery.Failed, Word: "failed", At: time.Now(), Cause: cause,
				Answer: delivery.Answer{Code: 131000, Message: "it failed"},
			})
		})
	}
}

// executeWatched executes a job with a further observer.
func (h *house) executeWatched(r engine.Mode, text string, observe func(engine.Event)) *engine.Summary {
	h.t.Helper()
	e := h.engine()
	keep := e.Observe
	e.Observe = func(ev engine.Event) {
		keep(ev)
		observe(ev)
	}
	req := h.request(h.load(text), r)
	listening := 5 * time.Second
	req.Settle = &listening
	s, err := e.Execute(context.Background(), req)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// Messages that fail later count for stopAfter: of ninety that all fail, few are sent.
func TestLateFailuresCountForStopAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		s := h.executeWatched(engine.ModeRun, people(90, ", stopAfter: 3"), h.failAfter(200*time.Millisecond, delivery.CausePerson, func(int) bool { return true }))
		c := s.Run.Counts
		if s.Run.Status != engine.RunStopped || c.Accepted > 20 || c.Undelivered != c.Accepted || c.NotSent != 90-c.Accepted || c.Total != 90 {
			t.Errorf("run %s: %s; counts %+v", s.Run.Status, s.Run.Reason, c)
		}
	})
}

// A fault of the account that comes later stops the run within a second.
func TestLateFaultOfTheAccountStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		s := h.executeWatched(engine.ModeRun, people(90, ""), h.failAfter(200*time.Millisecond, delivery.CauseAccount, func(n int) bool { return n == 5 }))
		if c := s.Run.Counts; s.Run.Status != engine.RunStopped || c.Accepted > 5+2+10+2 || c.Undelivered != 1 || c.Total != 90 {
			t.Errorf("run %s: %s; counts %+v", s.Run.Status, s.Run.Reason, c)
		}
	})
}

// What fails while the run settles makes it failed, and its counts say so for ever.
func TestFailuresWhileSettlingDecide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		s := h.executeWatched(engine.ModeApply, people(5, ""), h.failAfter(3*time.Second, delivery.CausePerson, func(n int) bool { return n == 2 }))
		wantCounts(t, s, engine.Counts{Total: 5, Succeeded: 4, Failed: 1, Undelivered: 1, Accepted: 5}, engine.RunFailed)
		again := h.do(people(5, ""), engine.ModeApply)
		if c := again.Run.Counts; c.Succeeded != 4 || c.Undelivered != 1 || c.Total != 5 {
			t.Errorf("the second apply counts %+v", c)
		}
	})
}

// What fails while the run settles is told, and the group's outputs count its items as failed.
func TestFailuresWhileSettlingAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		s := h.executeWatched(engine.ModeApply, people(5, ""), h.failAfter(3*time.Second, delivery.CausePerson, func(n int) bool { return n <= 2 }))
		told := 0
		for _, ev := range h.events {
			if ev.Kind == engine.Undelivered {
				told++
			}
		}
		if told != 2 {
			t.Errorf("%d failures were told, want 2", told)
		}
		if g := s.Steps["people"]; g["succeeded"] != 3 || g["failed"] != 2 || g["success"] != false {
			t.Errorf("the group's outputs are %v", g)
		}
	})
}

// An order to stop ends the settling of a run, whose status stays.
func TestAnOrderEndsTheSettling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		began := time.Now()
		s := h.executeWatched(engine.ModeApply, people(2, ""), func(ev engine.Event) {
			if ev.Kind == engine.RunStarted {
				run := ev.Run.ID
				time.AfterFunc(2*time.Second, func() {
					if err := h.ledger.Give(context.Background(), run, engine.Order{Kind: engine.OrderStop}); err != nil {
						t.Error(err)
					}
				})
			}
		})
		if took := time.Since(began); s.Run.Status != engine.RunSucceeded || took > 3*time.Second {
			t.Errorf("run %s after %s", s.Run.Status, took)
		}
	})
}

// A run that turns out failed while it settles still counts what earlier runs had sent.
func TestFailuresWhileSettlingKeepWhatWasMet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.do(people(3, ""), engine.ModeApply)
		s := h.executeWatched(engine.ModeApply, people(5, ""), h.failAfter(3*time.Second, delivery.CausePerson, func(n int) bool { return n == 2 }))
		wantCounts(t, s, engine.Counts{Total: 5, Succeeded: 4, Failed: 1, Undelivered: 1, Accepted: 5}, engine.RunFailed)
	})
}

// What fails after the run ended is in its counts and in those of a later apply that met it.
func TestCountsFollowWebhooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		first := h.do(people(3, ""), engine.ModeApply)
		second := h.do(people(3, ""), engine.ModeApply)
		for d, err := range h.ledger.Deliveries(t.Context(), engine.DeliveryFilter{Limit: 1}) {
			if err != nil {
				t.Fatal(err)
			}
			h.record(delivery.Status{MessageID: d.MessageID, State: delivery.Failed, Word: "failed", At: time.Now(), Cause: delivery.CausePerson})
		}
		for _, id := range []string{first.Run.ID, second.Run.ID} {
			run, err := h.ledger.Run(t.Context(), id)
			if c := run.Counts; err != nil || c.Succeeded != 2 || c.Undelivered != 1 || c.Failed != 1 || c.Total != 3 {
				t.Errorf("run %s counts %+v, %v", id, c, err)
			}
		}
	})
}

// A late failure that a later message of the item made up for is counted, and is no failure of the run.
func TestAFallbackExcusesALateFailure(t *testing.T) {
	const job = `
version: 1
name: excused
connection: { throughput: 1000 }
steps:
  - id: each
    forEach: { items: ["+34600555131026"], key: "${{ item }}" }
    steps:
      - id: first
        sendText: { to: "${{ item }}", body: Alert }
      - id: seen
        getStatus: { messageId: "${{ steps.first.messageId }}", waitFor: delivered, waitTimeout: 1m }
        continueOnError: true
      - id: fallback
        if: ${{ !steps.seen.success }}
        sendText: { to: +34600000002, body: Alert }
`
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		s := h.executeWatched(engine.ModeRun, job, h.failAfter(3*time.Second, delivery.CausePerson, func(n int) bool { return n == 1 }))
		wantCounts(t, s, engine.Counts{Total: 2, Succeeded: 1, Failed: 1, Undelivered: 1, Accepted: 2}, engine.RunSucceeded)
	})
}

// A person's order ends a run within a second, from another handle of the ledger; an apply refuses to go on, a resume does.
func TestAnOrderStopsARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		ordered := false
		s := h.executeWatched(engine.ModeApply, people(60, ""), func(e engine.Event) {
			if e.Kind == engine.Settled && !ordered {
				ordered = true
				run := ""
				for r, err := range h.ledger.Runs(context.Background(), engine.RunFilter{Limit: 1}) {
					if err != nil {
						t.Error(err)
					}
					run = r.ID
				}
				go func() {
					if err := h.ledger.Give(context.Background(), run, engine.Order{Kind: engine.OrderStop, By: engine.Actor{User: "ana"}, At: time.Now()}); err != nil {
						t.Error(err)
					}
				}()
			}
		})
		if c := s.Run.Counts; s.Run.Status != engine.RunStopped || c.Accepted > 20 || c.Total != 60 || !strings.Contains(s.Run.Reason, "ana") {
			t.Errorf("run %s: %s; counts %+v", s.Run.Status, s.Run.Reason, c)
		}
		req := h.request(h.load(people(60, "")), engine.ModeApply)
		if _, err := h.engine().Execute(context.Background(), req); err == nil || !strings.Contains(err.Error(), "only a person goes on") {
			t.Errorf("another apply went on: %v", err)
		}
		kept, err := h.ledger.Run(context.Background(), s.Run.ID)
		if err != nil {
			t.Fatal(err)
		}
		req.Resume = &kept
		wantCounts(t, h.execute(context.Background(), req), engine.Counts{Total: 60, Succeeded: 60}, engine.RunSucceeded)
	})
}

// A message whose time is over is skipped.
func TestExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		text := strings.Replace(people(30, ""), "body: hi", "body: hi, expires: 1s", 1)
		s := h.do(text, engine.ModeApply)
		if c := s.Run.Counts; c.Skipped == 0 || c.Succeeded+c.Skipped != 30 || c.Total != 30 {
			t.Errorf("counts %+v", c)
		}
	})
}

// A person who stops a run whose process was killed, or that was interrupted, keeps an apply from going on with it.
func TestAnOrderToAnInterruptedRunHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		ctx, cancel := context.WithCancel(context.Background())
		e := h.engine()
		e.Observe = func(ev engine.Event) {
			if ev.Kind == engine.Settled {
				cancel()
			}
		}
		s, err := e.Execute(ctx, h.request(h.load(people(9, "")), engine.ModeApply))
		if err != nil || s.Run.Status != engine.RunInterrupted {
			t.Fatalf("%v %v", s, err)
		}
		if err := h.ledger.Give(t.Context(), s.Run.ID, engine.Order{Kind: engine.OrderStop}); err != nil {
			t.Fatal(err)
		}
		var ordered *runner.OrderedError
		if _, err := h.engine().Execute(t.Context(), h.request(h.load(people(9, "")), engine.ModeApply)); !errors.As(err, &ordered) {
			t.Errorf("the next apply: %v", err)
		}
	})
}

// What an earlier run sent and fails while an apply settles makes the apply failed: its counts say that it failed.
func TestWhatWasMetFailsWhileSettling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		fail := h.failAfter(3*time.Second, delivery.CausePerson, func(n int) bool { return n == 2 })
		e := h.engine()
		e.Observe = func(ev engine.Event) { fail(ev) }
		req, none := h.request(h.load(people(3, "")), engine.ModeApply), time.Duration(0)
		req.Settle = &none
		if _, err := e.Execute(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		s := h.executeWatched(engine.ModeApply, people(5, ""), func(engine.Event) {})
		wantCounts(t, s, engine.Counts{Total: 5, Succeeded: 4, Failed: 1, Undelivered: 1, Accepted: 5}, engine.RunFailed)
	})
}

// A run that settles for long says so once.
func TestSettlingIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		e, told := h.engine(), []string{}
		e.Observe = func(ev engine.Event) {
			if ev.Kind == engine.Waiting {
				told = append(told, ev.Message)
			}
		}
		req, long := h.request(h.load(people(2, "")), engine.ModeApply), 30*time.Second
		req.Settle = &long
		if _, err := e.Execute(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		if len(told) != 1 || !strings.Contains(told[0], "up to 25s more") || !strings.Contains(told[0], "2 messages") {
			t.Errorf("told %q", told)
		}
	})
}
