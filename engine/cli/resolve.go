package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

type resolveOptions struct {
	resend, markSent bool
	item, to         string
	people           []engine.Held // all ids of the person that --to names
}

func (a *app) resolveCommand() *cobra.Command {
	f := &jobFlags{}
	o := resolveOptions{}
	c := &cobra.Command{
		Use:   "resolve RUN",
		Short: "Settle what is in doubt",
		Long: `A delivery is in doubt when its request may have reached WhatsApp and the answer was lost. It settles itself when a status
webhook arrives; without flags resolve says of each what settled it and what still waits, and exits 4 if anything does.

--mark-sent takes your word that the messages arrived. --resend sends them again: whoever got the first one gets two.
Both cover everything that RUN reported, also what earlier runs of the same scope left.`,
		Example: `  waybill resolve last
  waybill resolve last --mark-sent --item 4711
  waybill resolve last --resend`,
		Args: exactly("RUN"),
	}
	f.bindState(c)
	f.bindYes(c)
	f.bindSettle(c)
	f.bindJobChanged(c)
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
	o.to = meantPerson(o.to)
	run, err := a.findRunToChange(ctx, id, f)
	if err != nil {
		return err
	}
	if err := a.findNarrowed(ctx, run, f, &o); err != nil {
		return err
	}
	if !o.acts() {
		if err := a.doubtAbandoned(ctx, f); err != nil {
			return err
		}
		return a.reportResolution(ctx, run, f, o, nil)
	}
	if o.resend {
		return a.resend(ctx, run, f, o)
	}
	settled, err := a.markSent(ctx, run, f, o)
	fmt.Fprintf(a.err, "%s taken as sent\n", wording.Number(settled))
	if err != nil {
		return err
	}
	return a.reportResolution(ctx, run, f, o, nil)
}

// afterRun joins how sending again ended with what the report after it says: the worse status of both.
func afterRun(sent, told error) error {
	a, runEnded := errors.AsType[*ExitError](sent)
	b, stillInDoubt := errors.AsType[*ExitError](told)
	switch {
	case runEnded && stillInDoubt:
		return &ExitError{Code: worse(a.Code, b.Code), Err: errors.Join(a.Err, b.Err), Hint: a.Hint}
	case sent == nil:
		return told
	case told == nil || stillInDoubt:
		return sent
	}
	return errors.Join(sent, told)
}

func (o resolveOptions) acts() bool    { return o.resend || o.markSent }
func (o resolveOptions) narrows() bool { return o.item != "" || o.to != "" }

// matches says whether --item and --to select this delivery.
func (o resolveOptions) matches(d delivery.Delivery) bool {
	return (o.item == "" || d.Key.Item == o.item) && (o.to == "" || slices.ContainsFunc(o.people, func(h engine.Held) bool { return h.ID == d.Recipient && h.AtOurs(d.IntendedAt) }))
}

// findNarrowed refuses an --item or --to that the run's scope does not have: it is a typing error.
func (a *app) findNarrowed(ctx context.Context, run engine.Run, f *jobFlags, o *resolveOptions) (err error) {
	if !o.narrows() {
		return nil
	}
	l, err := a.readLedger(f.state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if o.to != "" {
		if o.people, err = l.Whose(ctx, o.to); err != nil {
			return err
		}
	}
	filter := engine.DeliveryFilter{Job: run.Job, Scope: run.DeliveryScope(), Recipient: o.to, Search: o.item}
	for d, err := range l.Deliveries(ctx, filter) {
		if err != nil {
			return err
		}
		if o.matches(d) {
			return nil
		}
	}
	what := ""
	if o.item != "" {
		what = fmt.Sprintf(" of item %q", o.item)
	}
	if o.to != "" {
		what += fmt.Sprintf(" to %q", o.to)
	}
	return usageError(fmt.Sprintf("run %s has no delivery%s", run.ID, what), "waybill deliveries "+run.ID+" lists them")
}

// doubts filters what is in doubt of a run: its scope has them all, also those of earlier runs.
func doubts(run engine.Run, o resolveOptions) engine.DeliveryFilter {
	return engine.DeliveryFilter{Job: run.Job, Scope: run.DeliveryScope(), States: []delivery.State{delivery.InDoubt}, Recipient: o.to}
}

// markSent takes the user's word for each delivery in doubt, and says how many it settled. It needs the lock: what a
// killed process left under way is in doubt from then on, and no process sends meanwhile.
func (a *app) markSent(ctx context.Context, run engine.Run, f *jobFlags, o resolveOptions) (settled int, err error) {
	l, err := a.openLedger(f.state, f.sandbox, a.ledgerLog(a.err))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	release, err := l.Lock(ctx, "waybill resolve")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, release()) }()
	ids, err := selected(ctx, l, run, o)
	if err != nil {
		return 0, err
	}
	by := a.actor(filepath.Dir(run.File))
	for id := range ids {
		_, err := l.Resolve(ctx, id, true, by)
		if _, decided := errors.AsType[*delivery.DecidedError](err); decided {
			continue // a webhook settled it meanwhile
		}
		if err != nil {
			return settled, err
		}
		settled++
	}
	return settled, nil
}

// selected returns the deliveries in doubt that --item and --to select, and how many attempts each had.
func selected(ctx context.Context, l engine.Reader, run engine.Run, o resolveOptions) (map[delivery.ID]int, error) {
	ids := map[delivery.ID]int{}
	for d, err := range l.Deliveries(ctx, doubts(run, o)) {
		if err != nil {
			return nil, err
		}
		if o.matches(d) {
			ids[d.ID] = d.Attempts
		}
	}
	return ids, nil
}

// doubtAbandoned puts what a killed process left under way in doubt, unless another process sends right now.
func (a *app) doubtAbandoned(ctx context.Context, f *jobFlags) (err error) {
	l, err := a.openLedger(f.state, f.sandbox, a.ledgerLog(a.err))
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
