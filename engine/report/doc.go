// Package report turns what happened into what people and programs read: findings about a file, plans, the live
// line of a run, its summary, runs and deliveries of a ledger.
//
// Every output has one form for programs, a struct with JSON tags, and text, CSV, Markdown and the like are
// rendered from that form, so that the two cannot drift apart. Arrays in JSON are never null, and times are UTC
// in RFC 3339.
//
// Text from a file, a row or the network goes through Clean before it reaches a terminal: none of its control characters
// moves the cursor or turns text around.
//
// # What this package must not know
//
// It knows no WhatsApp: what a code means is asked of a Meaning that is given. It knows no secrets: the writers that it
// gets take them out, and Paint.Hide does so for what is cut before it is written. It opens nothing, and never decides
// whether there is a terminal.
//
// Start reading at finding.go for findings, at run.go for the document of a run, at progress.go for the live line.
package report
