// Package proof writes down what became of a run in a file that others can check, and checks such a file.
//
// A proof is JSON lines: a header, a line for each delivery that the run attempted, a line for each row that became no request,
// and an end. Every line holds the SHA-256 of itself and of the chain before it, so that no line can be changed, left out, added or
// moved without changing all that follow; the README shows how to follow the chain without this program. The chain is no signature:
// whoever changes a line can make a new one. The seal in the last line is a keyed digest that only the ledger can make. So a proof
// is checked against the ledger, or against a chain that was noted when the proof was made.
//
// The package knows no terminal, no files and no WhatsApp; it reads any engine.Reader.
//
// Start reading at format.go for the lines, at write.go for how they are made, at check.go for how they are judged.
package proof
