package rows

import "slices"

// Columns makes the names of columns of the fields of a header, which stands at this line, by the rules of CSV. A column before others
// that has no name is empty; those at the end are left out. At least one field has a value. The error is a *HeaderError.
func Columns(line int, fields []string) (columns []string, twice []Twice, err error) {
	c := &CSVReader{}
	err = c.nameColumns(line, fields)
	return c.columns, c.twice, err
}

// UnnamedValue finds the place, from 0, of a cell with a value that stands in no named column; -1: there is none. What stands before the
// first that has a name is none: programs number their rows there.
func UnnamedValue(columns, cells []string) int {
	if at := valueInGap(columns, cells); at >= 0 || len(cells) <= len(columns) {
		return at
	}
	at := slices.IndexFunc(cells[len(columns):], hasValue)
	if at < 0 {
		return -1
	}
	return len(columns) + at
}

// IsEmpty says whether a value holds nothing at all: null, text that shows nothing, and lists and objects of nothing else. A row of
// this kind does not exist.
func IsEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return !hasValue(v)
	case []any:
		return !slices.ContainsFunc(v, func(element any) bool { return !IsEmpty(element) })
	case map[string]any:
		for _, field := range v {
			if !IsEmpty(field) {
				return false
			}
		}
		return true
	}
	return false
}

// HasValue says whether a cell shows anything.
func HasValue(cell string) bool { return hasValue(cell) }
