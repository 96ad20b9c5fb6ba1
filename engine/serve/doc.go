// Package serve is waybill serve at work: a webhook receiver, a scheduler, the dashboard and its metrics in one process,
// on one ledger, until its context ends.
//
// # What this package must not know
//
// It reads no command line and no environment: what it is made of comes in through Options, and sockets and ledger are
// opened by the caller. It reads job files only through the function it is given, and webhooks only through
// steps.Webhooks.
//
// Start reading at server.go: Options, New and Run; then occurrence.go for what a schedule starts, waiting.go for what is taken up again,
// and execute.go for how either is done.
package serve
