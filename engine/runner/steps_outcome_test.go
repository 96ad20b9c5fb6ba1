package runner

import (
	"errors"
	"reflect"
	"testing"

	"waybill/engine"
)

// TestOutcome has what one process did reach another as it was: also whole numbers as such, and others as others.
func TestOutcome(t *testing.T) {
	ask, tell := &engine.Step{ID: "ask", Path: "ask"}, &engine.Step{ID: "tell", Path: "tell"}
	did := newSequence(map[string]any{}, "", 0, nil)
	did.steps["ask"] = map[string]any{
		"success": true, "none": nil, "whole": 3, "fraction": 0.25, "round": 2.0, "great": 1e21, "text": "ä \x00 \"",
		"list": []any{1, 1.0, "x", map[string]any{"deep": 4.0}},
	}
	did.end, did.failed, did.waiting, did.done = failedEnd, true, true, true
	did.lateFailure = &engine.StepError{Step: tell, Code: 131026, Err: errors.New("it failed later")}
	text, err := did.outcome([]*engine.Step{ask, tell}, "too many failed")
	if err != nil {
		t.Fatal(err)
	}
	x := &execution{req: Request{Job: &engine.Job{Steps: []*engine.Step{ask, tell}}}}
	told := newSequence(map[string]any{}, "", 0, nil)
	told.steps["before"] = map[string]any{"success": true}
	if err := (walker{x: x}).takeOutcome(told, text); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(told.steps["ask"], did.steps["ask"]) {
		t.Errorf("outputs are\n%#v, want\n%#v", told.steps["ask"], did.steps["ask"])
	}
	if _, there := told.steps["tell"]; there || told.steps["before"] == nil {
		t.Errorf("steps are %v", told.steps)
	}
	late := told.lateFailure
	if told.end != failedEnd || !told.failed || !told.waiting || !told.done || told.inDoubt || told.notSent ||
		late == nil || late.Step != tell || late.Code != 131026 || late.Err.Error() != "it failed later" || x.tally.stopReason() != "too many failed" {
		t.Errorf("the sequence is %+v", told)
	}
	if err := (walker{x: x}).takeOutcome(told, `{"outputs":`); !errors.Is(err, engine.ErrDamaged) {
		t.Errorf("what is no outcome: %v", err)
	}
}
