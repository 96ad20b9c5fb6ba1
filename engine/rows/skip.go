package rows

import "slices"

// Skip has Rows give those rows without a Value, as Skipped, whose cells in some columns make unwanted true: to tell a row from others costs
// less than to make it. The cells are in the order of columns, and are given for the moment. Without one of these columns none is skipped. It
// comes before Rows.
func (c *CSVReader) Skip(columns []string, unwanted func(cells []string) bool) {
	at := make([]int, len(columns))
	for i, column := range columns {
		if at[i] = slices.Index(c.columns, column); at[i] < 0 || column == "" {
			return
		}
	}
	cells := make([]string, len(columns))
	c.skips = func(fields []string) bool {
		for i := range at {
			cells[i] = fields[at[i]]
		}
		return unwanted(cells)
	}
}
