package runner_test

import (
	"context"
	"testing"
	"testing/synctest"

	"waybill/engine"
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
