package runner_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/whatsapp/sandbox"
)

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
		if want := "1 that were begun were not sent: their rows are gone, or fail now"; s.Run.Status != engine.RunFailed || s.Run.Reason != want {
			t.Errorf("run is %s: %s, want failed: %s", s.Run.Status, s.Run.Reason, want)
		}
	})
}
