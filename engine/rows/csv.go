package rows

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// CSVOptions say what is not to be found out. The zero value: find out all of it.
type CSVOptions struct {
	Encoding  string // a label of the Encoding Standard's, or a code page such as cp850; empty: found out
	Delimiter rune   // one ASCII character; 0: comma, semicolon, tab or bar, by the header
	HeaderRow int    // the line that names the columns, from 1; 0: the first that has a value
	KeepLines bool   // rows have their Text
	EachLine  bool   // each line is a row, also those that seem to stand below the table
}

// CSVReader streams the rows of a CSV file.
type CSVReader struct {
	lines     *lines
	delimiter byte
	encoding  string
	header    int      // the header's line
	columns   []string // the last has a name; empty: one without, in which no row may have a value
	unnamed   int      // columns behind them without a name
	gaps      bool     // some of columns have no name, behind one that has
	twice     []Twice
	fields    []string
	ends      []int  // of the fields in text
	text      []byte // of the record, without its quotes

	keepLines bool
	eachLine  bool
	tail      Tail[told]
	skips     func(fields []string) bool // see Skip; nil: none
}

// CSV reads the header of r: the first line with any value, which names the columns. An error about the file
// as a whole is a *HeaderError; any other is of r.
func CSV(r io.Reader, o CSVOptions) (*CSVReader, error) {
	switch d := o.Delimiter; {
	case d == 0:
	case d >= utf8.RuneSelf || d == '"' || d == '\n' || d == '\r' || d < ' ' && d != '\t':
		return nil, &HeaderError{Message: fmt.Sprintf("%q cannot be a delimiter", d), Hint: "use a comma, a semicolon, a tab or a bar"}
	}
	var guess *guess
	if strings.TrimSpace(o.Encoding) == "" {
		guess = newGuess(r)
	}
	text, told, err := decode(r, o.Encoding)
	if err != nil {
		return nil, err
	}
	c := &CSVReader{lines: newLines(text), delimiter: byte(o.Delimiter), encoding: o.Encoding, keepLines: o.KeepLines, eachLine: o.EachLine} //nolint:gosec // it is ASCII, see above
	if !told {
		c.lines.guess = guess
	}
	if err := c.skipTo(o.HeaderRow); err != nil {
		return nil, err
	}
	if err := c.readHeader(o.Delimiter); err != nil {
		return nil, err
	}
	if o.HeaderRow > 0 && c.header != o.HeaderRow {
		return nil, NoNames(o.HeaderRow)
	}
	return c, nil
}

// Columns returns the names by which rows have values, without the white space around them.
func (c *CSVReader) Columns() []string { return Named(c.columns, c.twice) }

// Twice returns the names that several columns have.
func (c *CSVReader) Twice() []Twice { return c.twice }

// Check reads as many of the rows as it needs, once and in place of Rows. It returns a *HeaderError when one of them has a value in a
// column without a name, which most files do not have, or when the header is no header. And it returns the guess that had to be made
// at the file's encoding; nil: none, which the first line beyond ASCII tells.
func (c *CSVReader) Check() (*Guess, error) {
	if err := RefuseRow(c.header, c.columns); err != nil {
		return nil, err
	}
	if c.unnamed == 0 && !c.gaps {
		return c.guessAhead(), nil
	}
	for _, err := range c.Rows() {
		if unnamed, ok := errors.AsType[*unnamedError](err); ok {
			return nil, noName(c.header, unnamed.column)
		}
	}
	return c.guessed(), nil // what is wrong with a row is said when it is needed
}

// guessAhead reads lines until the encoding is decided.
func (c *CSVReader) guessAhead() *Guess {
	for g := c.lines.guess; g != nil && !g.decided; {
		if _, err := c.lines.next(); err != nil && !errors.Is(err, errLongLine) {
			return nil // what is wrong with a row is said when it is needed
		}
	}
	return c.guessed()
}

func (c *CSVReader) guessed() *Guess {
	if c.lines.guess == nil {
		return nil
	}
	return c.lines.guess.made
}

// row makes a row of the record that begins with line, one without a Value where no cell has any.
func (c *CSVReader) row(number int, line []byte) (Row, error) {
	row := Row{Number: number}
	if c.keepLines {
		row.Text = string(line)
	}
	fields, err := c.record(line)
	if err == nil && IsOtherHeader(c.columns, fields) {
		return row, &ReadError{Number: number, Err: ErrOtherHeader}
	}
	if err == nil {
		if !slices.ContainsFunc(fields, hasValue) {
			return row, nil
		}
		fields, err = c.named(fields)
	}
	if err == nil && c.lines.number > number {
		if n := swallows(fields, c.delimiter); n > 0 {
			err = fmt.Errorf("field %d has a quote that is not closed on its line: it holds the beginning of another row", n)
		}
	}
	if err == nil && RepeatsHeader(c.columns, fields) {
		err = ErrHeaderAgain
	}
	var fatal *ReadError
	switch {
	case errors.As(err, &fatal):
		return row, err
	case err != nil:
		if last := c.lines.number; last > number {
			err = fmt.Errorf("%w; it goes on to line %d, and what stands there is no row of its own", err, last)
		}
		return row, &RowError{Number: number, Err: err, Text: row.Text}
	}
	if c.skips != nil && c.skips(fields) {
		row.Skipped = true
		return row, nil
	}
	value := make(map[string]any, len(fields))
	for i, field := range fields {
		if name := c.columns[i]; name != "" {
			value[name] = field
		}
	}
	LeaveOut(c.twice, value)
	row.Value = value
	return row, nil
}

// named returns the fields of columns. Behind them, and in those without a name, nothing may be but cells without a value.
func (c *CSVReader) named(fields []string) ([]string, error) {
	count := len(c.columns)
	if len(fields) > count {
		at := slices.IndexFunc(fields[count:], hasValue)
		switch {
		case at < 0:
			return fields[:count], nil
		case at < c.unnamed:
			return nil, &unnamedError{count + at + 1}
		}
	}
	if len(fields) != count {
		err := fmt.Errorf("has %s, and the header has %d", plural(len(fields), "field"), count)
		if other := sniff([]byte(fields[0])); len(fields) == 1 && other != c.delimiter && len(split([]byte(fields[0]), other)) == count {
			err = fmt.Errorf("%w: its fields are parted by %q, and the names of the columns by %q", err, other, c.delimiter)
		}
		return nil, err
	}
	if c.gaps {
		if at := valueInGap(c.columns, fields); at >= 0 {
			return nil, &unnamedError{at + 1}
		}
	}
	return fields, nil
}

// valueInGap finds a cell with a value in a column without a name behind one that has; -1: there is none.
func valueInGap(columns, cells []string) int {
	named := false
	for i, cell := range cells[:min(len(cells), len(columns))] {
		named = named || columns[i] != ""
		if named && columns[i] == "" && hasValue(cell) {
			return i
		}
	}
	return -1
}

// unnamedError says that a row has a value where the header has no name.
type unnamedError struct{ column int }

func (e *unnamedError) Error() string {
	return fmt.Sprintf("has a value in column %d, which has no name in the header", e.column)
}

func hasValue(cell string) bool { return strings.ContainsFunc(cell, isSeen) }

// record splits a record into its fields. It reads on where a quoted field goes over several lines.
func (c *CSVReader) record(line []byte) ([]string, error) {
	c.text, c.ends = c.text[:0], c.ends[:0]
	if bytes.IndexByte(line, '"') < 0 {
		for {
			at := bytes.IndexByte(line, c.delimiter)
			if at < 0 {
				break
			}
			c.field(line[:at])
			line = line[at+1:]
		}
		c.field(line)
		return c.finish()
	}
	for {
		var err error
		switch {
		case len(line) > 0 && line[0] == '"':
			line, err = c.quoted(line[1:])
		case bytes.HasPrefix(line, []byte(`="`)):
			line, err = c.formula(line)
		default:
			line, err = c.bare(line)
		}
		switch {
		case err != nil:
			return nil, err
		case line == nil:
			return c.finish()
		}
	}
}

// field ends a field with this text.
func (c *CSVReader) field(text []byte) {
	c.text = append(c.text, text...)
	c.ends = append(c.ends, len(c.text))
}

// formula reads a field that begins with =" as exports write a text whose digits a spreadsheet is to leave alone: ="0034…". It returns
// what bare does.
func (c *CSVReader) formula(line []byte) ([]byte, error) {
	for at := 2; at < len(line); at++ {
		switch {
		case line[at] != '"':
		case at+1 < len(line) && line[at+1] == '"':
			at++
		default:
			field, rest, more := bytes.Cut(line[at+1:], []byte{c.delimiter})
			if len(bytes.Trim(field, " ")) > 0 {
				return nil, fmt.Errorf(`field %d is a formula, and only ="text" is read: export the table with its values`, len(c.ends)+1)
			}
			c.field(line[:at+1])
			if !more {
				return nil, nil
			}
			return rest, nil
		}
	}
	return c.bare(line)
}

// bare reads a field without quotes and returns what follows its delimiter; nil at the end of the record.
func (c *CSVReader) bare(line []byte) ([]byte, error) {
	field, rest, more := bytes.Cut(line, []byte{c.delimiter})
	if bytes.IndexByte(field, '"') >= 0 {
		return nil, fmt.Errorf(`field %d has a quote inside: put the whole field in quotes, and write "" for the one inside`, len(c.ends)+1)
	}
	c.field(field)
	if !more {
		return nil, nil
	}
	return rest, nil
}

// quoted reads a field after its opening quote and returns what follows its delimiter; nil at the end of the record.
func (c *CSVReader) quoted(line []byte) ([]byte, error) {
	opened, began := c.lines.number, len(c.ends)+1
	for {
		at := bytes.IndexByte(line, '"')
		if at < 0 {
			c.text = append(append(c.text, line...), '\n')
			var err error
			if line, err = c.further(opened); err != nil {
				return nil, err
			}
			continue
		}
		c.text = append(c.text, line[:at]...)
		rest := line[at+1:]
		switch {
		case len(rest) == 0:
			c.ends = append(c.ends, len(c.text))
			return nil, nil
		case rest[0] == '"':
			c.text = append(c.text, '"')
			line = rest[1:]
		case rest[0] == c.delimiter:
			c.ends = append(c.ends, len(c.text))
			return rest[1:], nil
		default:
			return nil, fmt.Errorf(`field %d goes on after its closing quote: write "" for a quote inside`, began)
		}
	}
}

// further returns the next line of a quoted field that opened on an earlier one.
func (c *CSVReader) further(opened int) ([]byte, error) {
	line, err := c.lines.next()
	switch {
	case errors.Is(err, io.EOF):
		unclosed := errors.New("a quote that opens here is not closed")
		if c.lines.number > opened {
			return nil, &ReadError{Number: opened, Err: fmt.Errorf("%w: %s after it: not read",
				unclosed, plural(c.lines.number-opened, "line"))}
		}
		return nil, unclosed
	case errors.Is(err, errLongLine) || err == nil && len(c.text)+len(line) > maxRecord:
		err := errors.New("a quote that opens here is not closed within 1 MiB: what follows is not read")
		return nil, &ReadError{Number: opened, Err: err}
	case err != nil:
		return nil, &ReadError{Number: c.lines.number, Err: err}
	}
	return line, nil
}

// finish makes the fields of the record's text, or says why it is none.
func (c *CSVReader) finish() ([]string, error) {
	ascii := isASCII(c.text)
	if err := c.readable(c.text, ascii); err != nil {
		return nil, err
	}
	composed := ascii || !mayCompose(c.text)
	text := string(c.text)
	c.fields = c.fields[:0]
	start := 0
	for _, end := range c.ends {
		field := text[start:end]
		if start < end && (field[0] == '=' || field[0] == '\'') {
			field = shown(field)
		}
		if !composed {
			field = Composed(field)
		}
		if field != "" && (mayBeBlank(field[0]) || mayBeBlank(field[len(field)-1])) {
			field = trimmed(field)
		}
		c.fields = append(c.fields, field)
		start = end
	}
	return c.fields, nil
}

// readable refuses text with letters that were lost, and what is no text.
func (c *CSVReader) readable(text []byte, ascii bool) error {
	switch {
	case bytes.IndexByte(text, 0) >= 0:
		return errors.New("has a NUL byte: this is not text")
	case ascii:
	case !utf8.Valid(text) && c.encoding == "":
		return errors.New("is not UTF-8, and other lines are: mend it, or save the whole file as UTF-8")
	case !utf8.Valid(text):
		return errors.New("is not UTF-8, which is the encoding that is set: mend it, or set the file's own")
	case bytes.Contains(text, []byte("\uFFFD")):
		if strings.TrimSpace(c.encoding) == "" {
			return errors.New("has a letter that was lost (U+FFFD): set the file's encoding, or export it again as UTF-8")
		}
		return fmt.Errorf("has a letter that is not in %s, or was lost (U+FFFD)", c.encoding)
	}
	return nil
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
