package audience

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/phone"
	"waybill/engine/rows"
)

// List reads the entries of a list of people: of those who get nothing, or who left.
type List struct {
	Name    string     // of the source, for people
	File    bool       // Name is a file, in which findings stand at their rows
	At      diag.Range // where findings stand about a source that is no file
	Column  string     // that holds the people, or the key of an object; empty: the only one that there is
	Reading phone.Reading
	Code    string // of findings about entries
}

// Listed is one entry of a list.
type Listed struct {
	ID      string // a number "+34…" or a user id; empty: the entry names nobody
	Cell    string // the text that it was read from
	Column  string // where that stands; empty: the row is no table's
	Warning string // a number that is taken as it is, though it is no valid one; mostly empty
}

// Read reads the entry of a row. The error says, in the words for people, why it names nobody.
func (l *List) Read(row rows.Row) (Listed, error) {
	p := Listed{}
	value := row.Value
	if entry, ok := value.(map[string]any); ok {
		p.Column = l.Column
		if p.Column == "" && len(entry) == 1 {
			for name := range entry {
				p.Column = name
			}
		}
		if p.Column == "" {
			return p, fmt.Errorf("it has %d columns, and nothing says which of them names the person", len(entry))
		}
		if value, ok = entry[p.Column]; !ok {
			return p, fmt.Errorf("it has no %q", p.Column)
		}
	}
	var err error
	if value == nil {
		value = ""
	}
	if p.Cell, err = eval.Text(value); err != nil {
		return p, err
	}
	if rows.Blank(p.Cell) {
		return p, errors.New("it is empty")
	}
	number, err := l.Reading.Read(p.Cell)
	if err != nil {
		return p, errors.New(NumberFault(err))
	}
	p.ID, p.Warning = number.Text, number.Warning
	return p, nil
}

// NumberFault is what is wrong with a number, with what may be meant.
func NumberFault(err error) string {
	e, ok := errors.AsType[*phone.Error](err)
	if !ok {
		return err.Error()
	}
	if e.Fix != "" {
		return e.Summary() + "; did you mean " + e.Fix + "?"
	}
	return e.Summary()
}

// Line is where an entry stands in its list.
type Line struct {
	Number int    // of the line or the row, from 1
	Text   string // the line; empty: it is no text's, or not known
}

// Finding is about the entry of a line. p may be the zero value, where the entry could not be read.
func (l *List) Finding(s diag.Severity, at Line, p Listed, summary string) diag.Diagnostic {
	d := diag.Diagnostic{Severity: s, Code: l.Code, Summary: summary, Range: l.At}
	for _, private := range []string{p.Cell, p.ID} {
		if private != "" {
			d.Private = append(d.Private, private)
		}
	}
	if p.Column != "" {
		d.Summary = p.Column + ": " + d.Summary
	}
	if l.File {
		d.Range = at.of(l.Name, p.Cell)
	} else {
		d.Summary = fmt.Sprintf("row %d of %s: %s", at.Number, cmp.Or(l.Name, "the list"), d.Summary)
	}
	return d
}

// of is where a cell stands in the line of a file; all of the line where it cannot be found in it.
func (l Line) of(file, cell string) diag.Range {
	number := max(l.Number, 1)
	source := &diag.Source{Name: file, Text: []byte(l.Text), First: number, Private: true}
	from := strings.Index(l.Text, cell)
	if cell == "" || from < 0 {
		from, cell = 0, l.Text
	}
	return source.Range(from, from+len(cell))
}
