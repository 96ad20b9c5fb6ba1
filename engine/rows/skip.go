package rows

import "slices"

// Skip has Rows give those rows without a Value, as Skipped, whose cell in a column makes unwanted true: to tell a row from others costs
// less than to make it. Without such a column none is. It comes before Rows.
func (c *CSVReader) Skip(column string, unwanted func(cell string) bool) {
	if at := slices.Index(c.columns, column); at >= 0 && column != "" {
		c.skips = func(fields []string) bool { return unwanted(fields[at]) }
	}
}
