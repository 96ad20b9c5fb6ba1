package runner_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp/sandbox"
)

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

func TestRetriesByCode(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    sandbox.Fault
		requests int
		accepted int
		status   engine.RunStatus
		code     int
		least    time.Duration // virtual time that must pass
	}{
		{"throttling as HTTP 400", sandbox.Fault{Kind: sandbox.FaultThrottle, Times: 2}, 3, 1, engine.RunSucceeded, 0, 3 * time.Second},
		{"bare 429 with Retry-After", sandbox.Fault{Kind: sandbox.FaultStatus, Status: 429, RetryAfter: 30, Times: 1}, 2, 1, engine.RunSucceeded, 0, 30 * time.Second},
		{"500 with a code", sandbox.Fault{Kind: sandbox.FaultError, Code: 131000, Times: 3}, 4, 1, engine.RunSucceeded, 0, 7 * time.Second},
		{"a gateway's page", sandbox.Fault{Kind: sandbox.FaultHTML, Times: 1}, 2, 1, engine.RunSucceeded, 0, time.Second},
		{"no connection", sandbox.Fault{Kind: sandbox.FaultRefuse, Times: 2}, 3, 1, engine.RunSucceeded, 0, 3 * time.Second},
		{"throttling without end", sandbox.Fault{Kind: sandbox.FaultThrottle, Times: 99}, 5, 0, engine.RunFailed, 130429, 15 * time.Second},
		{"refused for good", sandbox.Fault{Kind: sandbox.FaultError, Code: 131030, Times: 9}, 1, 0, engine.RunFailed, 131030, 0},
		{"permanent despite 500", sandbox.Fault{Kind: sandbox.FaultError, Code: 131045, Status: 500, Times: 9}, 1, 0, engine.RunStopped, 131045, 0},
		{"bad token", sandbox.Fault{Kind: sandbox.FaultError, Code: 190, Status: 401, Times: 9}, 1, 0, engine.RunStopped, 190, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				h.fault(c.fault)
				began := time.Now()
				s := h.do(hello, engine.ModeRun)
				if got := len(h.posts()); got != c.requests {
					t.Errorf("%d requests, want %d", got, c.requests)
				}
				if got := h.accepted("+34612345678"); got != c.accepted {
					t.Errorf("%d accepted, want %d", got, c.accepted)
				}
				if s.Run.Status != c.status {
					t.Errorf("run is %s (%s), want %s", s.Run.Status, s.Run.Reason, c.status)
				}
				if passed := time.Since(began); passed < c.least {
					t.Errorf("took %s, want at least %s", passed, c.least)
				}
				if c.code != 0 && (len(s.Errors) != 1 || s.Errors[0].Code != c.code) {
					t.Errorf("errors %v, want one with code %d", s.Errors, c.code)
				}
			})
		})
	}
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

// table is a CSV of n rows, and a job that texts each.
func table(h *house, n int, options string) string {
	var b strings.Builder
	b.WriteString("id;phone;name\n")
	for i := range n {
		fmt.Fprintf(&b, "c%d;+346%08d;Ana %d\n", i, i, i)
	}
	h.file("people.csv", b.String())
	return `
version: 1
name: batch
connection: { throughput: 1000 }
steps:
  - id: people
    forEach:
      csv: people.csv
      key: ${{ item.id }}
` + options + `
    steps:
      - id: text
        sendText: { to: "${{ item.phone }}", body: "Hola ${{ item.name }}" }
`
}

func TestApplyTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		job := table(h, 300, "")
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 300, Succeeded: 300}, engine.RunSucceeded)
		s = h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 300, Succeeded: 300}, engine.RunSucceeded)
		if got := len(h.sandbox.Messages("")); got != 300 {
			t.Errorf("%d messages after applying twice, want 300", got)
		}
		plan, err := h.engine().Plan(context.Background(), h.request(h.load(job), engine.ModeApply))
		if err != nil {
			t.Fatal(err)
		}
		if plan.New != 0 || plan.AlreadySent != 300 || plan.Changed != 0 {
			t.Errorf("plan %+v", plan)
		}
		// A run is another matter: its scope is itself.
		s = h.do(job, engine.ModeRun)
		wantCounts(t, s, engine.Counts{Total: 300, Succeeded: 300}, engine.RunSucceeded)
		if got := len(h.sandbox.Messages("")); got != 600 {
			t.Errorf("%d messages after a run, want 600", got)
		}
	})
}

func TestSlowRecipientHoldsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131056, Times: 4, Match: sandbox.Match{To: "34600000000"}})
		job := table(h, 100, "      concurrency: 1")
		began := time.Now()
		var last time.Time
		s := h.do(job, engine.ModeRun)
		for _, m := range h.sandbox.Messages("") {
			if m.To != "34600000000" {
				last = m.At
			}
		}
		wantCounts(t, s, engine.Counts{Total: 100, Succeeded: 100}, engine.RunSucceeded)
		if passed := last.Sub(began); passed > 10*time.Second {
			t.Errorf("the others were done after %s: one slow recipient held them", passed)
		}
		if passed := time.Since(began); passed < 85*time.Second { // 1 + 4 + 16 + 64
			t.Errorf("the slow one was done after %s, want 4^X s a time", passed)
		}
	})
}

func TestStopAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131030, Times: 1000})
		s := h.do(table(h, 200, "      concurrency: 1\n      stopAfter: 5%"), engine.ModeApply)
		if s.Run.Status != engine.RunStopped || s.Run.Counts.Failed != 20 {
			t.Errorf("got %s with %+v, want stopped after 20", s.Run.Status, s.Run.Counts)
		}
	})
}

func TestDuplicateKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		job := table(h, 2, "")
		h.file("people.csv", "id,phone,name\na,+34600000001,Ana\nb,+34600000002,Bea\na,+34600000003,Ana bis\n")
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 3, Succeeded: 2, Skipped: 1}, engine.RunSucceeded)
		if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0].Summary, "rows 2 and 4") {
			t.Errorf("warnings %+v", s.Warnings)
		}
		if got := len(h.sandbox.Messages("")); got != 2 {
			t.Errorf("%d messages, want 2", got)
		}
	})
}

func TestBadRowsFailAsItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		job := table(h, 2, "")
		h.file("people.csv", "id,phone,name\na,+34600000001,Ana\nb,nonsense,Bea\nc,+34600000003\n,+34600000004,Dora\n")
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 4, Succeeded: 1, Failed: 3}, engine.RunFailed)
		for i, want := range []int{3, 4, 5} {
			found := false
			for _, e := range s.Errors {
				found = found || e.Row == want
			}
			if !found {
				t.Errorf("no error %d names row %d: %v", i, want, s.Errors)
			}
		}
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

// slowLedger lets an intent take as long as a stopped process does.
type slowLedger struct {
	engine.Ledger
	sleep time.Duration
}

func (l *slowLedger) Intend(ctx context.Context, i delivery.Intent) (delivery.Ticket, error) {
	ticket, err := l.Ledger.Intend(ctx, i)
	time.Sleep(l.sleep)
	l.sleep = 0
	return ticket, err
}

func TestDeadlineStopsALateSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.ledger = &slowLedger{Ledger: h.ledger, sleep: time.Minute}
		s := h.do(hello, engine.ModeRun)
		wantCounts(t, s, engine.Counts{Total: 1, Succeeded: 1}, engine.RunSucceeded)
		attempts, err := h.ledger.Attempts(context.Background(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(attempts) != 2 || attempts[0].Result != delivery.ResultNotSent || attempts[1].Result != delivery.ResultAccepted {
			t.Errorf("attempts %+v: the first was late and must not have left", attempts)
		}
	})
}

func TestWaitingHoldsNoWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000, Delays: sandbox.Delays{Sent: time.Second, Delivered: time.Minute, Read: time.Hour}})
		job := table(h, 30, "      concurrency: 1") + `
      - id: seen
        getStatus: { messageId: "${{ steps.text.messageId }}", waitFor: delivered, waitTimeout: 10m }
`
		began := time.Now()
		s := h.do(job, engine.ModeRun)
		wantCounts(t, s, engine.Counts{Total: 30, Succeeded: 30}, engine.RunSucceeded)
		if passed := time.Since(began); passed < time.Minute || passed > 3*time.Minute {
			t.Errorf("took %s: with one worker that waits it takes 30 minutes, with none that waits about one", passed)
		}
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

func TestAdvisedWaitsKeepToMaxDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 134101, Times: 2})
		began := time.Now()
		s := h.do("defaults: { retry: { attempts: 3, delay: 200ms, maxDelay: 2s } }\n"+hello, engine.ModeRun)
		wantCounts(t, s, engine.Counts{Total: 1, Succeeded: 1}, engine.RunSucceeded)
		if passed := time.Since(began); passed > 5*time.Second {
			t.Errorf("took %s, the file lets two waits of 2 s", passed)
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
