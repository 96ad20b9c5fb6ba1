// Package diag says what is wrong with the user's file: where, what, and what to type instead.
//
// A Diagnostic carries its Range, a Range carries its Source, a Source carries the bytes: a finding
// is printed with nothing else at hand, and no position is looked up later. Findings are collected in a List and shown all at
// once; a failure of the world (no disk, no network) is an error and no business of this package.
//
// It imports nothing of this program and must not know what a job is, nor how findings are printed.
//
// Start reading at diag.go; codes.md holds the long story of every code.
package diag
