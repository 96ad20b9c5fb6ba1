package ledgertest

import (
	"slices"
	"testing"
	"time"

	"waybill/engine"
)

// testMoved keeps what people said before they had another number, of whatever ids were theirs then.
func testMoved(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	const old, now, gone, code = "+34600000001", "+34600000002", "+34600000003", "ES.1"
	d.must(d.OptOut(t.Context(), []engine.OptOut{
		{Person: old, Scope: engine.ScopeMarketing, Source: engine.SourceHand, At: at(1)},
		{Person: code, NumberID: "1", Scope: engine.ScopeAll, Source: engine.SourceWord, Word: "STOP", At: at(2)},
		{Person: old, Scope: engine.ScopeAll, Source: engine.SourceImport, At: at(2).Add(24 * time.Hour)}, // about whoever has it since
		{Person: gone, Scope: engine.ScopeAll, Source: engine.SourceHand, At: at(3)},
	}))
	d.learn(engine.Identity{WaID: old, UserID: code, NumberID: "1", At: at(1)})
	moved := engine.Report{
		ReceivedAt: at(30), Body: []byte("{}"), Moved: []engine.Moved{{WasNumber: old, Number: now, UserID: "ES.2", At: at(20)}},
		Identities: []engine.Identity{{WaID: now, UserID: "ES.2", NumberID: "1", At: at(20)}},
	}
	d.must(d.Record(t.Context(), moved))
	d.must(d.Record(t.Context(), moved)) // again: nothing new
	d.reopen()
	for _, id := range []string{now, "ES.2"} {
		var said []string
		for w, err := range d.OptOuts(t.Context(), engine.OptOutFilter{Persons: []string{id}}) {
			d.must(err)
			said = append(said, string(w.Source)+" "+string(w.Scope)+" "+w.NumberID+" "+w.Word)
		}
		if want := []string{"hand marketing  ", "word all 1 STOP"}; !slices.Equal(said, want) {
			t.Errorf("said by %s: %q, want %q", id, said, want)
		}
	}
	d.lock()
	_, err := d.Forget(t.Context(), engine.Forget{IDs: []string{gone}})
	d.must(err)
	d.must(d.Record(t.Context(), engine.Report{
		ReceivedAt: at(40), Body: []byte("[]"), Moved: []engine.Moved{{WasNumber: gone, Number: "+34600000004", At: at(35)}},
	}))
	for w, err := range d.OptOuts(t.Context(), engine.OptOutFilter{}) {
		d.must(err)
		if w.Person == "+34600000004" {
			t.Errorf("who was forgotten stands under another number: %+v", w)
		}
	}
	left := false
	for _, err := range d.OptOuts(t.Context(), engine.OptOutFilter{Persons: []string{"+34600000004"}}) {
		d.must(err)
		left = true
	}
	if !left {
		t.Error("who was forgotten and has another number is no longer known to have left")
	}
}
