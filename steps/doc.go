// Package steps holds the six operations of a job file, one file each, and is the only place where the engine and
// WhatsApp meet. It translates both ways: a step's parameters into a request, an answer into an engine.Verdict, a
// webhook into an engine.Report.
//
// It must not know the ledger's tables, the terminal, or how often something is tried: an operation makes one try.
//
// Start reading at steps.go for the list, then at send_text.go, the smallest sender.
package steps
