package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/report"
)

type deliveryOptions struct {
	states          []string
	failed, inDoubt bool
	filter          engine.DeliveryFilter
}

func (a *app) deliveriesCommand() *cobra.Command {
	f := &jobFlags{}
	o := deliveryOptions{}
	c := &cobra.Command{
		Use:   "deliveries RUN",
		Short: "List a run's deliveries",
		Long: `Lists the deliveries of a run's scope as they stand now. -o csv and -o json list all of them; the table stops at --limit.
In CSV, text that a spreadsheet would take for a formula begins with an apostrophe.`,
		Example: `  waybill deliveries last --failed
  waybill deliveries last --is delivered,read -o csv > arrived.csv`,
		Args: exactly("RUN"),
	}
	f.bindState(c)
	// --state names the ledger, in all commands alike; hence --is for the states of deliveries.
	c.Flags().StringSliceVar(&o.states, "is", nil,
		"in these `STATES`: planned, intended, inDoubt, rejected, accepted, sent, delivered, read, failed")
	c.Flags().BoolVar(&o.failed, "failed", false, "what was refused, or accepted and then not delivered")
	c.Flags().BoolVar(&o.inDoubt, "in-doubt", false, "what is in doubt")
	c.Flags().IntVar(&o.filter.Code, "code", 0, "with this error `CODE` of WhatsApp's")
	c.Flags().StringVar(&o.filter.Recipient, "to", "", "to this `RECIPIENT`")
	c.Flags().StringVar(&o.filter.Step, "step", "", "of the step of this `PATH`")
	c.Flags().StringVar(&o.filter.Search, "search", "", "with this `TEXT` in recipient, item or message id")
	c.Flags().IntVar(&o.filter.Limit, "limit", 0, "at most `N`; 0 is all, and 200 in a table")
	bindFormat(c, &f.format, "text", "json", "csv")
	c.ValidArgsFunction = a.runIDs(f)
	c.RunE = func(c *cobra.Command, args []string) error { return a.deliveries(c.Context(), args[0], f, o) }
	return c
}

// mostInTable is how many deliveries a table shows unless --limit says otherwise.
const mostInTable = 200

func (a *app) deliveries(ctx context.Context, id string, f *jobFlags, o deliveryOptions) (err error) {
	filter := o.filter
	if filter.States, err = o.deliveryStates(); err != nil {
		return err
	}
	run, err := a.findRun(ctx, id, f)
	if err != nil {
		return err
	}
	l, err := a.readLedger(f.state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	filter.Job, filter.Scope = run.Job, run.Scope
	switch f.format {
	case "json":
		err = report.WriteDeliveriesJSON(a.out, l.Deliveries(ctx, filter))
	case "csv":
		err = report.WriteDeliveriesCSV(a.out, l.Deliveries(ctx, filter))
	}
	if f.format != "text" {
		return errors.Join(err, a.sayNearly(ctx, l, filter))
	}
	if filter.Limit == 0 {
		filter.Limit = mostInTable
	}
	shown, err := report.WriteDeliveries(a.out, l.Deliveries(ctx, filter), a.paintOut())
	if err != nil {
		return err
	}
	return a.sayRest(ctx, l, filter, shown)
}

// sayRest tells how many deliveries the table did not show.
func (a *app) sayRest(ctx context.Context, l engine.Reader, filter engine.DeliveryFilter, shown int) error {
	tally, err := l.Tally(ctx, filter)
	if err != nil {
		return err
	}
	all := 0
	for _, n := range tally {
		all += n
	}
	switch {
	case all == 0:
		fmt.Fprintln(a.err, "no delivery is like that")
		return a.sayNearly(ctx, l, filter)
	case all > shown:
		fmt.Fprintf(a.err, "… and %d more: --limit N, or -o csv for all\n", all-shown)
	}
	return nil
}

// sayNearly helps with a number that was typed without its country code and found nothing: it names those that end so.
func (a *app) sayNearly(ctx context.Context, l engine.Reader, filter engine.DeliveryFilter) error {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, filter.Recipient)
	if len(digits) < leastSuffix {
		return nil
	}
	scope := engine.DeliveryFilter{Job: filter.Job, Scope: filter.Scope, Recipient: filter.Recipient}
	if known, err := l.Tally(ctx, scope); err != nil || len(known) > 0 {
		return err // it is there, in another state or step
	}
	var near []string
	scope.Recipient, scope.Search = "", digits
	for d, err := range l.Deliveries(ctx, scope) {
		if err != nil {
			return err
		}
		if strings.HasSuffix(d.Recipient, digits) && !slices.Contains(near, d.Recipient) {
			near = append(near, d.Recipient)
		}
		if len(near) == mostNear {
			break
		}
	}
	if len(near) > 0 {
		fmt.Fprintf(a.err, "--to takes the whole number with its country code; %s ends so\n", strings.Join(near, ", "))
	}
	return nil
}

const (
	leastSuffix = 4 // digits that say which number may be meant
	mostNear    = 3 // numbers that are named
)

func (o deliveryOptions) deliveryStates() ([]delivery.State, error) {
	var states []delivery.State
	if o.failed {
		states = append(states, delivery.Rejected, delivery.Failed)
	}
	if o.inDoubt {
		states = append(states, delivery.InDoubt)
	}
	var known []string
	for _, s := range delivery.States() {
		known = append(known, stateWord(s))
	}
	for _, word := range o.states {
		if word == delivery.InDoubt.String() { // as it is printed
			word = stateWord(delivery.InDoubt)
		}
		if err := oneOf("--is", word, known); err != nil {
			return nil, err
		}
		for _, s := range delivery.States() {
			if stateWord(s) == word {
				states = append(states, s)
			}
		}
	}
	return states, nil
}

// stateWord is a state as one word: inDoubt.
func stateWord(s delivery.State) string { return strings.ReplaceAll(s.String(), "in doubt", "inDoubt") }
