package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// List is the findings of one stage. The order is that of discovery until Sort is called.
type List []Diagnostic

// HasErrors says whether one finding is an Error: a file with one sends nothing.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity != Warning })
}

// Sort returns the findings by file, line, column and code, each once. What compares equal keeps the order of discovery.
func (l List) Sort() List {
	sorted := slices.Clone(l)
	slices.SortStableFunc(sorted, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Range.name(), b.Range.name()),
			a.Range.Start.Compare(b.Range.Start),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Summary, b.Summary),
		)
	})
	return slices.CompactFunc(sorted, func(a, b Diagnostic) bool {
		return a.Range.Start == b.Range.Start && a.Range.name() == b.Range.name() && a.Code == b.Code && a.Summary == b.Summary
	})
}

func (r Range) name() string {
	if r.Source == nil {
		return ""
	}
	return r.Source.Name
}

// Err returns a *ListError when one finding is an Error, else nil.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return &ListError{List: l}
}

// ListError is a List that stops the command.
type ListError struct {
	List List // warnings are among them
}

// Error returns the first Error and the number of the others.
func (e *ListError) Error() string {
	first, others := "", 0
	for _, d := range e.List {
		switch {
		case d.Severity == Warning:
		case first == "":
			first = d.String()
		default:
			others++
		}
	}
	if others > 0 {
		return fmt.Sprintf("%s (and %d more)", first, others)
	}
	return first
}
