package ledgertest

import (
	"reflect"
	"slices"
	"testing"

	"waybill/engine"
)

// testStages has a run go through stages.
func testStages(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	other := d.sender("another")
	couple{d, other}.begin()
	lease := func(l *desk, asked engine.Leasing) engine.Lease {
		t.Helper()
		got, err := shared(t, l.Ledger).LeaseParts(t.Context(), theRun, asked)
		d.must(err)
		return got
	}
	end := func(l *desk, stage, part int, outcome string) {
		t.Helper()
		_, err := shared(t, l.Ledger).EndParts(t.Context(), theRun, []engine.EndedPart{{Stage: stage, Part: part, Outcome: outcome}}, engine.SoFar{Status: engine.RunSucceeded})
		d.must(err)
	}
	t.Run("what one does alone", func(t *testing.T) {
		alone := engine.Leasing{Alone: true, Take: true}
		if got := lease(d, alone); !slices.Equal(got.Has, []int{0}) || got.Share != 1 {
			t.Errorf("the first has %+v", got)
		}
		if got := lease(other, alone); len(got.Has) != 0 || !slices.Equal(got.Open, []int{0}) || got.Outcomes != nil {
			t.Errorf("the second has %+v", got)
		}
		end(d, 0, 0, "a \x00 word")
		if got := lease(other, alone); len(got.Open) != 0 || !slices.Equal(got.Outcomes, []string{"a \x00 word"}) {
			t.Errorf("what came of it is %+v", got)
		}
	})
	t.Run("who left between two stages did not end the run", func(t *testing.T) {
		d.finishAs(other.Ledger, engine.Run{Status: engine.RunInterrupted, FinishedAt: at(1)})
		run, err := d.Run(t.Context(), theRun)
		if d.must(err); run.Status != engine.RunRunning {
			t.Errorf("one left, and it is %s", run.Status)
		}
		other.enter("rows", nil)
	})
	t.Run("progress is of a stage", func(t *testing.T) {
		lease(other, engine.Leasing{Stage: 0, Alone: true, Progress: engine.Progress{Ended: 7}})
		if got := lease(d, engine.Leasing{Stage: 1}); !reflect.DeepEqual(got.Others, engine.Progress{}) || len(got.Open) != engine.Parts {
			t.Errorf("the second stage begins with %+v", got)
		}
		lease(other, engine.Leasing{Stage: 1, Progress: engine.Progress{Ended: 2}})
		if got := lease(d, engine.Leasing{Stage: 1}); got.Others.Ended != 2 {
			t.Errorf("others are at %+v", got.Others)
		}
	})
	t.Run("progress is of a part", func(t *testing.T) {
		theirs := lease(other, engine.Leasing{Stage: 1, Take: true}).Has
		kept, given := engine.PartProgress{Part: theirs[0], Ended: 3, Failed: 1}, engine.PartProgress{Part: theirs[1], Ended: 4, Failed: 2, InDoubt: 1}
		far := engine.Progress{Stage: 1, Ended: 9, Failed: 4, InDoubt: 1, Parts: []engine.PartProgress{kept, given}}
		wants := func(want engine.Progress) {
			t.Helper()
			if got := lease(d, engine.Leasing{Stage: 1}).Others; !reflect.DeepEqual(got, want) {
				t.Errorf("others are at %+v, want %+v", got, want)
			}
		}
		lease(other, engine.Leasing{Stage: 1, Progress: far})
		wants(engine.Progress{Ended: 9, Failed: 4, InDoubt: 1})
		d.must(shared(t, other.Ledger).FreeParts(t.Context(), theRun, []engine.EndedPart{{Stage: 1, Part: given.Part}}))
		wants(engine.Progress{Ended: 5, Failed: 2})
		ended := engine.Progress{Stage: 1, Ended: 6, Failed: 3, Parts: []engine.PartProgress{kept}}
		_, err := shared(t, other.Ledger).EndParts(t.Context(), theRun, []engine.EndedPart{{Stage: 1, Part: kept.Part}},
			engine.SoFar{Status: engine.RunFailed, Progress: &ended})
		d.must(err)
		wants(engine.Progress{Ended: 6, Failed: 3})
		var rest []engine.EndedPart
		for _, part := range theirs[2:] {
			rest = append(rest, engine.EndedPart{Stage: 1, Part: part})
		}
		d.must(shared(t, other.Ledger).FreeParts(t.Context(), theRun, rest))
	})
	t.Run("a stage that is stopped", func(t *testing.T) {
		mine, theirs := lease(d, engine.Leasing{Stage: 1, Take: true}).Has, lease(other, engine.Leasing{Stage: 1, Take: true}).Has
		var freed []engine.EndedPart
		for _, part := range mine[:3] {
			freed = append(freed, engine.EndedPart{Stage: 1, Part: part, Outcome: "some of it"})
		}
		d.must(shared(t, d.Ledger).FreeParts(t.Context(), theRun, freed))
		end(d, 1, mine[3], "x")
		stopped := engine.Leasing{Stage: 1, Take: true, Progress: engine.Progress{Stopped: "too many failed"}}
		if got := lease(other, engine.Leasing{Stage: 1}); got.Others.Stopped != "" {
			t.Errorf("nobody stopped it, and it is told %+v", got)
		}
		got := lease(d, stopped) // the rows of those that nobody has are counted by whoever takes them
		if len(got.Has) != len(mine)-1 || len(got.Open) != engine.Parts-2 {
			t.Errorf("stopped, it has %d parts of %d", len(got.Has), len(got.Open))
		}
		if got := lease(other, engine.Leasing{Stage: 1, Take: true}); got.Others.Stopped != "too many failed" || len(got.Has) != len(theirs) {
			t.Errorf("the other is told %+v", got)
		}
		for _, part := range got.Has {
			end(d, 1, part, "")
		}
		lease(d, engine.Leasing{Stage: 2}) // one is ahead
		if got := lease(other, engine.Leasing{Stage: 1, Take: true}); len(got.Has) != len(theirs) || len(got.Open) != len(theirs) {
			t.Errorf("behind, it has %d parts of %d", len(got.Has), len(got.Open))
		}
		for _, part := range theirs {
			end(other, 1, part, "")
		}
		got = lease(other, engine.Leasing{Stage: 1, Take: true})
		if len(got.Outcomes) != engine.Parts || got.Outcomes[mine[3]] != "x" || got.Outcomes[mine[0]] != "some of it" {
			t.Errorf("what came of the parts is %q", got.Outcomes)
		}
	})
	t.Run("what came of it is forgotten with the last", func(t *testing.T) {
		parts, err := shared(t, d.Ledger).RunParts(t.Context(), theRun)
		if d.must(err); len(parts) != 1+2*engine.Parts || parts[0].Stage != 0 || parts[1].Stage != 1 || !parts[engine.Parts].Done {
			t.Errorf("%d parts", len(parts))
		}
		for _, p := range parts[1+engine.Parts:] {
			if p.Number == 0 {
				lease(d, engine.Leasing{Stage: 2, Take: true})
			}
		}
		for _, l := range []*desk{d, other} {
			for has := []int{0}; len(has) > 0; { // it has what is left, in shares
				has = lease(l, engine.Leasing{Stage: 2, Take: true}).Has
				for _, part := range has {
					end(l, 2, part, "y")
				}
			}
		}
		d.finishAs(other.Ledger, engine.Run{Status: engine.RunSucceeded, FinishedAt: at(1)})
		if got := lease(d, engine.Leasing{Stage: 0, Alone: true}); got.Outcomes[0] == "" {
			t.Error("one works still, and cannot read what came of it")
		}
		d.finishAs(d.Ledger, engine.Run{Status: engine.RunSucceeded, FinishedAt: at(1)})
		if got := lease(d, engine.Leasing{Stage: 0, Alone: true}); got.Outcomes[0] != "" {
			t.Errorf("nobody works at it, and %q is kept", got.Outcomes)
		}
	})
}
