package runner_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp/sandbox"
)

// echo records a status right after an attempt was settled as in doubt.
type echo struct {
	engine.Ledger
	state delivery.State

	mu        sync.Mutex
	callbacks map[delivery.ID]string
}

func (l *echo) Intend(ctx context.Context, i delivery.Intent) (delivery.Ticket, error) {
	t, err := l.Ledger.Intend(ctx, i)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.callbacks[t.Delivery] = t.Callback
	return t, err
}

func (l *echo) Settle(ctx context.Context, a delivery.Attempt) (delivery.Delivery, error) {
	d, err := l.Ledger.Settle(ctx, a)
	if err != nil || d.State != delivery.InDoubt {
		return d, err
	}
	l.mu.Lock()
	callback := l.callbacks[a.Delivery]
	l.mu.Unlock()
	return d, l.Record(ctx, engine.Report{Body: []byte(`{}`), ReceivedAt: time.Now(), Statuses: []delivery.Status{{
		MessageID: "wamid.X" + callback, Callback: callback, State: l.state, Word: l.state.String(), At: time.Now(),
		Answer: delivery.Answer{Code: 131026, Message: "undeliverable"},
	}}})
}

func TestDoubtThatASettledStatusMadeAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.ledger = &echo{Ledger: h.ledger, callbacks: map[delivery.ID]string{}, state: delivery.Failed}
		h.fault(sandbox.Fault{Kind: sandbox.FaultCut, Times: 1})
		wantCounts(t, h.do(hello, engine.ModeRun), engine.Counts{Total: 1, Failed: 1}, engine.RunFailed)
	})
}

func TestDoubtThatWasSettledLeavesTheRestToResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.ledger = &echo{Ledger: h.ledger, callbacks: map[delivery.ID]string{}, state: delivery.Delivered}
		h.fault(sandbox.Fault{Kind: sandbox.FaultLost, Times: 1, Match: sandbox.Match{To: "34600000000"}})
		job := table(h, 3, "") + `
      - id: second
        sendText: { to: "${{ item.phone }}", body: "part two" }
`
		s := h.do(job, engine.ModeRun)
		if s.Run.Status != engine.RunStopped || h.accepted("+34600000000") != 1 {
			t.Fatalf("run is %s (%s), sent %v", s.Run.Status, s.Run.Reason, h.sandbox.Recipients())
		}
		run, err := h.ledger.Run(context.Background(), s.Run.ID)
		if err != nil {
			t.Fatal(err)
		}
		r := h.request(h.load(job), engine.ModeRun)
		r.Resume = &run
		wantCounts(t, h.execute(context.Background(), r), engine.Counts{Total: 6, Succeeded: 6}, engine.RunSucceeded)
		for to, n := range h.sandbox.Recipients() {
			if n != 2 {
				t.Errorf("%s got %d of 2 messages", to, n)
			}
		}
	})
}

func TestDoubtStopsAGroupOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		h.fault(sandbox.Fault{Kind: sandbox.FaultLost, Times: 3})
		job := table(h, 50, "      concurrency: 1\n      stopAfter: 3")
		s := h.do(job, engine.ModeApply)
		if want := "stopAfter: of 3 items of people 0 failed and 3 are in doubt"; s.Run.Status != engine.RunStopped || s.Run.Reason != want {
			t.Errorf("run is %s: %s, want stopped: %s", s.Run.Status, s.Run.Reason, want)
		}
		// What an earlier run left in doubt is held, and stops no other.
		wantCounts(t, h.do(job, engine.ModeApply), engine.Counts{Total: 50, Succeeded: 47, InDoubt: 3}, engine.RunInDoubt)
	})
}

func TestInDoubt(t *testing.T) {
	job := func(policy string) string {
		return `
version: 1
name: doubt
onUncertain: ` + policy + `
steps:
  - id: greet
    sendText: { to: "+34612345678", body: Hola }
  - id: fallback
    if: ${{ !steps.greet.success }}
    sendText: { to: "+34600000001", body: fallback }
  - id: alarm
    if: failed()
    sendText: { to: "+34600000002", body: alarm }
`
	}
	for _, c := range []struct {
		policy   string
		fault    sandbox.Fault
		accepted int
		status   engine.RunStatus
		again    int // accepted after applying again
	}{
		{"hold", sandbox.Fault{Kind: sandbox.FaultLost, Times: 1}, 1, engine.RunInDoubt, 1},
		{"hold", sandbox.Fault{Kind: sandbox.FaultCut, Times: 1}, 0, engine.RunInDoubt, 0},
		{"hold", sandbox.Fault{Kind: sandbox.FaultNoID, Times: 1}, 1, engine.RunInDoubt, 1},
		{"hold", sandbox.Fault{Kind: sandbox.FaultNotJSON, Times: 1}, 1, engine.RunInDoubt, 1},
		{"strict", sandbox.Fault{Kind: sandbox.FaultHTML, Times: 1}, 0, engine.RunInDoubt, 0},
		{"strict", sandbox.Fault{Kind: sandbox.FaultError, Code: 131000, Times: 1}, 1, engine.RunSucceeded, 1},
		{"resend", sandbox.Fault{Kind: sandbox.FaultLost, Times: 1}, 2, engine.RunSucceeded, 2},
	} {
		t.Run(c.policy+" "+c.fault.Kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				h.fault(c.fault)
				s := h.do(job(c.policy), engine.ModeApply)
				if s.Run.Status != c.status {
					t.Errorf("run is %s, want %s", s.Run.Status, c.status)
				}
				if got := h.accepted("+34612345678"); got != c.accepted {
					t.Errorf("%d accepted, want %d", got, c.accepted)
				}
				if h.accepted("+34600000001")+h.accepted("+34600000002") != 0 {
					t.Error("a fallback went out for a message that may yet arrive")
				}
				s = h.do(job(c.policy), engine.ModeApply)
				if s.Run.Status != c.status {
					t.Errorf("run again is %s, want %s", s.Run.Status, c.status)
				}
				if got := h.accepted("+34612345678"); got != c.again {
					t.Errorf("%d accepted after applying again, want %d", got, c.again)
				}
			})
		})
	}
}
