// Waybill sends the WhatsApp messages that a YAML file asks for, once, and proves it. See README.md, and engine/doc.go
// for how it does that.
package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"time"
	_ "time/tzdata" // time zones of schedules, where the system has none

	"waybill/engine/cli"
)

func main() {
	collectLater()
	ctx, atOnce := cli.Interrupts(cli.Signals()) // the second ends the process at once; the ledger is built for that
	os.Exit(cli.Main(ctx, os.Args[1:], cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, LookupEnv: os.LookupEnv, Now: time.Now,
		Terminal: cli.TerminalOf(os.Stdin, os.Stdout, os.Stderr), AtOnce: atOnce,
	}))
}

// collectLater keeps the garbage collector from its first round until 8 MiB are allocated, and not 4 as is its way: a command that
// ends in a moment is over before, and spent a third of its time on it. From then on it works as ever. GOGC wins.
func collectLater() {
	const usual, first = 100, 200
	if given := debug.SetGCPercent(first); given != usual {
		debug.SetGCPercent(given)
		return
	}
	runtime.AddCleanup(new([64]byte), func(percent int) { debug.SetGCPercent(percent) }, usual) // after the first round
}
