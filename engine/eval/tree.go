package eval

// Tree is a value of the file that may hold templates: a scalar, a list or a map.
type Tree struct{}
