package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"waybill/engine"
)

// bindExisting binds the flag by which a ledger that is not there is refused.
func (f *jobFlags) bindExisting(c *cobra.Command) {
	c.Flags().BoolVar(&f.existingLedger, "existing-ledger", false, "refuse to begin a new ledger, in which everybody counts as new")
}

// bindNew binds the flag by which a ledger is begun where it would be refused.
func (f *jobFlags) bindNew(c *cobra.Command) {
	c.Flags().BoolVar(&f.newLedger, "new-ledger", false, "begin the ledger: of the first apply in CI")
}

// isNew says whether nothing can have been sent from a ledger: it is not there, or was made for something else.
func (a *app) isNew(state string) (isNew bool, err error) {
	l, err := a.openStore(state, toRead, a.ledgerLog(a.err))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	begun, err := l.Begun(context.Background())
	return !begun, errors.Join(err, l.Close())
}

// sayNewLedger says that nothing is known of what was sent before: on a machine that begins anew each time, that may be a mistake.
func (s *session) sayNewLedger() {
	// One that cannot be opened is refused with the reason when it is.
	if isNew, err := s.app.isNew(s.state); err == nil && isNew && !s.app.quiet {
		fmt.Fprintf(s.app.err, "a new ledger %s: everybody counts as new\n", nameOfState(s.state))
	}
}

// mayBegin refuses a ledger that is not there, where it has to be: by --existing-ledger, and for applies in CI, where a ledger that is
// lost and one that is new look alike. The sandbox messages nobody.
func (a *app) mayBegin(state string, f *jobFlags, applies bool) error {
	if f.existingLedger && f.newLedger {
		return usageError("--existing-ledger and --new-ledger exclude each other", "")
	}
	if err := checkStateFolder(state, f); err != nil {
		return err
	}
	if f.sandbox || !f.newLedger && !f.existingLedger && (!applies || a.variable("CI") == "") {
		return nil
	}
	isNew, err := a.isNew(state)
	switch {
	case err != nil:
		return notTheLedger(err)
	case f.newLedger && !isNew:
		return usageError("there is a ledger in "+nameOfState(state)+", and --new-ledger begins one. Nothing was sent", "leave --new-ledger out")
	case f.newLedger || !isNew:
		return nil
	}
	hint := "bring back the ledger that earlier runs wrote; when there was none, begin it once: waybill ledger new --state " + quote(withoutPassword(state))
	if applies && !f.existingLedger {
		hint = "bring back the ledger that earlier runs wrote; when there was none, begin it once with --new-ledger"
	}
	return usageError("there is no ledger in "+nameOfState(state)+", and in a new one everybody counts as new: who got the messages before "+
		"would get them again. Nothing was sent", hint)
}

// checkStateFolder refuses a ledger whose folder is not there, where the user says which it is: a volume that is not mounted looks so, and
// a ledger that is made in its place is gone with the next mount. The folder that a ledger beside jobs has by default is made, named or not: jobs lie on no volume that is missing.
func checkStateFolder(state string, f *jobFlags) error {
	if f.state == "" || isShared(state) {
		return nil
	}
	dir := filepath.Dir(state)
	if filepath.Base(dir) == stateDir && len(jobFilesOf(filepath.Dir(dir))) > 0 {
		return nil
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return usageError(fmt.Sprintf("there is no folder %s for the ledger %s. Nothing was sent", dir, state),
			"a volume that is not mounted looks so; where it is to be new, make it: mkdir "+quote(dir))
	}
	return nil
}

// notTheLedger gives the refusal to open a ledger that is not, or not yet, the one to send from its exit status. No try mends it: it is for
// a person.
func notTheLedger(err error) error {
	if _, has := errors.AsType[*ExitError](err); has {
		return err
	}
	if errors.Is(err, engine.ErrDamaged) || errors.Is(err, engine.ErrNewer) || errors.Is(err, engine.ErrEarlier) || errors.Is(err, engine.ErrNoLedger) {
		return &ExitError{Code: ExitInvalid, Err: err}
	}
	if errors.Is(err, engine.ErrBehind) || errors.Is(err, engine.ErrMoved) || errors.Is(err, engine.ErrIncoming) {
		return &ExitError{Code: ExitInvalid, Err: fmt.Errorf("%w. Nothing was sent", err)}
	}
	return err
}

// beginLedger opens a ledger to send with, and begins it when there is none.
func (a *app) beginLedger(ctx context.Context, state string, f *jobFlags, log *slog.Logger) (engine.Ledger, error) {
	if err := checkStateFolder(state, f); err != nil {
		return nil, err
	}
	l, err := a.openLedger(state, f.sandbox, log)
	if err != nil {
		return nil, err
	}
	begun, err := l.Begun(ctx)
	if err == nil && !begun {
		err = l.Begin(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// newLedgerCommand begins a ledger and does nothing else.
func (a *app) newLedgerCommand() *cobra.Command {
	f := &jobFlags{}
	c := &cobra.Command{
		Use:   "new",
		Short: "Begin a ledger, for commands that refuse to",
		Long: `Begins the ledger that --state or WAYBILL_STATE names, else .waybill/ledger.db here, once for all: in CI apply refuses a ledger that
is not there, and so do run, apply, serve and worker with --existing-ledger. One that is there is refused.`,
		Example: `  waybill ledger new --state /var/lib/waybill/ledger.db
  waybill ledger new --state postgres://waybill@db/waybill`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.newLedger(c.Context(), f) },
	}
	f.bindState(c)
	return c
}

func (a *app) newLedger(ctx context.Context, f *jobFlags) error {
	state, err := statePath(f, "here")
	if err != nil {
		return err
	}
	if isNew, err := a.isNew(state); err != nil || !isNew {
		if err == nil {
			err = usageError("there is a ledger in "+nameOfState(state)+" already", "")
		}
		return err
	}
	l, err := a.beginLedger(ctx, state, f, a.ledgerLog(a.err))
	if err != nil {
		return err
	}
	if err := l.Close(); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "a new ledger %s\n", nameOfState(state))
	return nil
}
