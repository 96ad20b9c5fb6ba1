package runner_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/whatsapp/sandbox"
)

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

// The number's throughput is reached although answers take so long that many must be waited for at once.
func TestSlowAnswersDoNotSlowTheNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		h.fault(sandbox.Fault{Kind: sandbox.FaultLatency, Delay: 1500 * time.Millisecond, Every: 1})
		job := strings.Replace(table(h, 2000, ""), "throughput: 1000", "throughput: 100", 1)
		begin := time.Now()
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 2000, Succeeded: 2000}, engine.RunSucceeded)
		if took := time.Since(begin); took > 26*time.Second {
			t.Errorf("2,000 messages at 100 a second took %s", took)
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
