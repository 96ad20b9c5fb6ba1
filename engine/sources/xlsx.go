package sources

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/rows"
	"waybill/engine/sources/xlsx"
)

// workbook is a sheet of a workbook whose first row names its columns.
type workbook struct{ world World }

func (*workbook) Key() string       { return "xlsx" }
func (*workbook) Options() []string { return []string{"sheet", "hidden", "headerRow", "maxAge"} }

func (*workbook) Origin(f *engine.ForEach) engine.Origin {
	origin := originOf(f)
	origin.Spooled = true // it is slow to read
	return origin
}

// Check reads the header of a file; where it is asked to be thorough, the whole sheet.
func (k *workbook) Check(c *engine.SourceCheck) (engine.Shape, diag.List) {
	if found := k.world.checkAddress(c.ForEach); found != nil {
		return columnsOf(nil, nil), found
	}
	in, found := literalFile(c)
	if in == nil {
		return columnsOf(nil, nil), found
	}
	defer func() { _ = in.Close() }() // opened for reading
	var table tableReader
	book, sheet, found, err := openSheet(context.Background(), c.ForEach, in)
	if err == nil {
		table.more = func() bool { return c.Thorough || table.columns == nil || table.title.Open() }
		var more diag.List
		more, err = table.read(c.ForEach, in.name, book, sheet)
		found = append(found, more...)
	}
	switch list, told := errors.AsType[*diag.ListError](err); {
	case told:
		return columnsOf(nil, nil), list.List
	case err != nil:
		return columnsOf(nil, nil), diag.List{engine.Unreadable(c.Job, c.FromRange, in.name, err)}
	}
	if !c.Thorough {
		return columnsOf(rows.Named(table.columns, table.twice), table.twice), nil
	}
	for i := range found {
		if found[i].Severity == diag.Error {
			found[i].Severity, found[i].Detail = diag.Warning, found[i].Detail+" run and apply will refuse it."
		}
	}
	return columnsOf(rows.Named(table.columns, table.twice), table.twice), found
}

// Open takes the sheet apart, once a command.
func (k *workbook) Open(ctx context.Context, c *engine.SourceCall) (engine.Rows, error) {
	in, err := k.world.contentOf(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // opened for reading
	id := fmt.Sprintf("xlsx\x00%s\x00%s\x00%s\x00%d\x00%v", in.name, c.ForEach.Sheet, c.ForEach.Hidden, c.ForEach.HeaderRow, c.Lines)
	return keep(ctx, c, id, in.name, func(ctx context.Context, w *rowWriter) (findings, error) {
		w.copy.Modified = in.modified
		book, sheet, found, err := openSheet(ctx, c.ForEach, in)
		if err != nil {
			return findings{}, err
		}
		table := tableReader{write: w.row, more: func() bool { return ctx.Err() == nil }, eachLine: c.Lines}
		more, err := table.read(c.ForEach, in.name, book, sheet)
		return findings{append(found, more...), table.twice}, errors.Join(err, ctx.Err())
	})
}

// readerAt gives the content for reading from any place.
func (c *content) readerAt(ctx context.Context) (io.ReaderAt, int64, error) {
	if c.copied != nil {
		r := c.copied.Reader()
		return r, r.Size(), nil
	}
	if file, ok := c.file.(io.ReaderAt); ok {
		about, err := c.file.Stat()
		if err != nil {
			return nil, 0, err
		}
		return file, about.Size(), nil
	}
	copied, err := engine.NewCopy(ctx, func(_ context.Context, to *engine.Copy) error {
		_, err := io.Copy(to, c.Reader)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	c.copied, c.ownCopy = copied, true
	return copied.Reader(), copied.Size(), nil
}

// tableReader makes rows of a sheet.
type tableReader struct {
	headerRow int // where columns stand

	columns []string // empty: one without a name, in which no row may have a value
	twice   []rows.Twice
	title   rows.Title
	header  error
	hidden  []int // rows that nobody sees
	tail    rows.Tail[xlsx.Row]

	eachLine bool // no row stands below the table

	write  func(number int, value any, wrong error) error
	more   func() bool // whether to read on
	failed error
}

// read reads a sheet, and says what there is to say about it as a whole.
func (t *tableReader) read(f *engine.ForEach, name string, book *xlsx.Book, sheet xlsx.Sheet) (diag.List, error) {
	about, err := book.Read(sheet, func(row xlsx.Row) bool { return t.row(f, row) && t.more() })
	if err = errors.Join(err, t.failed); err != nil {
		return nil, err
	}
	if t.header == nil && t.columns == nil {
		t.header = &rows.HeaderError{Message: fmt.Sprintf("the sheet %q is empty", sheet.Name), Hint: "its first row has to name the columns"}
	}
	if t.header == nil {
		t.header = t.title.End()
	}
	if header, ok := errors.AsType[*rows.HeaderError](t.header); ok {
		return nil, badSheet(f, name, header)
	}
	return t.findings(f, name, about), nil
}

// badSheet is the error about a sheet whose first row names no columns.
func badSheet(f *engine.ForEach, name string, header *rows.HeaderError) error {
	if header.Line > 0 {
		name = fmt.Sprintf("%s, row %d", name, header.Line)
	}
	return fault("bad-workbook", f.FromRange, name+": "+header.Message, "", header.Hint).Err()
}

// row makes one row, and returns false when no more can be read.
func (t *tableReader) row(f *engine.ForEach, row xlsx.Row) bool {
	for i := range row.Cells {
		row.Cells[i] = rows.Cell(row.Cells[i])
	}
	if row.Err == nil && !slices.ContainsFunc(row.Cells, rows.HasValue) {
		return true
	}
	if t.columns == nil {
		switch {
		case row.Number < f.HeaderRow:
			return true
		case f.HeaderRow > 0 && row.Number > f.HeaderRow:
			t.header = rows.NoNames(f.HeaderRow)
			return false
		}
		if t.header = row.Err; t.header == nil {
			t.columns, t.twice, t.header = rows.Columns(row.Number, row.Cells)
			t.headerRow = row.Number
			t.title = rows.NewTitle(row.Number, t.columns)
			t.header = cmp.Or(t.header, rows.RefuseRow(row.Number, t.columns))
		} else {
			t.header = &rows.HeaderError{Line: row.Number, Message: "in the header: " + row.Err.Error()}
		}
		return t.header == nil
	}
	if t.header = t.title.Row(row.Number, row.Cells); t.header == nil && rows.IsOtherHeader(t.columns, row.Cells) {
		t.header = &rows.HeaderError{Line: row.Number, Message: "it " + rows.ErrOtherHeader.Error()}
	}
	if t.header != nil {
		return false
	}
	if row.Hidden {
		t.hidden = append(t.hidden, row.Number)
		if f.Hidden == engine.HiddenSkip {
			return true
		}
	}
	if t.keeps(row) {
		return true
	}
	for _, kept := range append(t.tail.Rows(), row) {
		if t.failed == nil && t.write != nil {
			value, err := t.value(kept)
			t.failed = t.write(kept.Number, value, err)
		}
	}
	return t.failed == nil
}

// keeps keeps a row back that may stand below the table. A sheet does not say how many cells its rows have: none of them is a line of one.
func (t *tableReader) keeps(row xlsx.Row) bool {
	if t.eachLine || row.Hidden || row.Err != nil {
		return false
	}
	row.Cells = slices.Clone(row.Cells)
	return t.tail.Keeps(row, row.Number, t.columns, append(slices.Clip(row.Cells), ""), true)
}

// value is the item of a row: each of its columns as text.
func (t *tableReader) value(row xlsx.Row) (map[string]any, error) {
	if row.Err != nil {
		return nil, row.Err
	}
	if rows.RepeatsHeader(t.columns, row.Cells) {
		return nil, rows.ErrHeaderAgain
	}
	value := make(map[string]any, len(t.columns))
	for i, column := range t.columns {
		switch {
		case column == "":
		case i < len(row.Cells):
			value[column] = row.Cells[i]
		default:
			value[column] = ""
		}
	}
	rows.LeaveOut(t.twice, value)
	if at := rows.UnnamedValue(t.columns, row.Cells); at >= 0 {
		return nil, fmt.Errorf("has a value in column %s, which has no name in the header", rows.Letters(at+1))
	}
	return value, nil
}

// findings are about the sheet as a whole.
func (t *tableReader) findings(f *engine.ForEach, name string, about xlsx.About) diag.List {
	var list diag.List
	if len(t.hidden) > 0 && f.Hidden == "" {
		are, how := "are", "hidden"
		if len(t.hidden) == 1 {
			are = "is"
		}
		if about.Filtered {
			how = "filtered out or hidden"
		}
		list = append(list, diag.Diagnostic{
			Severity: diag.Error, Code: "hidden-rows", Range: f.FromRange,
			Summary: fmt.Sprintf("%s: %d of its rows %s %s (%s)", name, len(t.hidden), are, how, some(t.hidden)),
			Detail:  "Nobody can tell whether they are meant.",
			Hint:    "say hidden: include, or hidden: skip",
		})
	}
	var columns []string
	for _, column := range about.HiddenColumns {
		if column <= len(t.columns) && t.columns[column-1] != "" {
			columns = append(columns, t.columns[column-1])
		}
	}
	if len(columns) > 0 && f.Hidden == "" {
		list = append(list, diag.Diagnostic{
			Severity: diag.Warning, Code: "hidden-rows", Range: f.FromRange,
			Summary: fmt.Sprintf("%s: hidden columns are read as the others are: %s", name, quoted(columns)),
			Hint:    "hidden: include, or hidden: skip, says that this is known",
		})
	}
	if below := t.tail.Below(); below != nil {
		list = append(list, engine.BelowTable(name, f.FromRange, below))
	}
	if merged := t.merged(about); len(merged) > 0 {
		list = append(list, diag.Diagnostic{
			Severity: diag.Warning, Code: "merged-cells", Range: f.FromRange,
			Summary: fmt.Sprintf("%s: of merged cells only the first has the value: %s", name, firstOf(merged)),
			Detail:  "The rows below it have an empty cell there.",
			Hint:    "unmerge them, and fill each cell",
		})
	}
	return list
}

// merged are the merged cells that lie in the columns of the table.
func (t *tableReader) merged(about xlsx.About) []string {
	return slices.DeleteFunc(slices.Clone(about.Merged), func(reference string) bool {
		first, last, _ := strings.Cut(reference, ":")
		if row, err := strconv.Atoi(strings.TrimLeft(last, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")); err == nil && row < t.headerRow {
			return true // of a title
		}
		column := 0
		for _, letter := range strings.TrimRight(first, "0123456789") {
			column = column*26 + int(letter-'A') + 1
		}
		return column > len(t.columns)
	})
}

// mostPlaces is how many places a finding names.
const mostPlaces = 5

// some names rows: "rows 3, 7 and 12 more".
func some(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = fmt.Sprint(n)
	}
	if len(words) == 1 {
		return "row " + words[0]
	}
	return "rows " + firstOf(words)
}

func firstOf(words []string) string {
	if len(words) <= mostPlaces {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:mostPlaces], ", "), len(words)-mostPlaces)
}
