package cli

import (
	"fmt"
	"path/filepath"

	"waybill/engine"
	"waybill/engine/diag"
)

// jobNames finds two files of one folder that have a job of the same name: they share a ledger, and what one of them sent would count
// as sent for the other.
type jobNames map[[2]string]string // folder and name → the first file

// meet notes the jobs of a file.
func (n jobNames) meet(file string, jobs []*engine.Job) (found diag.List) {
	for _, job := range jobs {
		at := [2]string{filepath.Dir(file), job.Name}
		first, met := n[at]
		switch {
		case !met:
			n[at] = filepath.Clean(file)
		case first != filepath.Clean(file):
			found = append(found, diag.Diagnostic{
				Severity: diag.Warning, Code: "job-name-taken", Range: job.Range,
				Summary: fmt.Sprintf("%s has a job %s too", first, job.Name),
				Detail:  "Both share the ledger of their folder, where a job's name says whose deliveries are whose: apply refuses the second one.",
				Hint:    "give each job a name of its own",
			})
		}
	}
	return found
}
