package steps

import (
	"maps"
	"slices"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
)

// literalValues checks the parameters that are written out with the check that goes with each name.
func literalValues(s *engine.Step, checks map[string]func(string) error) diag.List {
	var found diag.List
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		t := s.Params.Field(name)
		if t == nil {
			continue
		}
		v, ok := t.Constant()
		if !ok || v == nil {
			continue
		}
		text, err := eval.Text(v)
		if err == nil {
			err = checks[name](text)
		}
		if err != nil {
			found = addFinding(found, s, &problem{Path: name, Err: err}, diag.Error)
		}
	}
	return found
}
