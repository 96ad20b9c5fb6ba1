package rows

import "bytes"

// swallows says whether a field of several lines is the end of one row and the beginning of another, between two quotes that stand there by
// mistake: its first line has the delimiters that a row has behind that field, its last one those before it, and none of them has a blank behind
// it, as people put one where they write.
func (c *CSVReader) swallows(field []byte, number int) bool {
	const fewest = 2 // delimiters; with one a text of two lines would be taken for it
	begin, last := bytes.IndexByte(field, '\n'), bytes.LastIndexByte(field, '\n')
	if begin < 0 || len(c.columns) <= fewest {
		return false
	}
	end, next, delimiter := bytes.TrimRight(field[:begin], "\r"), field[last+1:], []byte{c.delimiter}
	if bytes.Count(end, delimiter) != len(c.columns)-number || bytes.Count(next, delimiter) != number-1 {
		return false
	}
	written := []byte{c.delimiter, ' '}
	return !bytes.Contains(end, written) && !bytes.Contains(next, written)
}
