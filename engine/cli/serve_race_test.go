//go:build race

package cli_test

// floodSize is smaller where the race detector makes everything ten times slower.
const floodSize = 3_000
