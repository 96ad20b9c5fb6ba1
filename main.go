// Waybill sends the WhatsApp messages that a YAML file asks for, once, and proves it. See README.md, and engine/doc.go
// for how it does that.
package main

import (
	"os"
	"time"
	_ "time/tzdata" // time zones of schedules, where the system has none

	"waybill/engine/cli"
)

func main() {
	ctx, atOnce := cli.Interrupts(cli.Signals()) // the second ends the process at once; the ledger is built for that
	os.Exit(cli.Main(ctx, os.Args[1:], cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, LookupEnv: os.LookupEnv, Now: time.Now,
		Terminal: cli.TerminalOf(os.Stdin, os.Stdout, os.Stderr), AtOnce: atOnce,
	}))
}
