package sources

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/rows"
	"waybill/engine/sources/xlsx"
)

// openSheet opens a workbook and finds the sheet that is meant. Its findings are about the sheets that are not.
func openSheet(ctx context.Context, f *engine.ForEach, in *content) (*xlsx.Book, xlsx.Sheet, diag.List, error) {
	none := xlsx.Sheet{}
	bytes, size, err := in.readerAt(ctx)
	if err != nil {
		return nil, none, nil, err
	}
	book, err := xlsx.Open(bytes, size)
	if kind, ok := errors.AsType[*xlsx.KindError](err); ok {
		return nil, none, nil, fault("bad-workbook", f.FromRange, in.name+": "+kind.Message, "", kind.Hint).Err()
	}
	if err != nil {
		return nil, none, nil, err
	}
	var names []string
	for _, sheet := range book.Sheets {
		if sheet.Name == f.Sheet {
			return book, sheet, nil, nil
		}
		names = append(names, sheet.Name)
	}
	if f.Sheet != "" {
		hint := ""
		if near := diag.Suggest(f.Sheet, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return nil, none, nil, fault("unknown-sheet", f.FromRange, fmt.Sprintf("%s has no sheet %q", in.name, f.Sheet),
			"Its sheets are "+quoted(names)+".", hint).Err()
	}
	first := max(0, slices.IndexFunc(book.Sheets, func(s xlsx.Sheet) bool { return !s.Hidden }))
	var others []string
	for i, sheet := range book.Sheets {
		if i != first && !sheet.Hidden && hasRows(book, sheet) {
			others = append(others, sheet.Name)
		}
	}
	switch {
	case len(others) == 0:
		return book, book.Sheets[first], nil, nil
	case !hasTable(book, book.Sheets[first]):
		return nil, none, nil, fault("other-sheets", f.FromRange,
			fmt.Sprintf("%s: its first sheet, %q, has no table of several columns; there are rows in %s", in.name, book.Sheets[first].Name, quoted(others)), "",
			fmt.Sprintf("say which is meant: sheet: %q", others[0])).Err()
	}
	return book, book.Sheets[first], diag.List{{
		Severity: diag.Warning, Code: "other-sheets", Range: f.FromRange,
		Summary: fmt.Sprintf("%s: the rows are those of its first sheet, %q; there are rows in %s too", in.name, book.Sheets[first].Name, quoted(others)),
		Hint:    fmt.Sprintf("say which is meant: sheet: %q", book.Sheets[first].Name),
	}}, nil
}

// hasRows says whether a sheet has a row below its first. One that cannot be read has none.
func hasRows(book *xlsx.Book, sheet xlsx.Sheet) bool {
	rows := 0
	_, _ = book.Read(sheet, func(xlsx.Row) bool { rows++; return rows < 2 })
	return rows > 1
}

// hasTable says whether a sheet has a row below its first, and a row of several values: a cover has lines of one.
func hasTable(book *xlsx.Book, sheet xlsx.Sheet) bool {
	rowsMet, several := 0, false
	_, _ = book.Read(sheet, func(row xlsx.Row) bool {
		values := 0
		for _, cell := range row.Cells {
			if rows.HasValue(cell) {
				values++
			}
		}
		rowsMet++
		several = several || values > 1
		return rowsMet < mostOfCover && (!several || rowsMet < 2)
	})
	return several && rowsMet > 1
}

// mostOfCover is how many rows of a sheet are looked at for one that has several values.
const mostOfCover = 100

func quoted(names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(words, ", ")
}
