package diag

// Source is one file as it was read: the name to print and the bytes. It is made once, where the file is
// read, and travels inside every Range.
type Source struct {
	Name string // as the user would type it, relative to the working directory
	Text []byte
}

// Pos is a place in a Source. Line and Column count from 1, columns in runes. The zero value is unknown.
type Pos struct {
	Line, Column int
}

// Range is a stretch of a Source, End excluded. The zero value means no file.
type Range struct {
	Source     *Source
	Start, End Pos
}
