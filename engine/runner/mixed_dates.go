package runner

import (
	"fmt"
	"slices"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/leftover"
	"waybill/engine/wording"
)

// mixedDates finds columns whose dates are written in two orders. A spreadsheet that takes 03/04/2026 for the 4th of March makes a date of
// it, which is written anew, and leaves 13/04/2026 as it is: so the days of the first may be wrong.
type mixedDates struct{ columns []*dateColumn }

// dateColumn is a column with dates that messages read.
type dateColumn struct {
	each   *engine.Step
	cell   string
	orders [leftover.MonthFirst + 1]rowTally[string] // YearLast: also of those that say which comes first
}

// meet looks at a cell that comes into a message.
func (m *mixedDates) meet(each *engine.Step, read eval.Read, text string, row int) {
	order := leftover.Date(text)
	if order == 0 {
		return
	}
	cell := read.String()
	at := slices.IndexFunc(m.columns, func(c *dateColumn) bool { return c.each == each && c.cell == cell })
	if at < 0 {
		at = len(m.columns)
		m.columns = append(m.columns, &dateColumn{each: each, cell: cell})
	}
	m.columns[at].orders[order].meet(row, text)
	if order > leftover.YearLast {
		m.columns[at].orders[leftover.YearLast].meet(row, text)
	}
}

// warnings are about the columns that have both.
func (m *mixedDates) warnings() diag.List {
	var list diag.List
	for _, c := range m.columns {
		first, last := &c.orders[leftover.YearFirst], &c.orders[leftover.YearLast]
		if first.rows == 0 {
			first, last = &c.orders[leftover.DayFirst], &c.orders[leftover.MonthFirst]
		}
		if first.rows == 0 || last.rows == 0 {
			continue
		}
		list = append(list, diag.Diagnostic{
			Severity: diag.Warning, Code: "mixed-dates", Range: c.each.ForEach.Range, Private: []string{first.first[0].of, last.first[0].of},
			Summary: fmt.Sprintf("the dates in %s are written in two ways: %s as %s (%s), %s as %s (%s)", c.cell,
				wording.Plural(first.rows, "row"), first.first[0].of, first.places(),
				wording.Plural(last.rows, "row"), last.first[0].of, last.places()),
			Detail: "A spreadsheet that takes the day for the month does this to the dates that it can read so, and people would come on another day.",
			Hint:   "compare such a row with where it comes from, and have the column exported as text, in one way",
		})
	}
	return list
}
