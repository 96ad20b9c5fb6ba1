package runner

import (
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/wording"
)

// checkAges refuses data files that are older than their forEach allows: yesterday's export, when today's did not come. A file
// whose time says nothing of its content (Request.Tracked) is a warning.
func (x *execution) checkAges(steps []*engine.Step) (found diag.List) {
	for _, s := range steps {
		if x.selected(s) && s.ForEach != nil && s.ForEach.MaxAge > 0 {
			if d, old := x.tooOld(s); old {
				found = append(found, d)
			}
		}
		found = append(found, x.checkAges(s.Steps)...)
	}
	return found
}

func (x *execution) tooOld(s *engine.Step) (diag.Diagnostic, bool) {
	name := sourceName(s)
	if name == "" {
		return diag.Diagnostic{}, false
	}
	file, err := x.req.Open.Open(name)
	if err != nil {
		return diag.Diagnostic{}, false // said where its rows are read
	}
	defer func() { _ = file.Close() }() // opened to look at it
	info, err := file.Stat()
	if err != nil {
		return diag.Diagnostic{}, false
	}
	age := x.engine.Now().Sub(info.ModTime())
	if age <= s.ForEach.MaxAge {
		return diag.Diagnostic{}, false
	}
	d := diag.Diagnostic{
		Severity: diag.Error, Code: "too-old", Range: s.ForEach.PathRange,
		Summary: fmt.Sprintf("%s was written %s ago, and maxAge is %s", name, wording.Spaced(age.Round(time.Minute)), wording.Spaced(s.ForEach.MaxAge)),
		Detail:  "It is probably an earlier export.",
		Hint:    "look why the new one did not come",
	}
	if x.req.Tracked != nil && x.req.Tracked(name) {
		d.Severity, d.Detail = diag.Warning, "Git tracks it, and a checkout changes its time, so that the time says little."
	}
	return d, true
}
