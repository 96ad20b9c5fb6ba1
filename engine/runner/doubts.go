package runner

import (
	"fmt"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/wording"
)

// doubtCount gathers what is doubted about the messages of rows.
type doubtCount struct{ found []*rowDoubt }

// rowDoubt is one doubt about a parameter of a step, with the rows that it is about.
type rowDoubt struct {
	step     *engine.Step
	doubt    engine.Doubt
	messages int
	rows     rowTally[struct{}]
}

// meet counts the doubts about a message.
func (n *doubtCount) meet(c *candidate) {
	for _, d := range c.call.Message.Doubts {
		at := slices.IndexFunc(n.found, func(known *rowDoubt) bool { return known.step == c.step && known.doubt == d })
		if at < 0 {
			at = len(n.found)
			n.found = append(n.found, &rowDoubt{step: c.step, doubt: d})
		}
		known := n.found[at]
		known.messages++
		known.rows.meet(c.q.row, struct{}{})
	}
}

// warnings says what was doubted, without any value of a row.
func (n *doubtCount) warnings() diag.List {
	var list diag.List
	for _, d := range n.found {
		at := d.step.NameRange
		name, _, _ := strings.Cut(strings.ReplaceAll(d.doubt.Parameter, "[", "."), ".")
		if parameter := d.step.Params.Field(name); parameter != nil {
			at = parameter.Range()
		}
		finding := diag.Diagnostic{
			Severity: diag.Warning, Code: "doubtful-value", Range: at, Hint: d.doubt.Hint,
			Summary: fmt.Sprintf("%s: %s", wording.Plural(d.messages, "message"), d.doubt.Summary),
		}
		if d.rows.first[0].row > 0 {
			finding.Detail = sentence(d.rows.places())
		}
		list = append(list, finding)
	}
	return list
}

// sentence makes one of a few words.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }
