package audience_test

import (
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
)

// A person who left under one id has left under another that is learned while a run goes.
func TestOptOutsOfIDsThatArePairedLater(t *testing.T) {
	left := func(person, number string, scope engine.OptOutScope, back bool) engine.OptOut {
		return engine.OptOut{Person: person, NumberID: number, Scope: scope, Back: back, Source: engine.SourceHand, At: time.Unix(100, 0)}
	}
	for name, c := range map[string]struct {
		words                 []engine.OptOut
		joined, joinedMarket  bool // at once
		repaired, repairedMkt bool // by all words
	}{
		"everything":                {[]engine.OptOut{left(anaID, "", engine.ScopeAll, false)}, true, false, true, false},
		"marketing":                 {[]engine.OptOut{left(anaID, "", engine.ScopeMarketing, false)}, false, true, false, true},
		"of another number":         {[]engine.OptOut{left(anaID, "2", engine.ScopeAll, false)}, false, false, false, false},
		"and came back by a number": {[]engine.OptOut{left(anaID, "", engine.ScopeAll, false), left(ana, "", engine.ScopeAll, true)}, true, false, false, false},
		"nothing":                   {nil, false, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := &book{words: c.words}
			var o audience.OptOuts
			if err := o.Load(b); err != nil {
				t.Fatal(err)
			}
			if marketing, all := o.Of(ana, "1"); marketing || all {
				t.Fatal("the ids are not paired yet")
			}
			o.Join(ana, "", anaID)
			if marketing, all := o.Of(ana, "1"); marketing != c.joinedMarket || all != c.joined {
				t.Errorf("joined: marketing %t, all %t", marketing, all)
			}
			b.pairs = append(b.pairs, engine.Pair{Number: ana, Other: anaID, NumberID: "1", At: time.Unix(200, 0)})
			if err := o.Repair(b, []string{ana, anaID}); err != nil {
				t.Fatal(err)
			}
			for _, id := range []string{ana, anaID} {
				if marketing, all := o.Of(id, "1"); marketing != c.repairedMkt || all != c.repaired {
					t.Errorf("by all words, %s: marketing %t, all %t", id, marketing, all)
				}
			}
			if o.Join(ana, anaID); len(c.words) > 0 { // known already: nothing changes
				if marketing, all := o.Of(ana, "1"); marketing != c.repairedMkt || all != c.repaired {
					t.Errorf("joined once more: marketing %t, all %t", marketing, all)
				}
			}
		})
	}
}
