package rows

// Columns makes the names of columns of the fields of a header, which stands at this line, by the rules of CSV. unnamed counts the
// fields at the end without a name: they are columns only when a row has a value there. At least one field has a value. The error
// is a *HeaderError.
func Columns(line int, fields []string) (columns []string, unnamed int, err error) {
	c := &CSVReader{}
	err = c.nameColumns(line, fields)
	return c.columns, c.unnamed, err
}

// HasValue says whether a cell shows anything.
func HasValue(cell string) bool { return hasValue(cell) }
