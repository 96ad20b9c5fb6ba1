// Package query asks a database for rows, in a transaction that only reads, and streams them with their types.
//
// A whole number keeps its digits, a decimal is the text that the database writes, a date is 2026-03-25, a moment is written as RFC
// 3339 has it (with Z where the column knows a zone, else without), JSON is its value, and NULL is nil. What is no value for a
// message (bytes) is an error that says so.
//
// The package knows no jobs. Start reading at query.go, then values.go.
package query
