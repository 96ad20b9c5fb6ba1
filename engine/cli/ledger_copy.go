package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/ledger"
	"waybill/engine/ledger/postgres"
	"waybill/engine/ledger/transfer"
	"waybill/engine/wording"
)

func (a *app) copyLedgerCommand() *cobra.Command {
	withoutRows := false
	c := &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Move a ledger to another place, whole: a file, or a database",
		Long: `Copies all that a ledger holds to a place where there is none, reads it there again, and marks FROM as moved in the same step: it is
read from then on, and never sends again. FROM and TO are files or postgres:// addresses. Nobody may send from FROM meanwhile, and what
receives webhooks into it is refused from then on: begin it anew with TO.

While it goes on, TO cannot be used. Interrupted, it leaves FROM as it was; begin again. Killed in the last moment, after FROM was
marked, the same command finishes TO.

The rows that a database keeps for a run that can be taken up again (of a query, an address, standard input) are not copied: finish that
run first, or say --without-kept-rows, and a resume reads them anew.`,
		Example: `  waybill ledger copy .waybill/ledger.db postgres://waybill@db/waybill`,
		Args:    exactly("FROM", "TO"),
	}
	c.Flags().BoolVar(&withoutRows, "without-kept-rows", false, "leave rows behind that runs would go on with")
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.copyLedger(c.Context(), args[0], args[1], withoutRows)
	}
	return c
}

// movable is a ledger that can be moved.
type movable interface {
	engine.Ledger
	transfer.From
	Moved(ctx context.Context) (to, id string, err error)
}

var (
	_ movable = (*ledger.Ledger)(nil)
	_ movable = (*postgres.Ledger)(nil)
)

// place is where a ledger is copied to.
type place interface {
	transfer.To
	Close() error
}

func (a *app) copyLedger(ctx context.Context, from, to string, withoutRows bool) (err error) {
	for what, state := range map[string]string{"FROM": from, "TO": to} {
		if err := refusePassword(what, state); err != nil {
			return err
		}
		if _, err := checkState(state); err != nil {
			return err
		}
	}
	moved, id, err := a.movedTo(ctx, from)
	if err != nil {
		return err
	}
	target, err := a.openPlace(ctx, to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	switch {
	case moved == target.Name():
		if err := target.Finish(ctx, id); err != nil {
			return err
		}
		fmt.Fprintf(a.out, "%s was moved to %s before, which is ready\n", nameOfState(from), nameOfState(to))
		return nil
	case moved != "":
		return usageError(fmt.Sprintf("the ledger %s was moved to %s, and is read here alone", nameOfState(from), moved), "copy that one")
	}
	rows, err := a.move(ctx, from, target, withoutRows)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s is moved to %s: %s, %s; read again, all are the same\n", nameOfState(from), nameOfState(to),
		wording.Plural(int(rows["run"]), "run"), wording.Plural(int(rows["delivery"]), "delivery"))
	return nil
}

// movedTo says where a ledger was moved to; empty: it was not.
func (a *app) movedTo(ctx context.Context, state string) (to, id string, err error) {
	l, err := a.readAsIs(state)
	if err != nil {
		return "", "", err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return l.(movable).Moved(ctx) //nolint:forcetypeassert // see above
}

// openPlace takes the place of a copy.
func (a *app) openPlace(ctx context.Context, to string) (place, error) {
	if isShared(to) {
		p, err := postgres.NewPlace(ctx, to, postgres.Options{
			Now: a.env.Now, Log: a.ledgerLog(a.err), Insecure: a.insecureLedger, Witness: stateDir, WitnessFile: a.witness,
		})
		if err != nil {
			return nil, err
		}
		return p, nil
	}
	if err := checkStateFolder(to, &jobFlags{state: to}); err != nil {
		return nil, err
	}
	p, err := ledger.NewPlace(to, a.env.Now)
	if err != nil {
		return nil, err
	}
	return p, ignore(to)
}

// move copies a ledger and marks it as moved.
func (a *app) move(ctx context.Context, from string, target place, withoutRows bool) (rows map[string]int64, err error) {
	l, err := a.openLedger(from, false, a.ledgerLog(a.err))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if !withoutRows {
		if err := nothingKept(ctx, l); err != nil {
			return nil, err
		}
	}
	rows, err = transfer.Copy(ctx, l.(movable), target) //nolint:forcetypeassert // see above
	if errors.Is(err, transfer.ErrOccupied) {
		err = &ExitError{Code: ExitInvalid, Err: err}
	}
	if locked, is := errors.AsType[*engine.LockedError](err); is {
		err = &ExitError{Code: ExitInvalid, Err: locked, Hint: "stop it first"}
	}
	return rows, err
}

// nothingKept refuses a ledger that keeps rows which runs would go on with.
func nothingKept(ctx context.Context, l engine.Ledger) error {
	keeper, keeps := l.(interface {
		KeptFor(ctx context.Context) ([]string, error)
	})
	if !keeps {
		return nil
	}
	runs, err := keeper.KeptFor(ctx)
	if err != nil || len(runs) == 0 {
		return err
	}
	return usageError(fmt.Sprintf("%s not over, and would go on with rows that are kept here alone: %s. Nothing was copied",
		wording.Plural(len(runs), "run")+wording.Agree(len(runs), " is", " are"), strings.Join(runs, ", ")),
		"finish "+wording.Agree(len(runs), "it", "them")+" first: waybill resume "+runs[0]+"; or leave the rows behind with --without-kept-rows, and a resume reads its source anew")
}
