package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/diag"
	"waybill/engine/report"
	"waybill/engine/rows"
)

// readPeople reads a CSV file of people. The error is about the file or the command line.
func (a *app) readPeople(f *optOutFlags, file string) (*peopleList, error) {
	reading, err := f.reading(false)
	if err != nil {
		return nil, err
	}
	list := &peopleList{by: a.actor(".")}
	r := &peopleReader{
		peopleList: list, flags: f, seen: map[engine.OptOut]bool{}, now: a.env.Now(),
		list: audience.List{Name: file, File: true, Reading: reading, Code: "not-a-person"},
	}
	in, err := os.Open(file) //nolint:gosec // the user names it
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usageError("there is no file "+file, "")
		}
		return nil, fmt.Errorf("read the list: %w", err)
	}
	err = r.readAll(in)
	return list, errors.Join(err, in.Close())
}

func (r *peopleReader) readAll(in io.Reader) error {
	buffered := bufio.NewReader(in)
	if blank, err := isBlank(buffered); err != nil || blank {
		r.warnEmpty()
		return err
	}
	table, err := rows.CSV(buffered, rows.CSVOptions{KeepLines: true, EachLine: true})
	if bad, ok := errors.AsType[*rows.HeaderError](err); ok {
		return usageError(fmt.Sprintf("%s: %s", r.list.Name, bad.Error()), "")
	}
	if err != nil {
		return err
	}
	if at := slices.IndexFunc(table.Twice(), func(t rows.Twice) bool { return t.Name == r.flags.column }); at >= 0 {
		return usageError(fmt.Sprintf("%s: %s", r.list.Name, table.Twice()[at]), "give one of them another name in the file")
	}
	if r.list.Column, err = r.column(table.Columns()); err != nil {
		return err
	}
	for row, err := range table.Rows() {
		if bad, ok := errors.AsType[*rows.RowError](err); ok {
			r.refuse(audience.Line{Number: bad.Number, Text: bad.Text}, audience.Listed{}, bad.Err)
			continue
		}
		if err != nil {
			return usageError(fmt.Sprintf("%s: %v", r.list.Name, err), "nothing was changed")
		}
		r.keep(row)
	}
	if len(r.words)+len(r.invalid) == 0 {
		r.warnEmpty()
	}
	return nil
}

// isBlank says whether a file holds nothing but white space.
func isBlank(in *bufio.Reader) (bool, error) {
	for {
		c, _, err := in.ReadRune()
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, fmt.Errorf("read the list: %w", err)
		case !strings.ContainsRune(" \t\r\n\ufeff", c):
			return false, in.UnreadRune()
		}
	}
}

func (r *peopleReader) warnEmpty() {
	d := r.list.Finding(diag.Warning, audience.Line{}, audience.Listed{}, "the list names nobody")
	d.Code, d.Hint = "empty-list", "is it the file that was meant?"
	r.findings = append(r.findings, d)
}

// column finds the column that the people stand in. A list without a header begins with its first entry.
func (r *peopleReader) column(columns []string) (string, error) {
	r.own = slices.Equal(columns, report.OptOutColumns())
	known := "its columns are " + strings.Join(columns, ", ")
	if r.flags.column != "" {
		if slices.Contains(columns, r.flags.column) {
			return r.flags.column, nil
		}
		hint := known
		if near := diag.Suggest(r.flags.column, columns); near != "" {
			hint = fmt.Sprintf("did you mean --column %s?", near)
		}
		return "", usageError(fmt.Sprintf("%s has no column %q", r.list.Name, r.flags.column), hint)
	}
	if len(columns) == 1 {
		if _, err := r.list.Reading.Read(columns[0]); err == nil || looksLikeNumber(columns[0]) {
			r.keep(rows.Row{Number: 1, Value: columns[0]})
		}
		return columns[0], nil
	}
	for _, name := range columns {
		if strings.EqualFold(name, "person") || strings.EqualFold(name, "phone") {
			return name, nil
		}
		if looksLikeNumber(name) {
			return "", usageError(r.list.Name+": its first line is an entry and names no columns", "write such a line above it: phone,name")
		}
	}
	return "", usageError(r.list.Name+": which column are the people in?", "say --column NAME; "+known)
}

// looksLikeNumber tells a number from the name of a column: it has some digits and no letter.
func looksLikeNumber(text string) bool {
	digits, letters := 0, 0
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			letters++
		}
	}
	return digits >= 5 && letters == 0
}

// ownWords are the words of a line that export wrote: what was left since when, and the numbers to which the person came back.
func ownWords(w engine.OptOut, value map[string]any) ([]engine.OptOut, error) {
	cell := func(name string) string {
		text, _ := value[name].(string)
		return strings.TrimSpace(text)
	}
	w.Scope, w.NumberID = engine.OptOutScope(cell("scope")), cell("phoneNumberId")
	if w.Scope != engine.ScopeAll && w.Scope != engine.ScopeMarketing {
		return nil, fmt.Errorf("%q is no scope: it is all or marketing", w.Scope)
	}
	at, err := time.Parse(time.RFC3339, cell("since"))
	if err != nil {
		return nil, fmt.Errorf("since: %q is no time such as 2026-03-25T09:00:00Z", cell("since"))
	}
	if w.At = at; cell("state") == "back" {
		w.Back = true
	}
	words := []engine.OptOut{w}
	for number := range strings.FieldsSeq(cell("except")) {
		back := w
		back.Back, back.NumberID = true, number
		words = append(words, back)
	}
	return words, nil
}
