package eval

// Template is one scalar of the file, compiled.
type Template struct{}
