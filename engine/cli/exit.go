package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/report"
)

// The exit statuses.
const (
	ExitDone        = 0   // all done
	ExitFailed      = 1   // something failed; of plan and validate --rows: a row cannot be sent
	ExitChanges     = 2   // plan --detailed-exitcode: there is something to do
	ExitInvalid     = 3   // the file or the command line is wrong, nothing was sent
	ExitInDoubt     = 4   // deliveries are in doubt
	ExitStopped     = 5   // stopped early, resume goes on
	ExitInterrupted = 130 // by the user, resume goes on
)

// ExitError ends the program with a status. Err nil: all was said already.
type ExitError struct {
	Code int
	Err  error
	Hint string // what to type next; may be empty
}

func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit status %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap returns the cause.
func (e *ExitError) Unwrap() error { return e.Err }

// usageError says that the command line is wrong.
func usageError(text, hint string) error {
	return &ExitError{Code: ExitInvalid, Err: errors.New(text), Hint: hint}
}

// exit ends with a status when all was said; nil for ExitDone.
func exit(code int) error {
	if code == ExitDone {
		return nil
	}
	return &ExitError{Code: code}
}

// explain prints what a command returned and returns the status.
func (a *app) explain(ctx context.Context, err error) int {
	if err == nil {
		return ExitDone
	}
	ended, hasStatus := errors.AsType[*ExitError](err)
	if !hasStatus && a.printed(err) == nil {
		return ExitDone // a command that only reads, into a pipe that is closed
	}
	if found, ok := errors.AsType[*diag.ListError](err); ok {
		if hasStatus {
			a.findings(found.List) // of one job, and another was done
			return ended.Code
		}
		a.refuse(found.List)
		if slices.ContainsFunc(found.List, lacksAccount) {
			fmt.Fprintf(a.err, "%s no account yet? --sandbox needs none, and messages nobody\n", a.paint().Cyan("hint:"))
		}
		return ExitInvalid
	}
	code, hint := ExitFailed, ""
	if hasStatus {
		code, hint = ended.Code, ended.Hint
		if ended.Err == nil {
			return code
		}
	} else if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		code, err = ExitInterrupted, errors.New("interrupted")
	}
	fmt.Fprintf(a.err, "%s %s\n", a.paint().Red("waybill:"), report.Clean(err.Error()))
	if _, locked := errors.AsType[*engine.LockedError](err); locked {
		hint = "wait until it is done, as --wait-lock 10m does; runs, show, deliveries and plan work meanwhile"
	}
	if hint != "" {
		fmt.Fprintf(a.err, "%s %s\n", a.paint().Cyan("hint:"), report.Clean(hint))
	}
	return code
}

// lacksAccount says whether a finding is that of a first try: there is no token yet.
func lacksAccount(d diag.Diagnostic) bool {
	return d.Code == "missing-variable" && d.Severity == diag.Error && strings.Contains(d.Summary, "WHATSAPP_TOKEN") &&
		!strings.Contains(d.Hint, "--sandbox")
}

// status is the exit status that a run's end deserves.
func status(s engine.RunStatus) int {
	switch s {
	case engine.RunFailed:
		return ExitFailed
	case engine.RunInDoubt:
		return ExitInDoubt
	case engine.RunStopped:
		return ExitStopped
	case engine.RunInterrupted, engine.RunRunning:
		return ExitInterrupted
	case engine.RunSucceeded:
	}
	return ExitDone
}

// worse returns the graver of two statuses: 130 over 5 over 4 over 1 over 0.
func worse(a, b int) int { return max(a, b) }
