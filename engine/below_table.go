package engine

import (
	"fmt"

	"waybill/engine/diag"
	"waybill/engine/rows"
)

// BelowTable is the finding that lines at the end of a source are no rows. name is the source's, at is where the job names it.
func BelowTable(name string, at diag.Range, b *rows.Below) diag.Diagnostic {
	where, are := fmt.Sprintf("line %d stands", b.First), "is"
	if b.Last > b.First {
		where, are = fmt.Sprintf("lines %d to %d stand", b.First, b.Last), "are"
	}
	return diag.Diagnostic{
		Severity: diag.Warning, Code: "below-table", Range: at, Private: []string{b.Text},
		Summary: fmt.Sprintf("%s: %s below the table, and %s no row: %q", name, where, are, b.Text),
		Hint:    "if it is a person's row, fill in its cells",
	}
}
