// Package serve is waybill serve at work: a webhook receiver, a scheduler, the dashboard and its metrics in one process,
// on one ledger, until its context ends.
//
// # What this package must not know
//
// It knows no command line, no environment and no terminal: what it is made of comes in through Options, and where a
// text names a flag or a command, the caller wrote it. It reads job files only through the function it is given, and
// webhooks only through steps.Webhooks.
//
// Start reading at server.go: Options, New and Run.
package serve
