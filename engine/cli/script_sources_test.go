package cli_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
	_ "modernc.org/sqlite" // the driver
)

// makeWorkbook is the command `workbook FILE SHEET…`: it makes FILE of sheets that are written as text, a row a line, with | between
// the cells. A cell is text, or num:34612345678, date:46106 (shown as 25/03/2026), time:0.375 or formula:A1+1. Lines that begin
// with @ say something of the sheet: @name People, @hidden, @hide 3 4, @hidecolumn B, @filter A1:C9, @merge A2:A4.
func makeWorkbook(ts *testscript.TestScript, _ bool, args []string) {
	f := excelize.NewFile()
	var hidden []string
	for i, source := range args[1:] {
		name := "Sheet" + strconv.Itoa(i+1)
		if i > 0 {
			_, err := f.NewSheet(name)
			ts.Check(err)
		}
		row := 0
		for line := range strings.Lines(ts.ReadFile(source)) {
			line = strings.TrimSuffix(line, "\n")
			if line == "@hidden" { // one that is shown has to be there first
				hidden = append(hidden, name)
				continue
			}
			if rest, ok := strings.CutPrefix(line, "@"); ok {
				var err error
				name, err = adjust(f, name, strings.Fields(rest))
				ts.Check(err)
				continue
			}
			row++
			for column, cell := range strings.Split(line, "|") {
				at, err := excelize.CoordinatesToCellName(column+1, row)
				ts.Check(errors.Join(err, setCell(f, name, at, cell)))
			}
		}
	}
	f.SetActiveSheet(len(args) - 2)
	for _, name := range hidden {
		ts.Check(f.SetSheetVisible(name, false))
	}
	ts.Check(f.SaveAs(ts.MkAbs(args[0])))
}

// makeDatabase is the command `database FILE SQL`.
func makeDatabase(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.ExecContext(context.Background(), ts.ReadFile(args[1]))
	ts.Check(errors.Join(err, db.Close()))
}

// serveFiles is the command `fileserver DIR`. What it was asked for is a line each in the file DIR.log.
func serveFiles(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	log, err := os.Create(dir + ".log")
	ts.Check(err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(log, r.URL.Path)
		path, undated := strings.CutPrefix(r.URL.Path, "/undated")
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		if about, err := os.Stat(filepath.Join(dir, filepath.FromSlash(path))); err == nil && !undated {
			w.Header().Set("Last-Modified", about.ModTime().UTC().Format(http.TimeFormat))
		}
		_, _ = w.Write(text)
	}))
	ts.Defer(func() { server.Close(); _ = log.Close() })
	ts.Setenv("FILES", strings.TrimPrefix(server.URL, "http://"))
}

// adjust does what a line with @ says, and returns the name of the sheet.
func adjust(f *excelize.File, sheet string, words []string) (string, error) {
	var failed []error
	switch words[0] {
	case "name":
		return words[1], f.SetSheetName(sheet, words[1])
	case "hide":
		for _, word := range words[1:] {
			row, err := strconv.Atoi(word)
			failed = append(failed, err, f.SetRowVisible(sheet, row, false))
		}
	case "hidecolumn":
		failed = append(failed, f.SetColVisible(sheet, words[1], false))
	case "filter":
		failed = append(failed, f.AutoFilter(sheet, words[1], []excelize.AutoFilterOptions{{Column: "A", Expression: "x != blanks"}}))
	case "merge":
		from, to, _ := strings.Cut(words[1], ":")
		failed = append(failed, f.MergeCell(sheet, from, to))
	default:
		failed = append(failed, errors.New("no such line: @"+words[0]))
	}
	return sheet, errors.Join(failed...)
}

func setCell(f *excelize.File, sheet, at, cell string) error {
	kind, rest, typed := strings.Cut(cell, ":")
	number, err := strconv.ParseFloat(rest, 64)
	formats := map[string]string{"date": "dd/mm/yyyy", "time": "hh:mm"}
	switch {
	case typed && kind == "formula":
		return f.SetCellFormula(sheet, at, rest)
	case typed && err == nil && kind == "num":
		return f.SetCellValue(sheet, at, number)
	case typed && err == nil && formats[kind] != "":
		format := formats[kind]
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		return errors.Join(err, f.SetCellValue(sheet, at, number), f.SetCellStyle(sheet, at, at, style))
	}
	return f.SetCellValue(sheet, at, cell)
}
