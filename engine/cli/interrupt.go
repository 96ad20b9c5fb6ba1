package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// duplicateSignalWindow is how long after a first signal another one counts as the same: programs around this one pass on what
// the terminal sent to both.
const duplicateSignalWindow = 200 * time.Millisecond

// Signals are those that end the process in order: Ctrl-C, SIGTERM, and SIGHUP, which says that the terminal is gone;
// under nohup it does not count. Writing to a closed pipe is an error from here on, and no signal: what is under way runs to
// completion.
func Signals() <-chan os.Signal {
	signals := make(chan os.Signal, 2)
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	return signals
}

// Interrupts makes of the signals of a process what Main takes: the first ends ctx, the second closes atOnce. SIGHUP is
// never the second: it comes from a terminal or shell that ends, and a shell sends it once more.
func Interrupts(signals <-chan os.Signal) (ctx context.Context, atOnce <-chan struct{}) {
	ctx, interrupt := context.WithCancel(context.Background())
	second := make(chan struct{})
	go func() {
		<-signals
		interrupt()
		for over := time.After(duplicateSignalWindow); over != nil; {
			select {
			case <-signals:
			case <-over:
				over = nil
			}
		}
		for <-signals == syscall.SIGHUP {
		}
		close(second)
	}()
	return ctx, second
}

// exitMessageTimeout bounds the message of a process that ends at once: its terminal may be stopped.
const exitMessageTimeout = time.Second

// endAtOnce says how to go on, and that alone: what is in flight stays as the ledger has it.
func (a *app) endAtOnce() int {
	line := "waybill: ended at once\n"
	if next := a.underway.Load(); next != nil {
		line = fmt.Sprintf("waybill: ended at once; go on with: %s\n", *next)
	}
	if a.live() {
		line = "\r\x1b[K" + line
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		a.err.end(line)
	}()
	select {
	case <-told:
	case <-time.After(exitMessageTimeout):
	}
	return ExitInterrupted
}

// sayInterrupted answers the first interrupt.
func (a *app) sayInterrupted(to io.Writer) {
	if a.settling.Load() {
		fmt.Fprintln(to, "interrupted: what becomes of the messages is not awaited any longer")
		return
	}
	fmt.Fprintln(to, "interrupted: what is in flight ends, nothing new is begun (again: end at once)")
	if next := a.underway.Load(); next != nil {
		fmt.Fprintf(to, "go on later with: %s\n", *next)
	}
}
