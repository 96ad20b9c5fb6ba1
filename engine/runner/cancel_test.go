package runner_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/runner"
	"waybill/whatsapp/sandbox"
)

func (h *house) cancel(run string) {
	h.t.Helper()
	order := engine.Order{Kind: engine.OrderCancel, By: engine.Actor{User: "eva", Host: "clinic-1"}, At: time.Now()}
	if err := h.ledger.Give(context.Background(), run, order); err != nil {
		h.t.Fatal(err)
	}
}

// unsent are the rows of a run that are kept, "row 2: skipped (cancelled) …".
func (h *house) unsent(run string) (rows []engine.Unsent) {
	h.t.Helper()
	for u, err := range h.ledger.Unsent(context.Background(), engine.UnsentFilter{Run: run}) {
		if err != nil {
			h.t.Fatal(err)
		}
		rows = append(rows, u)
	}
	return rows
}

func (h *house) wantCancelled(run string, rows ...int) {
	h.t.Helper()
	var got []int
	for _, u := range h.unsent(run) {
		if u.Outcome != delivery.OutcomeSkipped || u.Reason != engine.ReasonCancelled || u.Message != "cancelled by eva on clinic-1" {
			h.t.Errorf("kept %+v", u)
		}
		got = append(got, u.Row)
	}
	if !slices.Equal(got, rows) {
		h.t.Errorf("rows %v are cancelled, want %v", got, rows)
	}
}

// resume takes a run up again.
func (h *house) resume(job, run string, due bool) (*engine.Summary, error) {
	h.t.Helper()
	was, err := h.ledger.Run(context.Background(), run)
	if err != nil {
		h.t.Fatal(err)
	}
	r := h.request(h.load(job), was.Mode)
	r.Scope, r.Resume, r.Due = was.Scope, &was, due
	return h.engine().Execute(context.Background(), r)
}

// TestCancelWhatWaits: what waits is dropped, and stays so when the run is taken up again. The next apply takes the rows for what they are.
func TestCancelWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is midnight in UTC, 01:00 in Madrid, and 21:00 of the day before in São Paulo
		h := build(t, sandbox.Options{})
		job := peopleJob(`quietHours: { from: "00:30", to: "09:00" }`, text, `to: "+34600000001"`, `to: "+5511988888888"`, `to: "+34600000002"`)
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 3, Waiting: 2, Succeeded: 1}, engine.RunStopped)
		h.cancel(s.Run.ID)
		run, err := h.ledger.Run(context.Background(), s.Run.ID)
		if err != nil || run.Counts.Skipped != 2 || run.Counts.Waiting != 0 || run.Cancelled == nil || run.Reason != "cancelled by eva on clinic-1" {
			t.Errorf("cancelled, the run is %+v, %v", run, err)
		}
		h.wantCancelled(run.ID, 1, 3)
		if _, err := h.resume(job, run.ID, true); err == nil {
			t.Error("by itself the run goes on")
		} else if ordered, ok := errors.AsType[*runner.OrderedError](err); !ok || ordered.Run != run.ID {
			t.Error(err)
		}
		time.Sleep(10 * time.Hour)
		for range 2 {
			s, err := h.resume(job, run.ID, false)
			if err != nil {
				t.Fatal(err)
			}
			wantCounts(t, s, engine.Counts{Total: 3, Skipped: 2, Succeeded: 1}, engine.RunSucceeded)
			h.wantCancelled(run.ID, 1, 3)
		}
		s = h.wantLike(job, map[string]int{"new": 2, "already-sent": 1})
		wantCounts(t, s, engine.Counts{Total: 3, Succeeded: 3}, engine.RunSucceeded)
		s, err = h.resume(job, run.ID, false)
		if err != nil {
			t.Fatal(err)
		}
		wantCounts(t, s, engine.Counts{Total: 3, Skipped: 2, Succeeded: 1}, engine.RunSucceeded) // though another run sent them since
		if h.accepted("+34600000001") != 1 {
			t.Error("sent twice")
		}
	})
}

// TestCancelWhileItWaits: a run that sits out a wait ends it.
func TestCancelWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		job := peopleJob(`quietHours: { from: "00:30", to: "01:05" }`, text, `to: "+34600000001"`, `to: "+5511988888888"`, `to: "+34600000002"`)
		began := time.Now()
		go func() {
			time.Sleep(time.Minute)
			run, err := h.ledger.Run(context.Background(), "last")
			if err != nil {
				t.Error(err)
				return
			}
			h.cancel(run.ID)
		}()
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 3, Skipped: 2, Succeeded: 1}, engine.RunStopped)
		if took := time.Since(began); took > 2*time.Minute || s.Run.Reason != "cancelled by eva on clinic-1" || s.Skipped[engine.ReasonCancelled] != 2 {
			t.Errorf("it took %v: %s, %v", took, s.Run.Reason, s.Skipped)
		}
		if v := s.Steps["each"]; v["total"] != 3 || v["skipped"] != 2 || v["waiting"] != 0 {
			t.Errorf("the group's outputs are %v", v)
		}
		h.wantCancelled(s.Run.ID, 1, 3)
		one := strings.Replace(job, "forEach:", "if: true\n    forEach:", 1) // also outside of a forEach
		one = one[:strings.Index(one, "steps:")] + "steps:\n  - sendText: { to: \"+34600000009\", body: Hello }\n"
		go func() {
			time.Sleep(time.Second)
			run, err := h.ledger.Run(context.Background(), "last")
			if err != nil {
				t.Error(err)
				return
			}
			h.cancel(run.ID)
		}()
		s = h.do(strings.Replace(one, "name: people", "name: one", 1), engine.ModeRun)
		wantCounts(t, s, engine.Counts{Total: 1, Skipped: 1}, engine.RunStopped)
	})
}

// accountWarnings are the warnings that rows are one account's.
func accountWarnings(s *engine.Summary) diag.List {
	return slices.DeleteFunc(slices.Clone(s.Warnings), func(d diag.Diagnostic) bool { return d.Code != "one-account" })
}

// TestOneAccount: rows that turn out to be one account's are told, with their numbers.
func TestOneAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		rows := []string{`to: "+553188888888"`, `to: "+34600000001"`, `to: "+5531988888888"`, `to: "+5531977777777"`}
		s := h.do(peopleJob(``, text, rows...), engine.ModeApply)
		found := accountWarnings(s)
		if len(found) != 1 || !strings.Contains(found[0].Summary, "+553188888888 and +5531988888888") || !strings.Contains(found[0].Summary, "rows 1, 3") {
			t.Errorf("warnings %v, want one of the two rows", s.Warnings)
		}
		s = h.do(strings.Replace(peopleJob(`once: true`, text, rows...), "name: people", "name: once", 1), engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 4, Skipped: 1, Succeeded: 3}, engine.RunSucceeded)
		if len(accountWarnings(s)) != 0 {
			t.Errorf("warnings %v, for one row alone was sent", s.Warnings)
		}
	})
}

// TestOptOutUnderAnIDThatIsPairedLater: who left under a user id gets nothing from the moment at which their number is known.
func TestOptOutUnderAnIDThatIsPairedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.optOut(engine.OptOut{Person: "ES.77", Scope: engine.ScopeAll, Source: engine.SourceWord})
		var rows []string
		for n := range 20 {
			rows = append(rows, `to: "+346000000`+string(rune('0'+n/10))+string(rune('0'+n%10))+`"`)
		}
		job := strings.NewReplacer("throughput: 1000", "throughput: 1", "      key:", "      concurrency: 1\n      key:").Replace(peopleJob(``, text, rows...))
		go func() { // a receiver beside the run
			time.Sleep(5 * time.Second)
			named := []engine.Identity{{WaID: "+34600000019", UserID: "ES.77", NumberID: "1", At: time.Now()}}
			if err := h.ledger.Record(context.Background(), engine.Report{Body: []byte("{}"), ReceivedAt: time.Now(), Identities: named}); err != nil {
				t.Error(err)
			}
		}()
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 20, Skipped: 1, Succeeded: 19}, engine.RunSucceeded)
	})
}

// TestTakenUpByItselfAndCutShort: a run that is taken up because its hour came keeps that until it ends, so that whoever comes next goes on.
func TestTakenUpByItselfAndCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		job := strings.Replace(peopleJob(`quietHours: { from: "00:30", to: "09:00" }`, text, `to: "+34600000001"`, `to: "+34600000002"`), "      key:", "      concurrency: 1\n      key:", 1)
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 2, Waiting: 2}, engine.RunStopped)
		hour := s.Run.WaitsUntil
		time.Sleep(time.Until(hour))
		h.fault(sandbox.Fault{Kind: sandbox.FaultLatency, Delay: time.Minute, Times: 1})
		ctx, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		was, err := h.ledger.Run(context.Background(), s.Run.ID)
		if err != nil {
			t.Fatal(err)
		}
		r := h.request(h.load(job), engine.ModeApply)
		r.Resume, r.Due = &was, true
		s = h.execute(ctx, r)
		if s.Run.Status != engine.RunInterrupted || !s.Run.WaitsUntil.Equal(hour) {
			t.Errorf("cut short it is %s, and waits until %v, want %v", s.Run.Status, s.Run.WaitsUntil, hour)
		}
		if s, err = h.resume(job, s.Run.ID, true); err != nil {
			t.Fatal(err)
		}
		wantCounts(t, s, engine.Counts{Total: 2, Succeeded: 2}, engine.RunSucceeded)
		if !s.Run.WaitsUntil.IsZero() {
			t.Errorf("over, it waits until %v", s.Run.WaitsUntil)
		}
	})
}
