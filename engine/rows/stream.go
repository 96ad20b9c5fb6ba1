package rows

import (
	"errors"
	"fmt"
	"io"
	"iter"
)

// Rows streams the rows, once. Values are what a spreadsheet shows, in Unicode's composed form and without the white space around them. Lines, rows
// and columns without any value are passed over. A *RowError is about one row, and the stream goes on; any other error is
// the last.
func (c *CSVReader) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		guessTold := false
		give := func(row Row, err error) bool {
			if !guessTold && c.guessed() != nil {
				row.Guess, guessTold = c.guessed(), true
			}
			return yield(row, err) && (err == nil || isRowError(err))
		}
		for {
			line, err := c.lines.next()
			if errors.Is(err, io.EOF) {
				break
			}
			now, ok := c.read(line, err)
			if !ok || c.keeps(now) {
				continue
			}
			for _, kept := range c.tail.Rows() {
				if !give(kept.row, inMiddle(kept.err)) {
					return
				}
			}
			if !give(now.row, now.err) {
				return
			}
		}
		if below := c.tail.Below(); below != nil {
			give(Row{Number: below.First, Below: below}, nil)
		}
	}
}

// told is what the reader has of one line: a row, or why it is none.
type told struct {
	row Row
	err error
}

// read reads the record that begins with a line. ok is false where it has no value.
func (c *CSVReader) read(line []byte, err error) (now told, ok bool) {
	number := c.lines.number
	c.fields = c.fields[:0]
	switch {
	case errors.Is(err, errLongLine):
		return told{Row{}, &RowError{Number: number, Err: err}}, true
	case err != nil:
		return told{Row{Number: number}, &ReadError{Number: number, Err: err}}, true
	case blank(line):
		return told{}, false
	}
	row, err := c.row(number, line)
	return told{row, err}, err != nil || row.Value != nil || row.Skipped
}

// inMiddle is what is wrong with a line that would be none of the table's at its end, and stands in its middle.
func inMiddle(err error) error {
	if bad, ok := errors.AsType[*RowError](err); ok {
		err = &RowError{bad.Number, fmt.Errorf("%w; if it is a title or a sum in the middle of the table, take the line out", bad.Err), bad.Text}
	}
	return err
}

// keeps keeps a row back that may stand below the table.
func (c *CSVReader) keeps(now told) bool {
	return !c.eachLine && (now.err == nil || isRowError(now.err)) && len(c.fields) > 0 &&
		c.tail.Keeps(now, now.row.Number, c.columns, c.fields, !c.lines.open)
}

func isRowError(err error) bool {
	var bad *RowError
	return errors.As(err, &bad)
}
