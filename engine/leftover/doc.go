// Package leftover finds in texts what another program left there and no person should read: placeholders that were never filled in,
// signs that are typed where a line break was meant, HTML, and the words that programs write for nothing.
//
// It is asked of a job's own texts, where it says the place, and of the values of rows, which plan counts.
//
// # What this package must not know
//
// It knows no jobs, no rows and no findings: what is made of a piece is its caller's to say.
//
// Start reading at text.go; value.go is about a cell as a whole, serial.go about numbers that are days.
package leftover
