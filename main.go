// Waybill sends the WhatsApp messages that a YAML file asks for, once, and proves it. See README.md, and engine/doc.go
// for how it does that.
package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
	_ "time/tzdata" // time zones of schedules, where the system has none

	"waybill/engine/cli"
)

func main() {
	garbage := collectSeldom()
	ctx, atOnce := cli.Interrupts(cli.Signals()) // the second ends the process at once; the ledger is built for that
	os.Exit(cli.Main(ctx, os.Args[1:], cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, LookupEnv: os.LookupEnv, Now: time.Now,
		Terminal: cli.TerminalOf(os.Stdin, os.Stdout, os.Stderr), AtOnce: atOnce, Shared: func() { garbage.seldom.Store(true) },
	}))
}

// collector says how often garbage is collected. GOGC wins.
type collector struct{ seldom atomic.Bool }

// collectSeldom keeps the garbage collector from its first round until 8 MiB are allocated, and not 4 as is its way: a command that
// ends in a moment is over before, and spent a third of its time on it. From then on it works as ever, unless seldom is set by then: for a
// process beside others, to which 10 MiB are less than an eighth of the CPU with which it finds what was sent already.
func collectSeldom() *collector {
	const usual, seldom = 100, 200
	c := &collector{}
	if given := debug.SetGCPercent(seldom); given != usual {
		debug.SetGCPercent(given)
		return c
	}
	runtime.AddCleanup(new([64]byte), func(c *collector) { // after the first round
		if !c.seldom.Load() {
			debug.SetGCPercent(usual)
		}
	}, c)
	return c
}
