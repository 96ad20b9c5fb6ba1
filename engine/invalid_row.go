package engine

import (
	"fmt"
	"strings"

	"waybill/engine/diag"
)

// InvalidRows returns a finding for each item that cannot be sent, at its row. file returns the path by which findings name the
// source of a step's items; empty: they come from no file, and the finding stands at the step.
func (p *Plan) InvalidRows(file func(s *Step) string) diag.List {
	var list diag.List
	for _, e := range p.Invalids {
		_, message := CutPlace(e.Err.Error(), e.Row)
		d := diag.Diagnostic{
			Severity: diag.Error, Code: "invalid-row", Summary: message, Range: e.Step.Range,
			Detail:  "step " + e.Step.Path,
			Private: append([]string{e.Item}, e.Values...),
		}
		if e.Cell != "" && !strings.HasPrefix(d.Summary, e.Cell+": ") {
			d.Summary = e.Cell + ": " + d.Summary
		}
		if e.Item != "" {
			d.Detail += fmt.Sprintf(", item %q", e.Item)
		}
		if name := file(e.Step); name != "" && e.Row > 0 {
			at := diag.Pos{Line: e.Row, Column: 1}
			d.Range = diag.Range{Source: &diag.Source{Name: name}, Start: at, End: at}
		} else if e.Row > 0 {
			d.Detail += fmt.Sprintf(", row %d", e.Row)
		}
		list = append(list, d)
	}
	if rest := p.Invalid - len(p.Invalids); rest > 0 {
		list = append(list, diag.Diagnostic{
			Severity: diag.Error, Code: "invalid-row", Summary: fmt.Sprintf("%d further rows cannot be sent", rest),
		})
	}
	return list
}

// CutPlace takes from a message that begins with the place of a row ("people.csv:8: …") that place, and returns its file too; empty
// where the message does not begin so.
func CutPlace(message string, row int) (file, rest string) {
	file, rest, found := strings.Cut(message, fmt.Sprintf(":%d: ", row))
	if row == 0 || !found || strings.Contains(file, ": ") {
		return "", message
	}
	return file, rest
}
