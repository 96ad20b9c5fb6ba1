// Package source reads the bytes of a YAML or JSON file into nodes that know their places: each value with the range of
// the file that it stands in, to the rune. Read is its one door.
//
// YAML's own types are never decoded: a number keeps its digits as they stand in the file. JSON is read by encoding/json, also
// where yaml.v3 would refuse it, and nothing behind this package can tell which of the two it was.
//
// # What this package must not know
//
// It knows no job, no schema and no expression beyond where one begins and ends.
//
// Start reading at node.go for the tree, at findings.go for Read, then yaml.go and json.go. scan.go looks at YAML's text
// without a parser, for the places and repairs that yaml.v3 does not tell.
package source
