package runner_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/whatsapp/sandbox"
)

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
