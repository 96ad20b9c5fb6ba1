// Package cli is the command line: it wires the packages of the house together and is the only one that knows them
// all.
//
// A command is one file: flags become a struct, the struct one call of the engine, the answer goes to report. A
// command holds no loop over steps, no SQL and no text that report could print. What stays and listens is engine/serve,
// what checks accounts is steps/doctor.
//
// # What this package must not know
//
// It touches no process: streams, clock, environment and terminal come in through Env, which is why the whole
// program runs inside a test. It decides nothing about deliveries; that is the engine's and the ledger's.
//
// Start reading at cli.go: Main, Env and the list of commands. run.go, session.go and perform.go are the longest way
// through; setup.go puts loader, emulator and ledger together for all of them, ledger.go opens the ledger.
package cli
