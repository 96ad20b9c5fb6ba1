package runner

import (
	"waybill/engine"
)

// skipped returns the outputs of a step that was not done: null, but for success and skipped.
func skipped(s *engine.Step) map[string]any {
	values := blank(s)
	if s.ForEach != nil {
		values = blankGroup()
	}
	values["skipped"] = true
	return values
}

// blank returns the outputs of a step, or of one item of it, before anything happened.
func blank(s *engine.Step) map[string]any {
	if s.Operation == nil {
		return blankGroup()
	}
	outputs := s.Operation.Outputs()
	values := make(map[string]any, len(outputs)+5)
	values["success"], values["skipped"], values["attempts"] = false, false, 0
	values["errorMessage"], values["errorCode"] = nil, nil
	for name := range outputs {
		values[name] = nil
	}
	return values
}

func blankGroup() map[string]any {
	return map[string]any{
		"success": false, "errorMessage": nil, "errorCode": nil, "attempts": 0,
		"total": nil, "succeeded": nil, "failed": nil, "skipped": nil, "inDoubt": nil, "waiting": nil, "notSent": nil,
	}
}

// groupValues returns a group's outputs.
func groupValues(c engine.Counts, ending engine.Ending) map[string]any {
	return map[string]any{
		"success": ending == engine.EndedSucceeded, "errorMessage": nil, "errorCode": nil, "attempts": 0,
		"total": c.Total, "succeeded": c.Succeeded, "failed": c.Failed, "skipped": c.Skipped, "inDoubt": c.InDoubt,
		"waiting": c.Waiting, "notSent": c.NotSent,
	}
}
