package runner_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp/sandbox"
)

const manyPeople = `
version: 1
name: many
connection: { throughput: 1000 }
steps:
  - id: people
    forEach: { items: ["+34600000001", "+34600000002", "+34600000003", "+34600000004", "+34600000005", "+34600000006", "+34600000007",
      "+34600000008", "+34600000009", "+34600000010", "+34600000011", "+34600000012"], key: "${{ item }}", concurrency: 1 }
    sendTemplate: { to: "${{ item }}", templateName: appointment_reminder, languageCode: LANGUAGE, bodyParameters: [a, b, c, d] }
`

// As long as nothing was accepted, the fifth refusal of the message itself stops the run; the next apply tries the five again and sends
// the rest.
func TestFiveRefusalsAlikeStopTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		wrong := strings.ReplaceAll(manyPeople, "LANGUAGE", "xx")
		s := h.do(wrong, engine.ModeApply)
		if s.Run.Status != engine.RunStopped || len(h.posts()) != 5 || !strings.Contains(s.Run.Reason, "all refused") {
			t.Errorf("run %s (%s) after %d requests, want it stopped after 5", s.Run.Status, s.Run.Reason, len(h.posts()))
		}
		plan := h.plan(wrong)
		if plan.ToRetry+plan.Corrected != 5 || plan.New != 7 {
			t.Errorf("%d to retry, %d corrected, %d new; want the five again, and the seven", plan.ToRetry, plan.Corrected, plan.New)
		}
		h.do(strings.ReplaceAll(manyPeople, "LANGUAGE", "es"), engine.ModeApply)
		if got := len(h.sandbox.Messages("")); got != 12 {
			t.Errorf("%d messages, want 12", got)
		}
	})
}

// Refusals behind an acceptance stop nothing.
func TestRefusalsBehindAnAcceptanceGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 132001, Skip: 1, Times: 8})
		s := h.do(strings.ReplaceAll(manyPeople, "LANGUAGE", "es"), engine.ModeApply)
		if s.Run.Status != engine.RunFailed || len(h.posts()) != 12 {
			t.Errorf("run %s after %d requests, want it failed after 12: %s", s.Run.Status, len(h.posts()), s.Run.Reason)
		}
	})
}

// A changed recipient corrects any refusal; a changed text only one of the text.
func TestCorrections(t *testing.T) {
	const job = `
version: 1
name: corrected
steps:
  - id: people
    forEach: { items: [{ id: a, phone: "PHONE" }], key: "${{ item.id }}" }
    sendText: { to: "${{ item.phone }}", body: "TEXT" }
`
	text := func(phone, body string) string { return strings.NewReplacer("PHONE", phone, "TEXT", body).Replace(job) }
	for name, c := range map[string]struct {
		code   int
		second string
		sent   bool
	}{
		"the same again":             {131026, text("+34600000001", "one"), false},
		"another text, same person":  {131026, text("+34600000001", "two"), false},
		"another person":             {131026, text("+34600000002", "one"), true},
		"another text for the text":  {131051, text("+34600000001", "two"), true},
		"the same text for the text": {131051, text("+34600000001", "one"), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: c.code, Times: 1})
				h.do(text("+34600000001", "one"), engine.ModeApply)
				plan := h.plan(c.second)
				h.do(c.second, engine.ModeApply)
				if got := len(h.sandbox.Messages("")); (got == 1) != c.sent || (plan.Corrected == 1) != c.sent {
					t.Errorf("%d messages, and %d were planned as corrected; sent should be %t", got, plan.Corrected, c.sent)
				}
			})
		})
	}
}

// Where nothing connects, the messages of a forEach pause instead of failing; when it connects again they go out.
func TestOfflinePauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.fault(sandbox.Fault{Kind: sandbox.FaultRefuse, Times: 40})
		s := h.do(strings.ReplaceAll(manyPeople, "LANGUAGE", "es"), engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 12, Succeeded: 12, Accepted: 12}, engine.RunSucceeded)
		if told := h.waiting("offline"); len(told) == 0 || !strings.Contains(told[0], "nothing connects to") {
			t.Errorf("the user was told %q", told)
		}
	})
}

// Where nothing connects for too long the run is stopped, nothing counts as failed, and the next apply sends all.
func TestOfflineForTooLongStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.fault(sandbox.Fault{Kind: sandbox.FaultRefuse, Every: 1})
		s := h.do(strings.ReplaceAll(manyPeople, "LANGUAGE", "es"), engine.ModeApply)
		if s.Run.Status != engine.RunStopped || !strings.Contains(s.Run.Reason, "nothing connected to") {
			t.Errorf("run %s: %s", s.Run.Status, s.Run.Reason)
		}
		if c := s.Run.Counts; c.Failed != 0 || c.NotSent != 12 || c.Total != 12 {
			t.Errorf("counts %+v, want 12 not sent", c)
		}
		for d, err := range h.ledger.Deliveries(t.Context(), engine.DeliveryFilter{}) {
			if err != nil || d.State != delivery.Planned {
				t.Errorf("%s is %s, %v", d.Key.Item, d.State, err)
			}
		}
		h.sandbox.ClearFaults()
		h.do(strings.ReplaceAll(manyPeople, "LANGUAGE", "es"), engine.ModeApply)
		if got := len(h.sandbox.Messages("")); got != 12 {
			t.Errorf("%d messages, want 12", got)
		}
	})
}
