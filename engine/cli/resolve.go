package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/ledger"
	"waybill/engine/report"
)

type resolveOptions struct {
	resend, markSent bool
	item, to         string
}

func (a *app) resolveCommand() *cobra.Command {
	f := &jobFlags{}
	o := resolveOptions{}
	c := &cobra.Command{
		Use:   "resolve RUN",
		Short: "Settle what is in doubt",
		Long: `A delivery is in doubt when its request may have reached WhatsApp and the answer was lost. It settles itself when a status
webhook arrives; without flags resolve says what still waits, and exits 4 if anything does.

--mark-sent takes your word that the messages arrived. --resend sends them again: whoever got the first one gets two.
Both cover everything that RUN reported, also what earlier runs of the same scope left.`,
		Example: `  waybill resolve last
  waybill resolve last --mark-sent --item 4711
  waybill resolve last --resend`,
		Args: exactly("RUN"),
	}
	f.bindState(c)
	f.bindYes(c)
	c.Flags().StringArrayVar(&f.allow, "allow-path", nil, "`DIR` outside the job's folder that the job may read; may be repeated")
	c.Flags().BoolVar(&o.resend, "resend", false, "send them again: at least once instead of at most once")
	c.Flags().BoolVar(&o.markSent, "mark-sent", false, "take them as sent")
	c.Flags().StringVar(&o.item, "item", "", "the item with this `KEY` alone")
	c.Flags().StringVar(&o.to, "to", "", "this `RECIPIENT` alone")
	bindFormat(c, &f.format, "text", "json")
	c.ValidArgsFunction = a.runIDs(f)
	c.RunE = func(c *cobra.Command, args []string) error { return a.resolve(c.Context(), args[0], f, o) }
	return c
}

func (a *app) resolve(ctx context.Context, id string, f *jobFlags, o resolveOptions) error {
	if o.resend && o.markSent {
		return usageError("--resend and --mark-sent exclude each other", "")
	}
	run, err := a.findRun(ctx, id, f)
	if err != nil {
		return err
	}
	if !o.resend && !o.markSent {
		return a.listDoubts(ctx, run, f, o)
	}
	settled, err := a.settleDoubts(ctx, run, f, o)
	if err != nil {
		return err
	}
	if o.markSent {
		fmt.Fprintf(a.err, "%d taken as sent\n", settled)
		return a.listDoubts(ctx, run, f, resolveOptions{})
	}
	fmt.Fprintf(a.err, "%d to be sent again\n", settled)
	if settled == 0 {
		return nil
	}
	return a.goOn(ctx, run, f, false)
}

// doubts filters what is in doubt of a run: its scope has them all, also those of earlier runs.
func doubts(run engine.Run, o resolveOptions) engine.DeliveryFilter {
	return engine.DeliveryFilter{Job: run.Job, Scope: run.Scope, States: []engine.State{engine.InDoubt}, Recipient: o.to}
}

// settleDoubts takes the user's word for each delivery in doubt. It needs the lock: what a killed process left under
// way is in doubt from then on, and nobody sends meanwhile.
func (a *app) settleDoubts(ctx context.Context, run engine.Run, f *jobFlags, o resolveOptions) (settled int, err error) {
	l, err := a.openLedger(f.state, f.sandbox)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	release, err := l.Lock(ctx, "waybill resolve")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if o.resend {
		if err := a.askResend(ctx, l, run, f, o); err != nil {
			return 0, err
		}
	}
	var ids []engine.DeliveryID
	for d, err := range l.Deliveries(ctx, doubts(run, o)) {
		if err != nil {
			return 0, err
		}
		if o.item == "" || d.Key.Item == o.item {
			ids = append(ids, d.ID)
		}
	}
	for _, id := range ids {
		_, err := l.Resolve(ctx, id, o.markSent)
		if _, held := errors.AsType[*engine.HeldError](err); held {
			continue // a webhook settled it meanwhile
		}
		if err != nil {
			return settled, err
		}
		settled++
	}
	return settled, nil
}

// askResend asks before many people may get a message twice.
func (a *app) askResend(ctx context.Context, l *ledger.Ledger, run engine.Run, f *jobFlags, o resolveOptions) error {
	tally, err := l.Tally(ctx, doubts(run, o))
	if err != nil || f.yes || f.sandbox || tally[engine.InDoubt] <= askAbove {
		return err
	}
	return a.ask(ctx, report.Number(tally[engine.InDoubt])+" people will be messaged, and may get it twice.")
}

// listDoubts prints what is in doubt still; exit status 4 when there is any.
func (a *app) listDoubts(ctx context.Context, run engine.Run, f *jobFlags, o resolveOptions) (err error) {
	l, err := a.readLedger(f.state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := a.sweep(ctx, f); err != nil {
		return err
	}
	tally, err := l.Tally(ctx, doubts(run, o))
	if err != nil {
		return err
	}
	if f.format == "json" {
		if err := report.WriteDeliveriesJSON(a.out, l.Deliveries(ctx, doubts(run, o))); err != nil {
			return err
		}
	} else if tally[engine.InDoubt] > 0 {
		if _, err := report.WriteDeliveries(a.out, l.Deliveries(ctx, doubts(run, o)), a.paintOut()); err != nil {
			return err
		}
	}
	if n := tally[engine.InDoubt]; n > 0 {
		fmt.Fprintf(a.err, "%d in doubt still: a status webhook settles each by itself; --mark-sent or --resend decides now\n", n)
		return exit(ExitInDoubt)
	}
	fmt.Fprintf(a.err, "nothing is in doubt in scope %s of %s\n", report.Clean(run.Scope), report.Clean(run.Job))
	return nil
}

// sweep puts what a killed process left under way in doubt, unless somebody sends right now.
func (a *app) sweep(ctx context.Context, f *jobFlags) (err error) {
	l, err := a.openLedger(f.state, f.sandbox)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	release, err := l.Lock(ctx, "waybill resolve")
	if _, locked := errors.AsType[*engine.LockedError](err); locked {
		return nil
	}
	if err != nil {
		return err
	}
	return release()
}
