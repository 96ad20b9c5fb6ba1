package cli

import (
	"errors"

	"waybill/engine/diag"
	"waybill/engine/report"
)

// findings prints them on standard error. Warnings are left out under -q.
func (a *app) findings(list diag.List) {
	if a.quiet {
		var errors diag.List
		for _, d := range list {
			if d.Severity != diag.Warning {
				errors = append(errors, d)
			}
		}
		list = errors
	}
	// No stream is left to report a failed write on.
	_ = report.WriteFindings(a.err, report.Findings(a.masked.of(list).Sort()), a.paint())
}

// refuse prints why nothing was done: on standard error for people, and in -o json and ndjson on standard output too, in
// the form that validate has.
func (a *app) refuse(list diag.List) {
	a.findings(list)
	list = a.masked.of(list).Sort()
	switch a.format {
	case "json":
		// No stream is left to report a failed write on.
		_ = report.WriteJSON(a.out, report.NewCheck(len(sourcesIn(list)), 0, list))
	case "ndjson":
		if a.events == nil {
			a.events = report.NewEvents(a.out)
		}
		a.events.Refuse(report.Findings(list))
	}
}

// sourcesIn are the files that findings are about.
func sourcesIn(list diag.List) map[string]bool {
	names := map[string]bool{}
	for _, d := range list {
		if d.Range.Source != nil {
			names[d.Range.Source.Name] = true
		}
	}
	return names
}

// joinFindings makes one error of several: other errors before findings, and findings together in one list.
func joinFindings(failures []error) error {
	var list diag.List
	var others []error
	for _, err := range failures {
		if found, ok := errors.AsType[*diag.ListError](err); ok {
			list = append(list, found.List...)
		} else if err != nil {
			others = append(others, err)
		}
	}
	if len(others) > 0 {
		return others[0]
	}
	return list.Err()
}
