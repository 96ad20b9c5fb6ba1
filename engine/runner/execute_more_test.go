package runner_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp/sandbox"
)

func TestThrottlingSlowsARunAndDoesNotStopIt(t *testing.T) {
	for _, rate := range []string{"10", "80"} {
		t.Run(rate, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{Throughput: 1000})
				job := strings.Replace(table(h, 600, ""), "throughput: 1000", "throughput: "+rate, 1)
				go func() {
					for range 5 {
						time.Sleep(1500 * time.Millisecond)
						_, _ = h.sandbox.AddFault(sandbox.Fault{Kind: sandbox.FaultThrottle, Times: 1})
					}
				}()
				s := h.do(job, engine.ModeRun)
				wantCounts(t, s, engine.Counts{Total: 600, Succeeded: 600}, engine.RunSucceeded)
			})
		})
	}
}

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

func TestResumeGoesOnBehindWhatStoppedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131026, Times: 3})
		job := table(h, 50, "      concurrency: 1\n      stopAfter: 3")
		s := h.do(job, engine.ModeApply)
		run, err := h.ledger.Run(context.Background(), s.Run.ID)
		if err != nil || s.Run.Status != engine.RunStopped {
			t.Fatal(s.Run.Status, err)
		}
		r := h.request(h.load(job), engine.ModeApply)
		r.Resume = &run
		wantCounts(t, h.execute(context.Background(), r), engine.Counts{Total: 50, Succeeded: 47, Failed: 3}, engine.RunFailed)
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

func TestRecipientsAreLimitedWhereNobodyCouldCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		var inbound []engine.Inbound
		for _, from := range []string{"34600000001", "34600000002", "34600000003"} {
			inbound = append(inbound, engine.Inbound{ID: from, NumberID: sandbox.DefaultPhoneNumberID, From: from, At: time.Now(), Type: "text"})
		}
		if err := h.ledger.Record(context.Background(), engine.Report{Body: []byte("{}"), ReceivedAt: time.Now(), Inbound: inbound}); err != nil {
			t.Fatal(err)
		}
		job := `
version: 1
name: answer
limits: { recipients: 2 }
steps:
  - id: inbox
    getMessages: {}
  - id: each
    forEach: { items: "${{ steps.inbox.messages }}", key: "${{ item.id }}" }
    sendText: { to: "+${{ item.from }}", body: hi }
`
		if audience, err := h.engine().Count(context.Background(), h.request(h.load(job), engine.ModeRun)); !audience.Unknown || err != nil {
			t.Errorf("the number of people is known: %+v, %v", audience, err)
		}
		s := h.do(job, engine.ModeRun)
		if got := len(h.sandbox.Messages("")); got != 2 || s.Run.Status != engine.RunStopped {
			t.Errorf("%d messages, run %s (%s): the limit is 2", got, s.Run.Status, s.Run.Reason)
		}
	})
}

func TestOnlyDoesNotLookAtTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		r := h.request(h.load(`
version: 1
name: only
steps:
  - id: spend
    listConversations: { startDate: "2026-03-01", endDate: "2026-03-31" }
  - id: warn
    if: ${{ steps.spend.totalCount > 100 }}
    sendText: { to: "+34600000001", body: much }
  - id: greet
    sendText: { to: "+34600000002", body: Hola }
`), engine.ModeRun)
		r.Only = "greet"
		wantCounts(t, h.execute(context.Background(), r), engine.Counts{Total: 1, Succeeded: 1}, engine.RunSucceeded)
	})
}

func TestASavedPlanCoversItsFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.file("a.pdf", "%PDF-1.4 one"+strings.Repeat("x", 200000))
		text := `
version: 1
name: files
steps:
  - id: owner
    sendMedia: { to: "+34600000001", mediaType: document, file: a.pdf }
`
		_, saved, err := h.engine().Save(context.Background(), h.request(h.load(text), engine.ModeApply))
		if err != nil {
			t.Fatal(err)
		}
		h.file("a.pdf", "%PDF-1.4 two"+strings.Repeat("y", 200000))
		r := h.request(h.load(text), engine.ModeApply)
		r.Expect = saved
		if _, err := h.engine().Execute(context.Background(), r); err == nil || !strings.Contains(err.Error(), "a.pdf changed") {
			t.Errorf("applied another file than was reviewed: %v", err)
		}
		h.file("a.pdf", "%PDF-1.4 one"+strings.Repeat("x", 200000))
		wantCounts(t, h.execute(context.Background(), r), engine.Counts{Total: 1, Succeeded: 1}, engine.RunSucceeded)
	})
}

func TestPlanSeesDeliveriesInsideGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		h.file("people.csv", "id,phone\na,+34600000001\nb,+34600000002\nc,+34600000003\n")
		text := `
version: 1
name: nested
connection: { throughput: 1 }
steps:
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}" }
    steps:
      - id: inner
        steps:
          - id: text
            sendText: { to: "${{ item.phone }}", body: Hola }
  - id: owner
    steps:
      - id: tell
        sendText: { to: "+34600000009", body: done }
`
		h.do(text, engine.ModeApply)
		plan, err := h.engine().Plan(context.Background(), h.request(h.load(text), engine.ModeApply))
		if err != nil || plan.New != 0 || plan.AlreadySent != 4 || plan.People != 0 {
			t.Errorf("plan %+v, %v", plan, err)
		}
		began := time.Now()
		wantCounts(t, h.do(text, engine.ModeApply), engine.Counts{Total: 4, Succeeded: 4}, engine.RunSucceeded)
		if passed := time.Since(began); passed > time.Second {
			t.Errorf("took %s: what was sent takes no place in line", passed)
		}
	})
}

func TestBrokenSourceCountsWhatWasDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		job := table(h, 2, "")
		h.file("people.csv", "id,phone,name\na,+34600000001,Ana\nb,+34600000002,\"Bea\nc,+34600000003,Cleo\n")
		s := h.do(job, engine.ModeApply)
		if got := s.Steps["people"]; s.Run.Status != engine.RunFailed || got["success"] != false || got["succeeded"] != 1 || got["errorMessage"] == nil {
			t.Errorf("run is %s, the group's outputs are %v", s.Run.Status, got)
		}
	})
}
