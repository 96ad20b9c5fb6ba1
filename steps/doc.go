// Package steps holds the six operations of a job file, one file each, and is the only place where the engine and
// WhatsApp meet. It translates both ways: a step's parameters into a request, an answer into an engine.Verdict, a
// webhook into an engine.Report.
//
// # What this package must not know
//
// It must not know the ledger's tables, the terminal, or how often something is tried: an operation makes one try.
//
// Start reading at steps.go for the list, then at send_text.go, the smallest sender: textDraft makes a draft of the parameters (builder.go),
// and sending.go does the rest for all three senders. verdict.go says what an answer means; inbox.go what a webhook tells.
//
// Each thing that WhatsApp would refuse is a problem (problem.go) with the path of the parameter that it comes from. The same checks run when
// a file is read, with placeholders for its expressions (check.go, placeholders.go), and when a message is made. A template is also checked
// against what is known of it (contract.go, contract_check.go).
package steps
