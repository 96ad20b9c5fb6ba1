package source

import (
	"waybill/engine/diag"
)

// findings collects what is wrong with a file.
type Findings struct {
	List diag.List
}

// maxFindings is more than anybody reads.
const maxFindings = 1000

// fault adds an Error. Detail and hint may be empty.
func (f *Findings) Fault(code string, r diag.Range, summary, detail, hint string) {
	if len(f.List) >= maxFindings {
		return
	}
	f.List = append(f.List, diag.Diagnostic{
		Severity: diag.Error, Code: code, Summary: summary, Detail: detail, Hint: hint, Range: r,
	})
}

// warn adds a Warning.
func (f *Findings) Warn(code string, r diag.Range, summary, detail, hint string) {
	before := len(f.List)
	f.Fault(code, r, summary, detail, hint)
	if len(f.List) > before {
		f.List[before].Severity = diag.Warning
	}
}

// read reads a file: one node of each YAML document, nil for an empty one. A document in which something is found wrong is
// returned as far as it could be read.
func (f *Findings) Read(src *diag.Source) []*Node {
	switch {
	case !f.checkText(src):
		return nil
	case isJSON(src):
		return []*Node{f.readJSON(src)}
	}
	return f.readYAML(src)
}
