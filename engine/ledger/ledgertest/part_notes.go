package ledgertest

import (
	"fmt"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// partNotes are two processes that share a run, and note rows of it that become no request.
type partNotes struct{ couple }

func (p partNotes) lease(l *desk) []int {
	p.d.Helper()
	got, err := shared(p.d, l.Ledger).LeaseParts(p.d.Context(), theRun, engine.Leasing{Take: true})
	p.d.must(err)
	return got.Has
}

func (p partNotes) note(l *desk, part int, rows ...engine.Unsent) {
	p.d.Helper()
	p.d.must(shared(p.d, l.Ledger).NotePart(p.d.Context(), theRun, 0, part, rows))
}

// flush writes what was noted: with the next change.
func (p partNotes) flush(l *desk) {
	p.d.Helper()
	_, err := shared(p.d, l.Ledger).LeaseParts(p.d.Context(), theRun, engine.Leasing{})
	p.d.must(err)
}

func (p partNotes) end(l *desk, so engine.SoFar, parts ...int) {
	p.d.Helper()
	var ended []engine.EndedPart
	for _, n := range parts {
		ended = append(ended, engine.EndedPart{Part: n})
	}
	_, err := shared(p.d, l.Ledger).EndParts(p.d.Context(), theRun, ended, so)
	p.d.must(err)
}

func (p partNotes) whole() {
	p.d.Helper()
	if wrong, err := p.other.Examine(p.d.Context()); err != nil || len(wrong) > 0 {
		p.d.Errorf("it is wrong: %v, %v", wrong, err)
	}
}

func noted(n int, o delivery.Outcome) engine.Unsent {
	return engine.Unsent{Run: theRun, Step: "patients/remind", Item: fmt.Sprint("row ", n), Row: n, Outcome: o, At: at(3)}
}

// testPartNotes has rows of parts noted that become no request, and the parts change hands.
func testPartNotes(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	p := partNotes{couple{d, d.sender("another")}}
	p.begin()
	skipped := engine.Unsent{Step: "patients/remind", Outcome: delivery.OutcomeSkipped, Reason: "where", Count: 5}
	succeeded := engine.SoFar{Status: engine.RunSucceeded}
	mine, theirs := p.lease(d), p.lease(p.other)

	p.note(d, mine[0], skipped, noted(1, delivery.OutcomeInvalid), noted(2, delivery.OutcomeWaiting))
	p.note(d, mine[1], skipped, noted(3, delivery.OutcomeInvalid))
	p.note(d, theirs[0], skipped) // it is the other's
	p.flush(d)
	all := map[delivery.Outcome]int{delivery.OutcomeSkipped: 10, delivery.OutcomeInvalid: 2, delivery.OutcomeWaiting: 1}
	d.wantCounts(theRun, all)

	d.must(shared(t, d.Ledger).FreeParts(t.Context(), theRun, []engine.EndedPart{{Part: mine[0]}}))
	d.wantCounts(theRun, all) // nobody has it, and what was noted stands
	p.end(p.other, succeeded, theirs...)
	if got := p.lease(p.other); len(got) != 1 || got[0] != mine[0] {
		t.Fatalf("the other took %v, want %d", got, mine[0])
	}
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeSkipped: 5, delivery.OutcomeInvalid: 1})
	p.note(d, mine[0], skipped) // too late
	p.flush(d)
	p.note(p.other, mine[0], noted(1, delivery.OutcomeInvalid), skipped)
	p.end(p.other, succeeded, mine[0])
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeSkipped: 10, delivery.OutcomeInvalid: 2})
	d.wantUnsent(engine.UnsentFilter{}, noted(1, delivery.OutcomeInvalid), noted(3, delivery.OutcomeInvalid))
	p.whole()
	testPartWaits(t, p, mine[1])
}

// testPartWaits has a process die of whose part rows wait; they are cancelled, and the run is taken up by one process alone.
func testPartWaits(t *testing.T, p partNotes, part int) {
	t.Helper()
	d := p.d
	p.note(d, part, noted(4, delivery.OutcomeWaiting))
	p.end(d, engine.SoFar{Status: engine.RunStopped, Reason: "it waits", WaitsUntil: at(90)}, part)
	d.must(d.release()) // as it does when it is killed, but for the lease
	p.end(p.other, engine.SoFar{Status: engine.RunSucceeded}, p.lease(p.other)...)
	got := p.finish(p.other, engine.RunSucceeded, "", time.Time{})
	if got.Status != engine.RunStopped || got.Reason != "it waits; 1 message" || !got.WaitsUntil.Equal(at(90)) {
		t.Errorf("a row waits of whoever died, and the run is %s (%s) until %v", got.Status, got.Reason, got.WaitsUntil)
	}
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeSkipped: 10, delivery.OutcomeInvalid: 2, delivery.OutcomeWaiting: 1})
	order := engine.Order{Kind: engine.OrderCancel, By: engine.Actor{User: "ana"}, At: at(95)}
	d.must(p.other.Give(t.Context(), theRun, order))
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeSkipped: 11, delivery.OutcomeInvalid: 2})
	p.whole()
	d.must(p.other.StartRun(t.Context(), engine.Run{ID: theRun, StartedAt: at(100)}))
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeSkipped: 1})
	d.must(p.other.Note(t.Context(), theRun, []engine.Unsent{noted(4, delivery.OutcomeInvalid)}))
	d.must(p.other.FinishRun(t.Context(), engine.Run{ID: theRun, Status: engine.RunFailed, FinishedAt: at(101)}, nil))
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeInvalid: 1})
	p.whole()
}

// testPartMet has a process say with the end of a part what it met, and die.
func testPartMet(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	other := d.sender("another")
	before := d.settle(d.intend(intent("zoe")), accepted(wamid(1)))
	d.must(d.FinishRun(t.Context(), engine.Run{ID: theRun, Status: engine.RunSucceeded, FinishedAt: at(1)}, nil))
	next := func(r *engine.Run) { r.ID = anotherRun }
	d.enter("rows", next)
	other.enter("rows", next)
	var met delivery.IDs
	met.Add(before.ID)
	for _, l := range []*desk{d, other} {
		s := shared(t, l.Ledger)
		got, err := s.LeaseParts(t.Context(), anotherRun, engine.Leasing{Take: true})
		d.must(err)
		for n, part := range got.Has {
			so := engine.SoFar{Status: engine.RunSucceeded}
			if n == 0 && l == d {
				so.Met = &met
			}
			_, err := s.EndParts(t.Context(), anotherRun, []engine.EndedPart{{Part: part}}, so)
			d.must(err)
		}
		d.must(l.release())
	}
	want := map[delivery.Outcome]int{delivery.OutcomeAccepted: 1}
	d.wantCounts(anotherRun, want)
	d.must(other.FinishRun(t.Context(), engine.Run{ID: anotherRun, Status: engine.RunSucceeded, FinishedAt: at(9)}, &met))
	d.wantCounts(anotherRun, want)
}
