package report

import (
	"strings"

	"waybill/engine/diag"
)

// Finding is a diagnostic as programs read it. Line and Column count from 1, columns in runes, the end excluded;
// zero where there is no place.
type Finding struct {
	Severity  string   `json:"severity"` // error or warning
	Code      string   `json:"code"`
	Summary   string   `json:"summary"`
	Detail    string   `json:"detail,omitempty"`
	Hint      string   `json:"hint,omitempty"`
	File      string   `json:"file,omitempty"`
	Line      int      `json:"line,omitempty"`
	Column    int      `json:"column,omitempty"`
	EndLine   int      `json:"endLine,omitempty"`
	EndColumn int      `json:"endColumn,omitempty"`
	Excerpt   *Excerpt `json:"excerpt,omitempty"`

	private     []string // what of its words is a person's
	privateLine bool     // so is the excerpt
}

// Excerpt is the line that a finding is about, or the part of a long one around the place, and the marks to print
// below it.
type Excerpt struct {
	Text  string `json:"text"`
	Marks string `json:"marks"`
}

// Findings returns the form for programs, in the order of the list. It is never nil.
func Findings(list diag.List) []Finding {
	findings := make([]Finding, 0, len(list))
	for _, d := range list {
		findings = append(findings, finding(d))
	}
	return findings
}

func finding(d diag.Diagnostic) Finding {
	f := Finding{
		Severity: d.Severity.String(), Code: d.Code,
		Summary: d.Summary, Detail: d.Detail, Hint: d.Hint, private: d.Private,
	}
	if d.Range.Source == nil {
		return f
	}
	f.File, f.privateLine = d.Range.Source.Name, d.Range.Source.Private
	f.Line, f.Column = d.Range.Start.Line, d.Range.Start.Column
	f.EndLine, f.EndColumn = d.Range.End.Line, d.Range.End.Column
	if e := d.Range.Excerpt(); strings.TrimSpace(e.Text) != "" {
		f.Excerpt = &Excerpt{Text: e.Text, Marks: e.Marks}
	}
	return f
}

// countSeverities counts findings by severity.
func countSeverities(findings []Finding) (errors, warnings int) {
	for _, f := range findings {
		if f.Severity == diag.Error.String() {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}

// Check is what validate says, as programs read it.
type Check struct {
	FormatVersion int       `json:"formatVersion"`
	Files         int       `json:"files"`
	Jobs          int       `json:"jobs"`
	Errors        int       `json:"errors"`
	Warnings      int       `json:"warnings"`
	Findings      []Finding `json:"findings"`
}

// NewCheck makes it from the findings of all files. Jobs are those that were found right.
func NewCheck(files, jobs int, list diag.List) Check {
	findings := Findings(list)
	errors, warnings := countSeverities(findings)
	return Check{
		FormatVersion: FormatVersion, Files: files, Jobs: jobs,
		Errors: errors, Warnings: warnings, Findings: findings,
	}
}

// FormatVersion is the version of every form for programs here. A new key does not raise it; a key that goes or
// changes its meaning does.
const FormatVersion = 1
