package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"waybill/engine/ledger"
)

const (
	stateDir     = ".waybill"
	ledgerName   = "ledger.db"
	sandboxName  = "sandbox.db"
	sandboxMark  = ".sandbox" // added to a ledger's name: what it holds was never sent to people
	markContents = "The ledger beside this file holds deliveries to waybill's sandbox. Nobody was messaged.\n"
)

// statePath is the ledger of a job file: what --state says, else a file beside the job.
func statePath(f *jobFlags, jobFile string) (string, error) {
	if f.state != "" {
		return checkState(f.state)
	}
	return filepath.Join(filepath.Dir(jobFile), stateDir, defaultLedger(f.sandbox)), nil
}

func defaultLedger(sandbox bool) string {
	if sandbox {
		return sandboxName
	}
	return ledgerName
}

// checkState refuses what is not a file yet.
func checkState(state string) (string, error) {
	if scheme, _, found := strings.Cut(state, "://"); found {
		return "", usageError(fmt.Sprintf("--state %s: a ledger on %s is not supported yet", state, scheme), "give a file")
	}
	if stat, err := os.Stat(state); err == nil && stat.IsDir() {
		return "", usageError(fmt.Sprintf("--state %s is a folder", state), "give the ledger's file: "+filepath.Join(state, ledgerName))
	}
	return state, nil
}

// findState is the ledger that commands without a job file mean: what --state says, else the one of this folder,
// else the only one in the folders below it.
func findState(f *jobFlags) (string, error) {
	if f.state != "" {
		path, err := checkState(f.state)
		if err != nil {
			return "", err
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return "", usageError("there is no ledger "+path, "run or apply a job first; the ledger is made then")
		}
		return path, nil
	}
	name := defaultLedger(f.sandbox)
	here := filepath.Join(stateDir, name)
	if _, err := os.Stat(here); err == nil {
		return here, nil
	}
	below, err := filepath.Glob(filepath.Join("*", stateDir, name))
	if err != nil {
		return "", err
	}
	switch len(below) {
	case 1:
		return below[0], nil
	case 0:
		return "", usageError(fmt.Sprintf("there is no ledger %s here, nor one folder below", here), otherLedger(f.sandbox))
	}
	return "", usageError("there are several ledgers below this folder", "choose one: --state "+strings.Join(below, ", --state "))
}

// otherLedger is the hint for who looks for the one and has the other.
func otherLedger(sandbox bool) string {
	here, _ := filepath.Glob(filepath.Join(stateDir, defaultLedger(!sandbox)))
	below, _ := filepath.Glob(filepath.Join("*", stateDir, defaultLedger(!sandbox)))
	switch {
	case len(here)+len(below) == 0:
		return "name it with --state FILE; run and apply make one beside the job"
	case sandbox:
		return "there is a ledger of real deliveries: leave --sandbox out"
	}
	return "there is a ledger of the sandbox: add --sandbox"
}

// ledgerLog is log for the words of a ledger: phone numbers are masked in it, whoever wrote them into an error. What is
// told of a run is in its report; here are warnings alone, or everything under -v.
func (a *app) ledgerLog(w io.Writer) *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: maskAttr}))
}

// openLedger is openLoggedLedger for a command without a log of its own.
func (a *app) openLedger(path string, sandbox bool) (*ledger.Ledger, error) {
	return a.openLoggedLedger(path, sandbox, a.ledgerLog(a.err))
}

// openLoggedLedger opens a ledger to send with, and makes it when there is none. The ledgers of the sandbox and those of
// real deliveries are kept apart: what went to the emulator must never count as sent.
func (a *app) openLoggedLedger(path string, sandbox bool, log *slog.Logger) (*ledger.Ledger, error) {
	l, err := a.ownLedger(path, sandbox, log)
	if errors.Is(err, fs.ErrPermission) {
		err = &ExitError{Code: ExitFailed, Err: err, Hint: "this user may not write there; --state FILE puts the ledger elsewhere"}
	}
	return l, err
}

func (a *app) ownLedger(path string, sandbox bool, log *slog.Logger) (*ledger.Ledger, error) {
	if err := keepApart(path, sandbox); err != nil {
		return nil, err
	}
	l, err := ledger.Open(path, ledger.Options{Now: a.env.Now, Log: log})
	if err != nil {
		return nil, err
	}
	if err := ignore(path); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func keepApart(path string, sandbox bool) error {
	_, err := os.Stat(path)
	exists := err == nil
	_, err = os.Stat(path + sandboxMark)
	marked := err == nil
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

// readLedger opens a ledger for reading; it works while another process sends.
func (a *app) readLedger(path string) (*ledger.Ledger, error) {
	l, err := ledger.Open(path, ledger.Options{Now: a.env.Now, Log: a.ledgerLog(a.err), ReadOnly: true})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageError("there is no ledger in "+path+" yet", "run or apply a job first; the ledger is made then")
	}
	return l, err
}

// peekLedger is readLedger for plans: nil where there is no ledger, for nothing was sent then, and none is made. A process
// that is killed early leaves a file without a ledger in it.
func (a *app) peekLedger(path string) (*ledger.Ledger, error) {
	l, err := ledger.Open(path, ledger.Options{Now: a.env.Now, Log: a.ledgerLog(a.err), ReadOnly: true})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return l, err
}
