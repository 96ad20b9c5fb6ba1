package rows

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// titleError says that what was taken for the header is a title: it has one name, and the rows below have more values.
func titleError(line, below, values int) error {
	return &HeaderError{
		Line: line, Hint: fmt.Sprintf("is it a title? where row %d names the columns, say headerRow: %d, or delete what stands above it", below, below),
		Message: fmt.Sprintf("it names 1 column, and row %d has %d values", below, values),
	}
}

// Title tells a title above a table from a header, when it has seen the next rows: below a title, and further lines with one value, come
// two rows with several.
type Title struct {
	line   int // where the one name of the header stands; 0: it is none, or there are several
	single int // how many rows with one value came
	below  int // the row below it
	values int // which that row has
}

// mostTitles is how many lines with one value stand between a title and its table at most.
const mostTitles = 5

// NewTitle is about a header, which stands at this line.
func NewTitle(line int, columns []string) Title {
	if len(columns) != 1 {
		line = 0
	}
	return Title{line: line}
}

// Row is told the next row below the header that has a value. The error is a *HeaderError.
func (t *Title) Row(number int, cells []string) error {
	values := 0
	for _, cell := range cells {
		if hasValue(cell) {
			values++
		}
	}
	line := t.line
	switch {
	case line == 0:
		return nil
	case values < 2 && t.below == 0 && t.single < mostTitles:
		t.single++
		return nil
	case values < 2:
		t.line = 0
		return nil
	case t.below == 0:
		t.below, t.values = number, values
		return nil
	}
	t.line = 0
	return titleError(line, t.below, t.values)
}

// Open says whether it takes another row to tell.
func (t *Title) Open() bool { return t.line > 0 }

// End is told that no row follows. The error is a *HeaderError.
func (t *Title) End() error {
	if t.line == 0 || t.below == 0 {
		return nil
	}
	return titleError(t.line, t.below, t.values)
}

// refuseTitle looks at the lines behind the header, as far as they are read already. A delimiter that was given is theirs, too; 0: it is
// to be found out.
func (c *CSVReader) refuseTitle(delimiter rune) error {
	title := NewTitle(c.header, c.columns)
	if !title.Open() {
		return nil
	}
	sample, err := c.lines.r.Peek(c.lines.r.Size())
	if err == nil {
		sample = sample[:bytes.LastIndexByte(sample, c.lines.end)+1] // the last line may be cut
	}
	number := c.lines.number
	for line := range bytes.SplitSeq(sample, []byte{c.lines.end}) {
		number++
		cells := split(line, c.delimiter)
		if other := sniff(line); delimiter == 0 && len(cells) == 1 && other != c.delimiter {
			cells = namesIn(line, other)
		}
		if !slices.ContainsFunc(cells, hasValue) {
			continue
		}
		if err := title.Row(number, cells); err != nil || !title.Open() {
			return err
		}
	}
	return title.End()
}

// namesIn parts a line by a delimiter that the header does not have, when it looks like a table's; else it is one text: people write
// semicolons, too.
func namesIn(line []byte, delimiter byte) []string {
	const fewest, longest = 3, 60
	cells := split(line, delimiter)
	if len(cells) < fewest || slices.ContainsFunc(cells, func(cell string) bool { return len(cell) > longest }) {
		return []string{string(line)}
	}
	return cells
}

// split parts a line at the delimiters that stand outside of quotes.
func split(line []byte, delimiter byte) []string {
	quoted := false
	return strings.FieldsFunc(string(line), func(r rune) bool {
		quoted = quoted != (r == '"')
		return !quoted && r == rune(delimiter)
	})
}
