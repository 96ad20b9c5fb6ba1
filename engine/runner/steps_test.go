package runner_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"waybill/engine"
	"waybill/whatsapp/sandbox"
)

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

const hello = `
version: 1
name: hello
steps:
  - id: greet
    sendText: { to: "+34612345678", body: Hola }
`

func TestOutputsReachLaterSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		s := h.do(`
version: 1
name: hello
vars:
  clinic: Clínica Norte
steps:
  - id: greet
    sendText: { to: "+34612345678", body: "Hola de ${{ vars.clinic }}" }
  - id: again
    sendText: { to: "+34612345679", body: "after ${{ steps.greet.recipient }}", replyTo: "${{ steps.greet.messageId }}" }
outputs:
  id: ${{ steps.again.messageId }}
`, engine.ModeRun)
		wantCounts(t, s, engine.Counts{Total: 2, Succeeded: 2}, engine.RunSucceeded)
		sent := h.sandbox.Messages("")
		if len(sent) != 2 || sent[1].Text != "after +34612345678" || sent[1].ReplyTo != sent[0].ID {
			t.Errorf("sent %+v", sent)
		}
		if s.Outputs["id"] != sent[1].ID {
			t.Errorf("output id is %v, want %v", s.Outputs["id"], sent[1].ID)
		}
	})
}

func TestFailedAndAlways(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131030, Match: sandbox.Match{To: "34612345678"}})
		s := h.do(`
version: 1
name: order
steps:
  - id: bad
    sendText: { to: "+34612345678", body: Hola }
  - id: passedOver
    sendText: { to: "+34600000001", body: never }
  - id: alarm
    if: failed()
    sendText: { to: "+34600000002", body: "${{ steps.bad.errorCode }}" }
  - id: last
    if: always()
    sendText: { to: "+34600000003", body: end }
`, engine.ModeRun)
		wantCounts(t, s, engine.Counts{Total: 4, Succeeded: 2, Failed: 1, Skipped: 1}, engine.RunFailed)
		if s.Steps["passedOver"]["skipped"] != true || s.Steps["passedOver"]["messageId"] != nil {
			t.Errorf("skipped step has %v", s.Steps["passedOver"])
		}
		if got := h.sandbox.Messages("34600000002"); len(got) != 1 || got[0].Text != "131030" {
			t.Errorf("alarm sent %+v", got)
		}
	})
}

func TestContinueOnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131030, Match: sandbox.Match{To: "34612345678"}})
		s := h.do(`
version: 1
name: borne
steps:
  - id: bad
    continueOnError: true
    sendText: { to: "+34612345678", body: Hola }
  - id: next
    sendText: { to: "+34600000001", body: next }
`, engine.ModeRun)
		wantCounts(t, s, engine.Counts{Total: 2, Succeeded: 1, Failed: 1}, engine.RunSucceeded)
	})
}

func TestAlwaysFollowsAGroupThatStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131030, Times: 3})
		s := h.do(table(h, 50, "      concurrency: 1\n      stopAfter: 3")+`
  - id: next
    sendText: { to: "+34700000001", body: never }
  - id: last
    if: always()
    sendText: { to: "+34700000002", body: end }
`, engine.ModeApply)
		if s.Run.Status != engine.RunStopped || !strings.Contains(s.Run.Reason, "3 of 3 items") {
			t.Errorf("run is %s (%s)", s.Run.Status, s.Run.Reason)
		}
		if h.accepted("+34700000001") != 0 || h.accepted("+34700000002") != 1 {
			t.Errorf("sent %v", h.sandbox.Recipients())
		}
	})
}

func TestLedgerKeepsNoSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		job := h.load(`
version: 1
name: secrets
steps:
  - id: people
    forEach: { items: ["${SECRET_KEY}"], key: "${{ item }}" }
    sendText: { to: "${SECRET_PHONE}", body: "for ${SECRET_KEY}" }
`)
		if _, err := h.engine().Execute(context.Background(), h.request(job, engine.ModeApply)); err != nil {
			t.Fatal(err)
		}
		s := h.execute(context.Background(), h.request(job, engine.ModeApply))
		wantCounts(t, s, engine.Counts{Total: 1, Succeeded: 1}, engine.RunSucceeded)
		if got := h.accepted("+34987654321"); got != 1 {
			t.Errorf("%d messages: a concealed key is the same key each time", got)
		}
		if err := h.ledger.Close(); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(h.dir, ".waybill", "*"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"keyOfTheCustomer", "34987654321"} {
				if bytes.Contains(text, []byte(secret)) {
					t.Errorf("%s holds %s", file, secret)
				}
			}
		}
	})
}
