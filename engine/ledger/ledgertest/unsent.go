package ledgertest

import (
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testUnsent keeps rows that became no request.
func testUnsent(t *testing.T, newStore NewStore) {
	t.Helper()
	invalid := engine.Unsent{
		Run: theRun, Step: "patients/remind", Item: "ana", Row: 7, File: "patients.csv", Cell: "phone", Outcome: delivery.OutcomeInvalid,
		Reason: "no-country-code", Message: "612 345 678 has no country code", At: at(3),
	}
	waiting := engine.Unsent{
		Run: theRun, Step: "patients/remind", Item: "eva", Person: eva, Row: 5, Outcome: delivery.OutcomeWaiting, At: at(4),
	}
	t.Run("come back", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.note(invalid, waiting)
		d.wantUnsent(engine.UnsentFilter{}, waiting, invalid)
		d.wantUnsent(engine.UnsentFilter{Run: theRun, Limit: 1}, waiting)
		d.wantUnsent(engine.UnsentFilter{Outcome: delivery.OutcomeInvalid}, invalid)
		d.wantUnsent(engine.UnsentFilter{Run: anotherRun})
	})
	t.Run("are counted", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.settle(d.intend(intent("zoe")), accepted(wamid(1)))
		d.note(
			invalid, waiting, engine.Unsent{Row: 9, Outcome: delivery.OutcomeSkipped},
			engine.Unsent{Outcome: delivery.OutcomeNotSent, Count: 40},
		)
		d.note(invalid)
		want := map[delivery.Outcome]int{
			delivery.OutcomeInvalid: 1, delivery.OutcomeWaiting: 1, delivery.OutcomeSkipped: 1, delivery.OutcomeNotSent: 40,
			delivery.OutcomeAccepted: 1,
		}
		d.wantCounts(theRun, want)
		d.note(engine.Unsent{Outcome: delivery.OutcomeSkipped, Reason: "where", Count: 4}, engine.Unsent{Outcome: delivery.OutcomeSkipped, Reason: "where"})
		want[delivery.OutcomeSkipped] = 6
		d.wantCounts(theRun, want)
		if got, err := d.LeftOut(t.Context(), theRun); err != nil || !maps.Equal(got, map[string]int{"": 1, "where": 5}) {
			t.Errorf("left out: %v, %v", got, err)
		}
		again := waiting // it is looked at anew
		again.Outcome, again.Message = delivery.OutcomeInvalid, strings.Repeat("ñ", 5000)
		d.note(again)
		want[delivery.OutcomeInvalid], want[delivery.OutcomeWaiting] = 2, 0
		d.wantCounts(theRun, want)
		for u, err := range d.Unsent(t.Context(), engine.UnsentFilter{Limit: 1}) {
			d.must(err)
			if u.Outcome != delivery.OutcomeInvalid || len(u.Message) > 1000 || !strings.HasPrefix(u.Message, "ññ") {
				t.Errorf("noted again: %d, with %d bytes", u.Outcome, len(u.Message))
			}
		}
	})
	t.Run("are met again by a run that is taken up", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.note(invalid)
		d.must(d.Note(t.Context(), theRun, []engine.Unsent{waiting})) // and nothing else is written before
		d.must(d.StartRun(t.Context(), engine.Run{ID: theRun, StartedAt: at(0)}))
		d.wantCounts(theRun, nil)
		d.wantUnsent(engine.UnsentFilter{})
	})
	t.Run("are cancelled", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.must(d.Note(t.Context(), theRun, []engine.Unsent{invalid, waiting}))
		d.must(d.FinishRun(t.Context(), engine.Run{ID: theRun, Status: engine.RunStopped, FinishedAt: at(50), Reason: "it waits", WaitsUntil: at(90)}, nil))
		order := engine.Order{Kind: engine.OrderCancel, By: engine.Actor{User: "ana", Host: "clinic-1"}, At: at(60)}
		d.must(d.Give(t.Context(), theRun, order))
		cancelled := waiting
		cancelled.Cancel(order)
		d.wantUnsent(engine.UnsentFilter{}, cancelled, invalid)
		d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeInvalid: 1, delivery.OutcomeSkipped: 1})
		got, err := d.Run(t.Context(), theRun)
		d.must(err)
		if !got.WaitsUntil.IsZero() || got.Cancelled == nil || *got.Cancelled != order || got.Reason != "cancelled by ana on clinic-1" {
			t.Errorf("cancelled, the run is %+v", got)
		}
		d.must(d.Give(t.Context(), theRun, order)) // nothing waits any more
		d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeInvalid: 1, delivery.OutcomeSkipped: 1})
		d.must(d.StartRun(t.Context(), engine.Run{ID: theRun, StartedAt: at(0)}))
		d.wantUnsent(engine.UnsentFilter{}, cancelled)
		d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeSkipped: 1})
		d.note(cancelled) // it is met again, and left out again
		d.wantUnsent(engine.UnsentFilter{}, cancelled)
		d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeSkipped: 1})
	})
	t.Run("many", func(t *testing.T) {
		d := newDesk(t, newStore)
		var many []engine.Unsent
		for n := range 2000 {
			many = append(many, engine.Unsent{Row: n, Outcome: delivery.OutcomeInvalid})
		}
		d.must(d.Note(t.Context(), theRun, many))
		d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeInvalid: 2000})
	})
	t.Run("refused", func(t *testing.T) {
		d := newDesk(t, newStore)
		if err := d.Note(t.Context(), "nobody's", []engine.Unsent{invalid}); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("of an unknown run: %v, want ErrNotFound", err)
		}
		if err := d.Note(t.Context(), theRun, []engine.Unsent{{Outcome: delivery.OutcomeRead}}); err == nil {
			t.Error("what was read is no row that was not sent")
		}
	})
}

// note keeps rows of a run, and ends the run: they are durable then.
func (d *desk) note(rows ...engine.Unsent) {
	d.Helper()
	d.must(d.Note(d.Context(), theRun, rows))
	d.must(d.FinishRun(d.Context(), engine.Run{ID: theRun, Status: engine.RunFailed, FinishedAt: at(60)}, nil))
}

// wantUnsent wants such rows to be found, through both handles.
func (d *desk) wantUnsent(f engine.UnsentFilter, want ...engine.Unsent) {
	d.Helper()
	for _, l := range []engine.Ledger{d.Ledger, d.open()} {
		var got []engine.Unsent
		for u, err := range l.Unsent(d.Context(), f) {
			d.must(err)
			got = append(got, u)
		}
		if !reflect.DeepEqual(got, want) {
			d.Errorf("%+v:\n got %+v\nwant %+v", f, got, want)
		}
	}
}
