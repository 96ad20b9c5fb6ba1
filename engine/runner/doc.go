// Package runner does jobs: it plans them, runs them and counts whom they would reach.
//
// # What this package must not know
//
// It knows no WhatsApp, no SQL, no terminal and no environment. Operations, the Ledger, the clock and the variables are given
// to it. Nothing below it retries; the one retry loop is in retry.go.
//
// Start reading at engine.go for what a command asks for, then at execute.go for the way of a run.
package runner
