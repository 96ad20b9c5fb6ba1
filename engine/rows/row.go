package rows

import "fmt"

// maxRecord is the most bytes of one row, in UTF-8. A longer one is no row but a quote that was not closed, or
// another kind of file.
const maxRecord = 1 << 20

// Row is one record.
type Row struct {
	Number int    // the line where it starts, from 1
	Value  any    // of CSV a map[string]any of strings; of JSON Lines any JSON value, with numbers as Number returns them
	Guess  *Guess // at the encoding of the file; nil but on the first row after it was made

	Text string // the line where it starts; empty but where a reader is told to keep lines

	Below *Below // what stands below the table, told by a row of its own behind all others, without a Value; nil for any other row

	Skipped bool // nobody wants it, and it has no Value; see CSVReader.Skip
}

// RowError says that one row is bad. The stream goes on after it.
type RowError struct {
	Number int // the line where the row starts, from 1
	Err    error
	Text   string // as of a Row
}

func (e *RowError) Error() string { return fmt.Sprintf("line %d: %v", e.Number, e.Err) }

// Unwrap returns the cause.
func (e *RowError) Unwrap() error { return e.Err }

// HeaderError says that the file as a whole cannot be used: another kind of file, or a header that names no columns.
type HeaderError struct {
	Line    int    // where it shows, from 1; 0: nowhere in particular
	Message string // one line, lower case, no full stop
	Hint    string // what to do; may be empty
}

func (e *HeaderError) Error() string {
	text := e.Message
	if e.Line > 0 {
		text = fmt.Sprintf("line %d: %s", e.Line, text)
	}
	if e.Hint != "" {
		text += ": " + e.Hint
	}
	return text
}

// ReadError says that the file cannot be read on from a place: it is the last of the stream, and rows are missing
// after it.
type ReadError struct {
	Number int // the line where the trouble starts, from 1
	Err    error
}

func (e *ReadError) Error() string { return fmt.Sprintf("line %d: %v", e.Number, e.Err) }

// Unwrap returns the cause.
func (e *ReadError) Unwrap() error { return e.Err }
