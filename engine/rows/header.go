package rows

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// maxColumns is far beyond any list of recipients; more is another kind of file.
const maxColumns = 1000

// readHeader reads the first line that has a value, finds the delimiter in it, and makes the columns of it.
func (c *CSVReader) readHeader(delimiter rune) error {
	for {
		line, err := c.firstLine()
		if err != nil {
			return err
		}
		if jsonAsCSV(line) {
			return &HeaderError{Line: c.lines.number, Message: "this is JSON, not CSV", Hint: "write jsonl: FILE, with one value a line"}
		}
		if delimiter == 0 {
			length := len(line)
			line = c.withRest(line)
			c.delimiter = sniff(line)
			line = line[:length]
			if mark, ok := separatorLine(line); ok {
				c.delimiter, delimiter = mark, rune(mark)
				continue
			}
		}
		number := c.lines.number
		fields, err := c.record(line)
		var fatal *ReadError
		switch {
		case errors.As(err, &fatal):
			return &HeaderError{Line: fatal.Number, Message: "in the header: " + fatal.Err.Error()}
		case err != nil:
			return &HeaderError{Line: number, Message: "in the header: " + err.Error()}
		case slices.ContainsFunc(fields, hasValue):
			if err := c.nameColumns(number, fields); err != nil {
				return err
			}
			if len(c.columns) == 1 && strings.Count(c.columns[0], string(rune(c.delimiter))) > 1 {
				return &HeaderError{
					Line: number, Message: "the whole line is one text in quotes",
					Hint: "a program put quotes around each line when it saved the file: take it as it was exported",
				}
			}
			return c.refuseTitle(delimiter)
		}
	}
}

// skipTo passes over the lines before this one; 0: none.
func (c *CSVReader) skipTo(line int) error {
	for c.lines.number < line-1 {
		switch _, err := c.lines.next(); {
		case errors.Is(err, io.EOF):
			return NoNames(line)
		case err != nil && !errors.Is(err, errLongLine):
			return fmt.Errorf("read line %d: %w", c.lines.number, err)
		}
	}
	return nil
}

// NoNames is the error about a row that is said to name the columns, and does not.
func NoNames(row int) error {
	return &HeaderError{Line: row, Message: "it names no columns", Hint: "headerRow is the row that does, from 1"}
}

func (c *CSVReader) firstLine() ([]byte, error) {
	for {
		line, err := c.lines.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil, &HeaderError{Message: "the file is empty", Hint: "its first line has to name the columns"}
		case errors.Is(err, errLongLine):
			return nil, &HeaderError{Line: c.lines.number, Message: "the first line is longer than 1 MiB", Hint: "is this a CSV file?"}
		case err != nil:
			return nil, fmt.Errorf("read line %d: %w", c.lines.number, err)
		case !blank(line):
			return line, nil
		}
	}
}

// separatorLine reads the line sep=; with which Excel notes the delimiter.
func separatorLine(line []byte) (byte, bool) {
	text := bytes.ToLower(bytes.Trim(line, `" `))
	if len(text) == 5 && bytes.HasPrefix(text, []byte("sep=")) && text[4] < 0x80 && text[4] != '"' {
		return text[4], true
	}
	return 0, false
}

// withRest returns a line with what follows it, as far as that is read already, where a quote that opens in it is not closed: a name may
// go on in the next line.
func (c *CSVReader) withRest(line []byte) []byte {
	if bytes.Count(line, []byte{'"'})%2 == 0 {
		return line
	}
	line = append(bytes.Clone(line), '\n')        // to look ahead takes the place of what was read
	sample, _ := c.lines.r.Peek(c.lines.r.Size()) // what is wrong with the reader shows when a line is read
	return append(line, sample...)
}

// sniff finds the delimiter: of comma, semicolon, tab and bar the one that is most in the header outside of quotes. The header ends with a
// line.
func sniff(header []byte) byte {
	counts := map[byte]int{}
	quoted := false
	for _, b := range header {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n', b == '\r':
			return most(counts)
		default:
			counts[b]++
		}
	}
	return most(counts)
}

// most is the delimiter that was counted most.
func most(counts map[byte]int) byte {
	best := byte(',')
	for _, b := range []byte{';', '\t', '|'} {
		if counts[b] > counts[best] {
			best = b
		}
	}
	return best
}

// nameColumns makes the columns of the header's fields. Those without a name are columns only when a row has a value there: a
// spreadsheet leaves such gaps, and such a tail.
func (c *CSVReader) nameColumns(line int, fields []string) error {
	c.header = line
	for !hasValue(fields[len(fields)-1]) {
		fields = fields[:len(fields)-1]
		c.unnamed++
	}
	if len(fields) > maxColumns {
		return &HeaderError{
			Line: line, Hint: "is this a CSV file?",
			Message: fmt.Sprintf("there are %d columns, and at most %d are read", len(fields), maxColumns),
		}
	}
	places := make(map[string][]int, len(fields))
	for i, field := range fields {
		name := oneLine(field)
		if strings.ContainsFunc(name, unreadable) {
			return &HeaderError{
				Line: line, Hint: "is this a CSV file?",
				Message: fmt.Sprintf("the name of column %d has characters that cannot be printed", i+1),
			}
		}
		c.gaps = c.gaps || name == "" && len(places) > 0
		c.columns = append(c.columns, name)
		if name != "" {
			places[name] = append(places[name], i+1)
		}
	}
	c.twice = twiceIn(c.columns, places)
	return nil
}

// oneLine is a name as it is written into a job: a spreadsheet breaks the lines of a header that is long, and its blanks may be of
// several kinds that look alike.
func oneLine(name string) string { return strings.Join(strings.FieldsFunc(name, isBlank), " ") }

// RefuseRow refuses a header, which stands at this line, when it looks like the first row of a list without one: a column is called
// by a telephone number. The error is a *HeaderError.
func RefuseRow(line int, columns []string) error {
	at := slices.IndexFunc(columns, isNumber)
	if at < 0 {
		return nil
	}
	return &HeaderError{
		Line: line, Hint: "put a line above it that names the columns",
		Message: fmt.Sprintf("column %d is called by a telephone number: this is a row, and no header", at+1),
	}
}

// ErrHeaderAgain says that a row is the header once more.
var ErrHeaderAgain = errors.New("repeats the names of the columns: were two files put together?")

// RepeatsHeader says whether the cells of a row are the names of its columns.
func RepeatsHeader(columns, cells []string) bool {
	return len(columns) > 1 && len(cells) > 0 && cells[0] == columns[0] && slices.Equal(columns, cells)
}

// ErrOtherHeader says that a row names columns, and not as the header does. What stands behind it would be read under the wrong names.
var ErrOtherHeader = errors.New("names columns, and in another way than the header: two tables were put together, and of the second " +
	"nothing is read")

// IsOtherHeader says whether the cells of a row are names of columns, and not those of the header in its order.
func IsOtherHeader(columns, cells []string) bool {
	called := func(cell string) bool {
		return hasValue(cell) && slices.ContainsFunc(columns, func(name string) bool { return strings.EqualFold(name, cell) })
	}
	if len(columns) < 2 || len(cells) < 2 || !called(cells[0]) && !called(cells[1]) { // nearly all
		return false
	}
	names, values := 0, 0
	for _, cell := range cells {
		if hasValue(cell) {
			values++
		}
		if called(cell) {
			names++
		}
	}
	return names > 1 && 2*names > values && !RepeatsHeader(columns, cells)
}

// isNumber says whether the name of a column is a telephone number: +34…, or more digits than a date has.
func isNumber(name string) bool {
	const ofDate = 8
	digits := 0
	for i, r := range name {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, r == ' ', r == '-', r == '.', r == '(', r == ')':
		default:
			return false
		}
	}
	return digits > ofDate
}

func noName(line, column int) error {
	return &HeaderError{
		Line: line, Hint: "name it there, or take it out; where another row names the columns, say headerRow: with its number",
		Message: fmt.Sprintf("column %d has no name", column),
	}
}

// Blank says whether nothing of a text can be seen: it is empty, or of white space and invisible characters. A cell of this kind has no value.
func Blank(text string) bool { return !hasValue(text) }

// isBlank says whether a rune at the ends of a name or a cell is none of it.
func isBlank(r rune) bool { return unicode.IsSpace(r) || r == '\uFEFF' || r == '\u200B' }

func unreadable(r rune) bool { return r == unicode.ReplacementChar || unicode.IsControl(r) }

// blank says whether a line has nothing but blanks, or the sign by which DOS programs end a file.
func blank(line []byte) bool { return len(bytes.Trim(line, " \x1a")) == 0 }
