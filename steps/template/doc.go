// Package template holds message templates as contracts: the lock file that says what the templates of an account are, and the
// definitions beside the jobs of which templates are made.
//
// The lock file is YAML in one fixed layout, which only this package writes. So the place of a template in it is found without a
// parser, and only those templates are parsed that a job uses: a lock of a thousand costs no more than reading the file.
//
// It must not know job files, the network or the terminal.
//
// Start reading at lock.go.
package template
