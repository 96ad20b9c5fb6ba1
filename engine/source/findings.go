package source

import (
	"waybill/engine/diag"
)

// Findings collects what is wrong with a file. The zero value is empty; it is not safe for concurrent use.
type Findings struct {
	List diag.List // in the order in which things were found

	broken int // documents that are no YAML
}

// maxFindings is how many findings Fault and Warn keep; further ones are dropped.
const maxFindings = 1000

// Fault adds an Error. Detail and hint may be empty, see diag.Diagnostic.
func (f *Findings) Fault(code string, r diag.Range, summary, detail, hint string) {
	f.add(diag.Error, code, r, summary, detail, hint)
}

// Warn adds a Warning.
func (f *Findings) Warn(code string, r diag.Range, summary, detail, hint string) {
	f.add(diag.Warning, code, r, summary, detail, hint)
}

func (f *Findings) add(severity diag.Severity, code string, r diag.Range, summary, detail, hint string) {
	if len(f.List) >= maxFindings {
		return
	}
	f.List = append(f.List, diag.Diagnostic{
		Severity: severity, Code: code, Summary: summary, Detail: detail, Hint: hint, Range: r,
	})
}
