// Command waybill-temporal is waybill with an engine more: Temporal may drive its runs.
package main

import (
	"os"
	"time"
	_ "time/tzdata" // time zones of schedules, where the system has none

	"waybill/engine/cli"
	"waybill/engine/temporal"
)

func main() {
	ctx, atOnce := cli.Interrupts(cli.Signals()) // the second ends the process at once; the ledger is built for that
	os.Exit(cli.Main(ctx, os.Args[1:], cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, LookupEnv: os.LookupEnv, Now: time.Now,
		Terminal: cli.TerminalOf(os.Stdin, os.Stdout, os.Stderr), AtOnce: atOnce,
		Engines: []cli.Engine{&temporal.Engine{}},
	}))
}
