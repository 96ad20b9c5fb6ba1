package runner_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp/sandbox"
)

const greetings = `version: 1
name: greetings
connection: { throughput: 1000 }
defaults: { retry: { attempts: 3, delay: 10ms } }
steps:
  - id: each
    forEach: { items: [{ id: a, to: "+34600000001" }, { id: b, to: "+34600000002" }, { id: c, to: "+34600000003" }], key: "${{ item.id }}", concurrency: 1 }
    sendText: { to: "${{ item.to }}", body: Hello }
`

// greeter sends the changed greetings once more, and resumes runs of that.
type greeter struct {
	*house
	changed string
}

// greeted applies the job and changes its text.
func greeted(h *house) greeter {
	h.t.Helper()
	h.do(greetings, engine.ModeApply)
	return greeter{h, strings.Replace(greetings, "body: Hello", "body: Good day", 1)}
}

func (g greeter) once() *engine.Summary {
	g.t.Helper()
	r := g.request(g.load(g.changed), engine.ModeApply)
	r.Again.Changed = true
	return g.execute(context.Background(), r)
}

func (g greeter) resume(id string) *engine.Summary {
	g.t.Helper()
	run, err := g.ledger.Run(context.Background(), id)
	if err != nil {
		g.t.Fatal(err)
	}
	r := g.request(g.load(g.changed), engine.ModeApply)
	r.Resume = &run
	return g.execute(context.Background(), r)
}

func (h *house) wantEach(n int, when string) {
	h.t.Helper()
	for _, to := range []string{"+34600000001", "+34600000002", "+34600000003"} {
		if got := h.accepted(to); got != n {
			h.t.Errorf("%s, %s got %d messages, want %d", when, to, got, n)
		}
	}
}

// A run that sends once more and is cut short goes on with the same items, and nobody gets a third message.
func TestAgainIsResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		do := greeted(h)
		h.wantEach(1, "at first")
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		e := h.engine()
		e.Observe = func(ev engine.Event) {
			if ev.Kind == engine.Settled {
				cancel()
			}
		}
		r := h.request(h.load(strings.Replace(greetings, "body: Hello", "body: Good day", 1)), engine.ModeApply)
		r.Again.Changed = true
		s, err := e.Execute(ctx, r)
		if err != nil || s.Run.Status != engine.RunInterrupted || h.accepted("+34600000001") != 2 || h.accepted("+34600000003") != 1 {
			t.Fatalf("%v, run is %s", err, s.Run.Status)
		}
		if s := do.resume(s.Run.ID); s.Run.Status != engine.RunSucceeded || s.Run.Counts.Succeeded != 3 {
			t.Errorf("run is %s, %+v", s.Run.Status, s.Run.Counts)
		}
		h.wantEach(2, "resumed")
		do.resume(s.Run.ID)
		do.once()
		h.wantEach(2, "with nothing changed")
	})
}

// What of it is in doubt is held, as anything else is: by its run, and by another that sends once more.
func TestAgainInDoubtIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		do := greeted(h)
		h.fault(sandbox.Fault{Kind: sandbox.FaultLost, Times: 1})
		s := do.once()
		if s.Run.Status != engine.RunInDoubt || s.Run.Counts.InDoubt != 1 || s.Run.Counts.Succeeded != 2 {
			t.Fatalf("run is %s, %+v", s.Run.Status, s.Run.Counts)
		}
		h.wantEach(2, "with one answer lost")
		do.resume(s.Run.ID)
		if s := do.once(); s.Run.Status != engine.RunInDoubt {
			t.Errorf("run is %s, want in doubt", s.Run.Status)
		}
		h.wantEach(2, "held")
		// To everybody else the item counts as sent.
		plain := h.do(strings.Replace(greetings, "body: Hello", "body: Good day", 1), engine.ModeApply)
		if plain.Run.Status != engine.RunSucceeded || plain.Run.Counts.Succeeded != 3 || plain.Changed != 1 {
			t.Errorf("run is %s, %+v, %d changed", plain.Run.Status, plain.Run.Counts, plain.Changed)
		}
		h.wantEach(2, "applied")
	})
}

// A further message that was throttled to its end is sent by its run when that is resumed, and by another that sends once more; not by a
// plain apply, for the item was sent.
func TestAgainNotSentIsLeftByOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		do := greeted(h)
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 130429, Status: 429, Times: 9})
		if s := do.once(); s.Run.Counts.NotSent != 3 {
			t.Fatalf("run is %s, %+v", s.Run.Status, s.Run.Counts)
		}
		h.wantEach(1, "throttled")
		if s := h.do(strings.Replace(greetings, "body: Hello", "body: Good day", 1), engine.ModeApply); s.Changed != 3 || s.Run.Counts.Succeeded != 3 {
			t.Errorf("%+v, %d changed", s.Run.Counts, s.Changed)
		}
		h.wantEach(1, "applied")
		if s := do.once(); s.Run.Counts.Succeeded != 3 {
			t.Errorf("%+v", s.Run.Counts)
		}
		h.wantEach(2, "sent once more")
		for d, err := range h.ledger.Deliveries(context.Background(), engine.DeliveryFilter{}) {
			if err != nil || d.State != delivery.Accepted || d.Key.Again == 1 && d.Attempts != 4 {
				t.Errorf("%+v, %v", d, err)
			}
		}
	})
}

// An apply with the rows and the job of the last one makes no message again to compare it; with others it does, and with one found changed
// the next one looks again.
func TestAppliesLookForChangesOnlyWhereThereMayBeSome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		h.do(greetings, engine.ModeApply)
		found := func() string {
			digest, err := h.ledger.Unchanged(context.Background(), "greetings", engine.ScopeEver)
			if err != nil {
				t.Fatal(err)
			}
			return digest
		}
		first := found()
		if first == "" {
			t.Fatal("nothing is known of the rows after an apply that sent them")
		}
		if h.do(greetings, engine.ModeApply); found() != first {
			t.Error("the same rows have another digest")
		}
		changed := strings.Replace(greetings, "body: Hello", "body: Good day", 1)
		for range 2 {
			if s := h.do(changed, engine.ModeApply); s.Changed != 3 || found() != "" {
				t.Errorf("%d changed, and %q is taken for unchanged", s.Changed, found())
			}
		}
		if s := h.do(greetings, engine.ModeApply); s.Changed != 0 || found() != first {
			t.Errorf("%d changed, %q, want %q", s.Changed, found(), first)
		}
	})
}

// A message that has the time in it is another one each time, and not taken for changed.
func TestMessagesWithTheTimeDoNotChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		job := strings.Replace(greetings, "body: Hello", `body: "Run ${{ run.id }}"`, 1)
		h.do(job, engine.ModeApply)
		if s := h.do(strings.Replace(job, "id: c,", "id: d,", 1), engine.ModeApply); s.Changed != 0 {
			t.Errorf("%d changed", s.Changed)
		}
	})
}

// A row that cannot be sent any more, and that the run had tried before it was resumed, counts once: by what became of its request.
func TestARowThatWasTriedAndIsInvalidNowCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{NoPairLimit: true})
		h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 130429, Status: 429, Times: 3})
		s := h.do(greetings, engine.ModeApply)
		if c := s.Run.Counts; c.NotSent != 1 || c.Total != 3 {
			t.Fatalf("%+v", c)
		}
		run, err := h.ledger.Run(context.Background(), s.Run.ID)
		if err != nil {
			t.Fatal(err)
		}
		r := h.request(h.load(strings.Replace(greetings, `"+34600000001"`, "oops", 1)), engine.ModeApply)
		r.Resume, r.JobChanged = &run, true
		if c := h.execute(context.Background(), r).Run.Counts; c.Total != 3 || c.NotSent != 1 || c.Invalid != 0 {
			t.Errorf("%+v", c)
		}
	})
}
