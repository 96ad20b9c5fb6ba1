// Package wording writes numbers, counted nouns and durations as people read them, on a terminal and on a page alike, and masks
// people's data where many can read.
//
// # What this package must not know
//
// It knows nothing of what is counted, and of no place where the text is shown.
//
// Start reading at number.go; mask.go says what may be shown of a row.
package wording
