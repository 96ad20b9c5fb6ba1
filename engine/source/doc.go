// Package source reads the bytes of a YAML or JSON file into nodes with positions: each value with the range of the file that
// it stands in, to the rune. Read is its one entry.
//
// YAML's own types are never decoded: a number keeps its digits as they stand in the file. JSON is read by encoding/json, also
// where yaml.v3 would refuse it, and no reader of the nodes can tell which of the two it was.
//
// # What this package must not know
//
// It knows no job, no schema and no expression beyond where one begins and ends.
//
// Start reading at node.go for the tree and Read, then yaml.go and json.go. scalar.go and runes.go find the ends and the runes
// of YAML's scalars, which yaml.v3 does not tell; scan.go reads the text that yaml.v3 refuses.
package source
