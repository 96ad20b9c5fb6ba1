// Package jobfile makes engine.Jobs of job files. All findings of a file come at once, each with its place; a file with one
// error makes no job.
//
// # What this package must not know
//
// It knows no WhatsApp, no ledger, no network and no terminal: operations, environment and cron's grammar are given to the Loader.
//
// It names no operation and no parameter either: which of them are digits, files or text of a message, the schema says.
//
// Start reading at load.go for Loader and the order in which a document is read; then schema.go for what the JSON Schema
// finds, step.go and foreach.go for the steps.
package jobfile
