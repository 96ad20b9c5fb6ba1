// Package cli is the command line: it wires the packages of the house together and is the only one that knows them
// all.
//
// A command is one file: flags become a struct, the struct one call of the engine, the answer goes to report. A
// command holds no loop over steps, no SQL and no text that report could print. What stays and listens is engine/serve,
// what checks accounts is steps/doctor.
//
// # What this package must not know
//
// It knows no process of its own: streams, clock, environment and terminal come in through Env, which is why the whole
// program runs inside a test. It decides nothing about deliveries; that is the engine's and the ledger's.
//
// Start reading at cli.go: Main, Env and the list of commands. The longest way through is run.go, session.go, confirm.go and perform.go.
// Of the other files, those of a command are named after it: optouts*.go, templates*.go, ledger_*.go, serve*.go. What all of them share:
//
//	flags.go, flag_error.go, shard.go      flags, and what is wrong with them
//	setup.go, emulator.go, load.go         how loader, emulator and ledger are put together; how a job file is read
//	state.go, shared_state.go, ledger.go   which ledger is meant, and how it is opened
//	question.go                            what is asked on the terminal
//	output.go, findings.go, exit.go        what is printed, and the exit status
//	log.go, masked_*.go                    what must not be printed where many can see it
//	next.go                                the commands that go on from the end of another
package cli
