package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"waybill/engine"
	"waybill/engine/dashboard/metrics"
	"waybill/engine/ledger"
	"waybill/steps/doctor"
)

// access is what a command wants of a ledger.
type access int

const (
	toRead    access = iota // what is in it; of the sandbox's as well
	toSend                  // messages to people
	toEmulate               // messages to the sandbox
)

// openStore opens the ledger that a path names. It is the one place that knows what kinds of ledgers there are.
func (a *app) openStore(path string, want access, log *slog.Logger) (engine.Ledger, error) {
	if isShared(path) {
		l, err := a.openShared(path, want, log)
		return l, notTheLedger(err)
	}
	l, err := ledger.Open(path, ledger.Options{Now: a.env.Now, Log: log, ReadOnly: want == toRead, WitnessFile: a.witness})
	if err != nil {
		return nil, notTheLedger(err) // and not a nil *Ledger, which would not be nil in the interface
	}
	return l, nil
}

// alarms reads what should not happen in a ledger, for /metrics.
func alarms(l engine.Ledger) metrics.AlarmsFunc {
	return func(ctx context.Context) (metrics.Alarms, error) {
		a, err := l.Alarms(ctx)
		return metrics.Alarms(a), err
	}
}

// ledgerToCheck is a ledger as doctor looks at it.
func (a *app) ledgerToCheck(path string) doctor.Ledger {
	if isShared(path) {
		return a.sharedToCheck(path)
	}
	_, err := os.Stat(path)
	return doctor.Ledger{
		Path: path, Exists: !errors.Is(err, fs.ErrNotExist),
		Open:   func() (doctor.Reader, error) { return a.readAsIs(path) },
		Holder: func() (string, error) { return ledger.Holder(path) },
	}
}

// openLedger opens a ledger to send with, and makes it when there is none. The ledgers of the sandbox and those of
// real deliveries are kept apart: what went to the emulator must never count as sent.
func (a *app) openLedger(path string, sandbox bool, log *slog.Logger) (engine.Ledger, error) {
	want := toSend
	if sandbox {
		want = toEmulate
	}
	l, err := a.makeLedger(path, want, log)
	if errors.Is(err, fs.ErrPermission) {
		hint := "this user may not write there; --state FILE puts the ledger elsewhere"
		if _, gone := os.Stat(path); gone == nil { // elsewhere it would be a new one, in which everybody counts as new
			hint = "it is another user's: run this as the user who sent from it"
		}
		err = &ExitError{Code: ExitFailed, Err: err, Hint: hint}
	}
	return l, err
}

func (a *app) makeLedger(path string, want access, log *slog.Logger) (engine.Ledger, error) {
	if isShared(path) {
		return a.openStore(path, want, log)
	}
	if err := keepApart(path, want); err != nil {
		return nil, err
	}
	l, err := a.openStore(path, want, log)
	if err != nil {
		return nil, err
	}
	if err := ignore(path); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// openExisting is openLedger for commands that change what a ledger has: one that is not there, or a database in which there is none, is
// refused, and not begun.
func (a *app) openExisting(path string, sandbox bool) (engine.Ledger, error) {
	l, err := a.readAsIs(path)
	switch {
	case err == nil:
		err = l.Close()
	case errors.Is(err, engine.ErrEarlier): // it is brought to this program's format
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return a.openLedger(path, sandbox, a.ledgerLog(a.err))
}

// bringUp brings a ledger of an earlier format to this program's, for a command that reads it first and writes to it then.
func (a *app) bringUp(path string, sandbox bool) error {
	l, err := a.openExisting(path, sandbox)
	if err != nil {
		return err
	}
	return l.Close()
}

// readLedger opens a ledger for reading; it works while another process sends. Where nothing may be sent from it, it says so first: who
// reads what is in it should know that it is not the newest.
func (a *app) readLedger(path string) (engine.Ledger, error) {
	l, err := a.readAsIs(path)
	if err != nil {
		return nil, err
	}
	standing, err := standingOf(context.Background(), l)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if standing != nil {
		fmt.Fprintln(a.err, "warning: "+refusedText(path, standing))
	}
	return l, nil
}

// readAsIs is readLedger without a word about what stands against the ledger.
func (a *app) readAsIs(path string) (engine.Ledger, error) {
	l, err := a.openStore(path, toRead, a.ledgerLog(a.err))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageError("there is no ledger in "+nameOfState(path)+" yet", "run or apply a job first; the ledger is made then")
	}
	return l, err
}

// refusedText says what stands against sending from a ledger.
func refusedText(state string, standing error) string {
	return fmt.Sprintf("nothing can be sent from %s: %s", nameOfState(state), standing)
}

// standingOf tells what stands against sending from a ledger (nil: nothing) from a failure to look.
func standingOf(ctx context.Context, l engine.Ledger) (standing, err error) {
	err = l.Standing(ctx)
	if errors.Is(err, engine.ErrMoved) || errors.Is(err, engine.ErrBehind) {
		return err, nil
	}
	return nil, err
}

// readLedgerIfThere is readLedger for plans: nil where there is no ledger, for nothing was sent then, and none is made. A
// process that is killed early leaves a file without a ledger in it.
func (a *app) readLedgerIfThere(path string) (engine.Ledger, error) {
	l, err := a.openStore(path, toRead, a.ledgerLog(a.err))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return l, err
}

const (
	sandboxMark  = ".sandbox" // added to a ledger's name: what it holds was never sent to people
	markContents = "The ledger beside this file holds deliveries to waybill's sandbox. Nobody was messaged.\n"
)

// keepApart refuses a ledger of real deliveries for the sandbox, and the other way about; a new one for the sandbox it marks as such.
func keepApart(path string, want access) error {
	sandbox := want == toEmulate
	_, err := os.Stat(path)
	exists := err == nil
	marked := ofSandbox(path)
	switch {
	case exists && sandbox && !marked:
		return usageError(fmt.Sprintf("ledger %s holds real deliveries; the sandbox needs one of its own", path),
			"leave --state out, or name another file")
	case exists && !sandbox && marked:
		return usageError(fmt.Sprintf("ledger %s belongs to the sandbox: what it holds was never sent", path),
			"leave --state out, name another file, or add --sandbox")
	case sandbox && !marked:
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("make the folder of the ledger: %w", err)
		}
		if err := os.WriteFile(path+sandboxMark, []byte(markContents), 0o600); err != nil {
			return fmt.Errorf("mark the ledger of the sandbox: %w", err)
		}
	}
	return nil
}

// ofSandbox says whether a ledger holds deliveries to the sandbox.
func ofSandbox(path string) bool {
	_, err := os.Stat(path + sandboxMark)
	return err == nil
}

// ignore keeps the state folder out of version control.
func ignore(path string) error {
	dir := filepath.Dir(path)
	if filepath.Base(dir) != stateDir {
		return nil
	}
	file, err := os.OpenFile(filepath.Join(dir, ".gitignore"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // beside the ledger
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep %s out of version control: %w", dir, err)
	}
	_, err = file.WriteString("*\n")
	return errors.Join(err, file.Close())
}
