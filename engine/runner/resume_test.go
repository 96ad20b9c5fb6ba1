package runner_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp/sandbox"
)

const withFallback = `version: 1
name: two
connection: { throughput: 1000 }
steps:
  - id: first
    sendText: { to: +34600000001, body: Hello }
  - id: second
    sendText: { to: +34600000002, body: Hello }
  - id: fallback
    if: ${{ failed() }}
    sendText: { to: +34600000003, body: Please call them }
`

// The end of a run between a failure and its fallback cuts the run short: resume owes the fallback.
func TestEndBeforeFallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131008, Status: 400, Times: 1})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		e := h.engine()
		e.Observe = func(ev engine.Event) {
			if ev.Kind == engine.StepFinished && ev.Ending == engine.EndedFailed {
				cancel() // Ctrl-C
			}
		}
		s, err := e.Execute(ctx, h.request(h.load(withFallback), engine.ModeApply))
		if err != nil || s.Run.Status != engine.RunInterrupted || len(h.sandbox.Messages("")) != 0 {
			t.Fatalf("%v, run is %s, want interrupted; %d sent", err, s.Run.Status, len(h.sandbox.Messages("")))
		}
		run, err := h.ledger.Run(context.Background(), s.Run.ID)
		if err != nil {
			t.Fatal(err)
		}
		r := h.request(h.load(withFallback), engine.ModeApply)
		r.Resume = &run
		if s := h.execute(context.Background(), r); s.Run.Status != engine.RunFailed || h.accepted("+34600000003") != 1 {
			t.Errorf("run is %s, the fallback went out %d times", s.Run.Status, h.accepted("+34600000003"))
		}
	})
}

const alert = `version: 1
name: alert
connection: { throughput: 1000 }
steps:
  - id: each
    forEach: { items: ["+34600000001"], key: "${{ item }}" }
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

// A run that ended while it waited for a message, which then failed, goes on with the fallback as it would have.
func TestFallbackAfterAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		e := h.engine()
		var id string
		e.Observe = func(ev engine.Event) {
			if ev.Kind == engine.Settled {
				id = ev.Delivery.MessageID
				cancel()
			}
		}
		if s, err := e.Execute(ctx, h.request(h.load(alert), engine.ModeApply)); err != nil || s.Run.Status != engine.RunInterrupted {
			t.Fatalf("%v, run is %s, want interrupted", err, s.Run.Status)
		}
		failed := delivery.Status{MessageID: id, State: delivery.Failed, Word: "failed", At: time.Now(), Answer: delivery.Answer{Code: 131026, Message: "undeliverable"}}
		if err := h.ledger.Record(context.Background(), engine.Report{Body: []byte("{}"), ReceivedAt: time.Now(), Statuses: []delivery.Status{failed}}); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time there is nothing to do
			s := h.do(alert, engine.ModeApply)
			wantCounts(t, s, engine.Counts{Total: 2, Succeeded: 1, Failed: 1}, engine.RunSucceeded)
			if h.accepted("+34600000001") != 1 || h.accepted("+34600000002") != 1 {
				t.Errorf("sent to %v", h.sandbox.Recipients())
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

func TestInterruptAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		job := strings.Replace(table(h, 400, ""), "throughput: 1000", "throughput: 80", 1)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		s := h.execute(ctx, h.request(h.load(job), engine.ModeRun))
		if s.Run.Status != engine.RunInterrupted {
			t.Fatalf("run is %s, want interrupted", s.Run.Status)
		}
		sent := len(h.sandbox.Messages(""))
		if sent < 100 || sent > 200 {
			t.Errorf("%d sent in 2 s at 80 a second", sent)
		}
		run, err := h.ledger.Run(context.Background(), s.Run.ID)
		if err != nil {
			t.Fatal(err)
		}
		r := h.request(h.load(job), engine.ModeRun)
		r.Resume = &run
		s = h.execute(context.Background(), r)
		wantCounts(t, s, engine.Counts{Total: 400, Succeeded: 400}, engine.RunSucceeded)
		for to, n := range h.sandbox.Recipients() {
			if n != 1 {
				t.Errorf("%s got %d", to, n)
			}
		}
		if got := len(h.sandbox.Recipients()); got != 400 {
			t.Errorf("%d people, want 400", got)
		}
	})
}

func TestResumeDoesNoMoreThanWasAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		job := table(h, 40, "")
		r := h.request(h.load(job), engine.ModeRun)
		r.Limit = 10
		s := h.execute(context.Background(), r)
		run, err := h.ledger.Run(context.Background(), s.Run.ID)
		if err != nil {
			t.Fatal(err)
		}
		r = h.request(h.load(job), engine.ModeRun)
		r.Resume = &run
		s = h.execute(context.Background(), r)
		wantCounts(t, s, engine.Counts{Total: 10, Succeeded: 10}, engine.RunSucceeded)
		if got := len(h.sandbox.Messages("")); got != 10 {
			t.Errorf("%d messages, want 10", got)
		}
	})
}
