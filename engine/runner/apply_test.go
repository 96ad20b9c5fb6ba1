package runner_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/whatsapp/sandbox"
)

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

// A row that was begun and not sent, and is gone from the file, is told; it is no reason to resume for ever.
func TestRowThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		job := table(h, 2, "")
		h.file("people.csv", "id,phone,name\na,+34600000001,Ana\nb,+34600000002,Bea\n")
		h.fault(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Match: sandbox.Match{To: "34600000002"}, Times: 1})
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		s := h.execute(ctx, h.request(h.load(job), engine.ModeApply))
		if s.Run.Status != engine.RunInterrupted {
			t.Fatalf("run is %s, want interrupted", s.Run.Status)
		}
		h.file("people.csv", "id,phone,name\na,+34600000001,Ana\n")
		run, err := h.ledger.Run(context.Background(), s.Run.ID)
		if err != nil {
			t.Fatal(err)
		}
		r := h.request(h.load(job), engine.ModeApply)
		r.Resume = &run
		s = h.execute(context.Background(), r)
		if want := "1 that was begun was not sent: its row is gone, or fails now"; s.Run.Status != engine.RunFailed || s.Run.Reason != want {
			t.Errorf("run is %s: %s, want failed: %s", s.Run.Status, s.Run.Reason, want)
		}
	})
}
