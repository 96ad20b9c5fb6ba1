package ledgertest

import (
	"fmt"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testPartNotes has rows of parts noted that become no request, and the parts change hands.
func testPartNotes(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	other := d.sender("another")
	couple{d, other}.begin()
	lease := func(l *desk) []int {
		t.Helper()
		got, err := shared(t, l.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{Take: true})
		d.must(err)
		return got.Has
	}
	note := func(l *desk, part int, rows ...engine.Unsent) {
		t.Helper()
		d.must(shared(t, l.Ledger).NotePart(t.Context(), theRun, 0, part, rows))
	}
	flush := func(l *desk) { // what was noted is written with the next change
		t.Helper()
		_, err := shared(t, l.Ledger).LeaseParts(t.Context(), theRun, engine.Leasing{})
		d.must(err)
	}
	end := func(l *desk, parts []int, e engine.EndedPart) {
		t.Helper()
		for _, p := range parts {
			e.Part = p
			_, err := shared(t, l.Ledger).EndPart(t.Context(), theRun, e)
			d.must(err)
		}
	}
	free := func(l *desk, part int) {
		t.Helper()
		d.must(shared(t, l.Ledger).FreeParts(t.Context(), theRun, []engine.EndedPart{{Part: part}}))
	}
	row := func(n int, o delivery.Outcome) engine.Unsent {
		return engine.Unsent{Step: "patients/remind", Item: fmt.Sprint("row ", n), Row: n, Outcome: o, At: at(3)}
	}
	skipped := engine.Unsent{Step: "patients/remind", Outcome: delivery.OutcomeSkipped, Reason: "where", Count: 5}
	mine, theirs := lease(d), lease(other)
	mine, theirs = mine[:32], lease(other)

	note(d, mine[0], skipped, row(1, delivery.OutcomeInvalid), row(2, delivery.OutcomeWaiting))
	note(d, mine[1], skipped, row(3, delivery.OutcomeInvalid))
	note(d, theirs[0], skipped) // it is the other's
	flush(d)
	all := map[delivery.Outcome]int{delivery.OutcomeSkipped: 10, delivery.OutcomeInvalid: 2, delivery.OutcomeWaiting: 1}
	d.wantCounts(theRun, all)

	free(d, mine[0]) // nobody has it, and what was noted stands
	d.wantCounts(theRun, all)
	end(other, theirs, engine.EndedPart{So: engine.RunSucceeded})
	if got := lease(other); len(got) != 1 || got[0] != mine[0] {
		t.Fatalf("the other took %v, want %d", got, mine[0])
	}
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeSkipped: 5, delivery.OutcomeInvalid: 1})
	note(d, mine[0], skipped) // too late
	flush(d)
	note(other, mine[0], row(1, delivery.OutcomeInvalid), skipped)
	end(other, mine[:1], engine.EndedPart{So: engine.RunSucceeded})
	one := row(1, delivery.OutcomeInvalid)
	three := row(3, delivery.OutcomeInvalid)
	one.Run, three.Run = theRun, theRun
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeSkipped: 10, delivery.OutcomeInvalid: 2})
	d.wantUnsent(engine.UnsentFilter{}, one, three)

	note(d, mine[1], row(4, delivery.OutcomeWaiting))
	end(d, mine[1:2], engine.EndedPart{So: engine.RunStopped, Reason: "it waits", WaitsUntil: at(90)})
	d.must(d.release()) // as it does when it is killed, but for the lease
	end(other, lease(other), engine.EndedPart{So: engine.RunSucceeded})
	got := couple{d, other}.finish(other, engine.RunSucceeded, "", time.Time{})
	if got.Status != engine.RunStopped || got.Reason != "it waits" || !got.WaitsUntil.Equal(at(90)) {
		t.Errorf("a row waits of whoever died, and the run is %s (%s) until %v", got.Status, got.Reason, got.WaitsUntil)
	}
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeSkipped: 10, delivery.OutcomeInvalid: 2, delivery.OutcomeWaiting: 1})
	order := engine.Order{Kind: engine.OrderCancel, By: engine.Actor{User: "ana"}, At: at(95)}
	d.must(other.Give(t.Context(), theRun, order))
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeSkipped: 11, delivery.OutcomeInvalid: 2})
	if wrong, err := other.Examine(t.Context()); err != nil || len(wrong) > 0 {
		t.Errorf("it is wrong: %v, %v", wrong, err)
	}
	d.must(other.StartRun(t.Context(), engine.Run{ID: theRun, StartedAt: at(100)})) // taken up, by one alone
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeSkipped: 1})
	d.must(other.Note(t.Context(), theRun, []engine.Unsent{row(4, delivery.OutcomeInvalid)}))
	flushed := engine.Run{ID: theRun, Status: engine.RunFailed, FinishedAt: at(101)}
	d.must(other.FinishRun(t.Context(), flushed, nil))
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeInvalid: 1})
	if wrong, err := other.Examine(t.Context()); err != nil || len(wrong) > 0 {
		t.Errorf("it is wrong: %v, %v", wrong, err)
	}
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
			e := engine.EndedPart{Part: part, So: engine.RunSucceeded}
			if n == 0 && l == d {
				e.Met = &met
			}
			_, err := s.EndPart(t.Context(), anotherRun, e)
			d.must(err)
		}
		d.must(l.release())
	}
	want := map[delivery.Outcome]int{delivery.OutcomeAccepted: 1}
	d.wantCounts(anotherRun, want)
	d.must(other.FinishRun(t.Context(), engine.Run{ID: anotherRun, Status: engine.RunSucceeded, FinishedAt: at(9)}, &met))
	d.wantCounts(anotherRun, want)
}
