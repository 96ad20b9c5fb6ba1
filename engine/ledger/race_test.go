//go:build race

package ledger_test

// raced says that the race detector is at work, which makes everything ten times slower.
const raced = true
