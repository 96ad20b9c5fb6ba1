//go:build !race

package cli_test

// floodSize is how many webhooks a flood has.
const floodSize = 10_000
