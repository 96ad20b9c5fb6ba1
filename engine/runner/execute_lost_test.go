package runner_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp/sandbox"
)

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
