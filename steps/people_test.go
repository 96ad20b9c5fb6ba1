package steps_test

import (
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/steps"
)

// A word is looked for in the whole inbox once, and later in what came lately.
func TestSaidBefore(t *testing.T) {
	h := newHarness(t)
	now := time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC)
	wrote := func(id, text string, ago time.Duration) {
		t.Helper()
		if err := h.ledger.Record(t.Context(), engine.Report{Inbound: []engine.Inbound{
			{ID: id, NumberID: "555", From: "3460000000" + id, Type: "text", Text: text, At: now.Add(-ago)},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(found int, kept string, words ...string) {
		t.Helper()
		n, err := steps.SaidBefore(t.Context(), h.ledger, audience.NewWords(words...), now)
		if err != nil || n != found {
			t.Errorf("%d words found, %v; want %d", n, err, found)
		}
		got := ""
		for w, err := range h.ledger.OptOuts(t.Context(), engine.OptOutFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			got += w.Person[len(w.Person)-1:]
			if w.At.After(now.Add(-time.Hour)) {
				t.Errorf("the word of %s counts from %s on", w.Person, w.At)
			}
		}
		if got != kept {
			t.Errorf("kept of %s, want %s", got, kept)
		}
	}
	const month = 30 * 24 * time.Hour
	wrote("1", "STOP", month)
	wrote("2", "baja", month)
	want(1, "1")
	wrote("3", "stop", month) // nothing tells of it: the word was looked for
	wrote("4", "stop", time.Hour)
	want(1, "14")
	want(4, "1432", "Baja")
	want(1, "1432", "Baja")
}
