// Package delivery is the pure core of "at most once": what a delivery is, and what each thing that can happen does to it.
//
// A ledger loads a record, calls a function of this package, and saves what changed. Nothing about a delivery's state is
// decided anywhere else.
//
// # What this package must not know
//
// It knows no storage, no network, no clock and no job file: every moment is given to it.
//
// Start reading at state.go for the states, then at record.go for what can happen and at decide.go for what follows.
package delivery
