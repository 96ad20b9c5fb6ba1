package ledgertest

import (
	"errors"
	"strings"
	"testing"

	"waybill/engine"
)

// divided is theRun as processes enter it.
var divided = engine.Run{ID: theRun, Job: "job", Mode: engine.ModeApply, Scope: engine.ScopeEver, StartedAt: at(0), Digest: "a job"} //nolint:gochecknoglobals // of tests

// enter makes the desk's process one of those that work at the run, and returns the run that it works at.
func (d *desk) enter(rows string, change func(*engine.Run)) engine.Run {
	d.Helper()
	r := divided
	if change != nil {
		change(&r)
	}
	got, err := shared(d, d.Ledger).Enter(d.Context(), r, rows, nil)
	d.must(err)
	return got
}

// testEnter has processes ask for the same run, and for others.
func testEnter(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	other := d.sender("another")
	other2 := shared(t, other.Ledger)
	d.enter("rows", nil)
	if got := other.enter("rows", func(r *engine.Run) { r.ID, r.Asked.AllowPaths = "another", []string{"/there"} }); got.ID != theRun {
		t.Errorf("it entered %q", got.ID)
	}
	testEngineEnters(t, d, other)
	for what, change := range map[string]func(*engine.Run){
		"job":   func(r *engine.Run) { r.Digest = "another" },
		"flags": func(r *engine.Run) { r.Asked.RetryFailed = true },
		"began": func(r *engine.Run) {
			r.Mode, r.Scope, r.Asked.DeliveryScope = engine.ModeServe, "slot", engine.ScopeEver
		},
	} {
		r := divided
		r.ID = "another"
		change(&r)
		_, err := other2.Enter(t.Context(), r, "rows", nil)
		if not, is := errors.AsType[*engine.OtherRunError](err); !is || not.Run != theRun || !strings.Contains(not.What, what) || !strings.Contains(not.Holder, "the test") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := other2.Join(t.Context(), engine.Run{ID: "x", Job: "job", Mode: engine.ModeApply, Scope: "name/x", StartedAt: at(0)}, "rows"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("it joined what nobody works at: %v", err)
	}
	r := divided
	r.ID = "another"
	_, err := other2.Enter(t.Context(), r, "", nil)
	if _, is := errors.AsType[*engine.LockedError](err); !is {
		t.Errorf("what cannot be divided: %v", err)
	}
	if got := other.enter("", func(r *engine.Run) { r.ID, r.Scope = "of another scope", "name/march" }); got.ID != "of another scope" {
		t.Errorf("it entered %q", got.ID)
	}
	slot := engine.Run{ID: "slot 1", Job: "job", Mode: engine.ModeServe, Scope: "schedule/1", StartedAt: at(0)}
	_, err = other2.Enter(t.Context(), slot, "", nil)
	d.must(err)
	slot.ID = "slot 2"
	for _, status := range []engine.RunStatus{engine.RunRunning, engine.RunFailed} {
		_, err := shared(t, d.Ledger).Enter(t.Context(), slot, "", nil)
		if _, is := errors.AsType[*engine.LockedError](err); !is {
			t.Errorf("an occurrence has two runs: %v, %s", err, status)
		}
		d.must(other.FinishRun(t.Context(), engine.Run{ID: "slot 1", Status: engine.RunFailed, FinishedAt: at(1)}, nil))
	}
	d.must(other.release())
	d.must(d.release())
	third := d.sender("a third")
	if got := third.enter("rows", func(r *engine.Run) { r.ID = "a new one" }); got.ID != "a new one" {
		t.Errorf("of whose processes none lives, it entered %q", got.ID)
	}
}

// testEngineEnters gives a run that is under way to an engine: it names the engine from then on, also when another enters without.
func testEngineEnters(t *testing.T, d, other *desk) {
	t.Helper()
	if got := other.enter("rows", func(r *engine.Run) { r.ID, r.Asked.Engine = "another", "temporal" }); got.ID != theRun || got.Asked.Engine != "temporal" {
		t.Errorf("given to an engine, it entered %q of %q", got.ID, got.Asked.Engine)
	}
	d.enter("rows", func(r *engine.Run) { r.ID = "another" })
	if got, err := d.Run(t.Context(), theRun); err != nil || got.Asked.Engine != "temporal" || got.Asked.AllowPaths != nil {
		t.Errorf("it was asked for %+v, %v", got.Asked, err)
	}
}
