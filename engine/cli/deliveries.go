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
	"waybill/engine/phone"
	"waybill/engine/report"
	"waybill/engine/wording"
)

type deliveryOptions struct {
	states                      []string
	failed, inDoubt, notReached bool
	withRow                     bool
	filter                      engine.DeliveryFilter
}

func (a *app) deliveriesCommand() *cobra.Command {
	f := &jobFlags{}
	o := deliveryOptions{}
	c := &cobra.Command{
		Use:   "deliveries RUN",
		Short: "List a run's deliveries",
		Long: `Lists what became of the messages of a run: its deliveries, by the last attempt that it made or met, as webhooks have told since,
and the rows that became no request, with file, row, cell and reason. What a later run did to one stands in a column "now".
-o csv and -o json list all of them; the table stops at --limit. CSV is made for spreadsheets: numbers are written ="+34…" so that their
digits stay, and text that would be taken for a formula begins with an apostrophe. A job reads both back.

--not-reached --with-row -o csv is the list for the telephone: everybody whose message was refused, invalid, not delivered, not sent or
is in doubt, with the columns of their row, which is read again from its source. A column of ours that is called as one of the row's is waybill_….`,
		Example: `  waybill deliveries last --failed
  waybill deliveries last --is delivered,read -o csv > arrived.csv
  waybill deliveries last --not-reached --with-row -o csv > call-them.csv`,
		Args: exactly("RUN"),
	}
	f.bindState(c)
	// --state names the ledger, in all commands alike; hence --is for the states of deliveries.
	c.Flags().StringSliceVar(&o.states, "is", nil, "in these `STATES`: "+strings.Join(stateNames(), ", "))
	_ = c.RegisterFlagCompletionFunc("is", cobra.FixedCompletions(stateNames(), cobra.ShellCompDirectiveNoFileComp))
	c.Flags().BoolVar(&o.failed, "failed", false, "what was refused, or accepted and then not delivered, and rows that cannot be sent")
	c.Flags().BoolVar(&o.inDoubt, "in-doubt", false, "what is in doubt")
	c.Flags().BoolVar(&o.notReached, "not-reached", false, "whom no message reached: refused, invalid, not delivered, not sent, in doubt")
	c.Flags().BoolVar(&o.withRow, "with-row", false, "with the columns of the row, read again from its source (csv, json)")
	c.Flags().IntVar(&o.filter.Code, "code", 0, "with this error `CODE` of WhatsApp's")
	c.Flags().StringVar(&o.filter.Recipient, "to", "", "to this `RECIPIENT`: a number in any spelling, or a user id")
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
	states, unsent, err := o.wanted()
	if err != nil {
		return err
	}
	if o.withRow && f.format == "text" {
		return usageError("--with-row adds columns of the source, and a table has no room for them", "add -o csv or -o json")
	}
	o.filter.Recipient = meantPerson(o.filter.Recipient)
	run, err := a.findRun(ctx, id, f)
	if err != nil {
		return err
	}
	l, err := a.readLedger(f.state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	list, err := newMessageList(ctx, l, run)
	if err != nil {
		return err
	}
	list.states, list.unsent = states, unsent
	list.filter.Code, list.filter.Recipient = o.filter.Code, o.filter.Recipient
	if number, err := (phone.Reading{Literal: true}).Read(o.filter.Recipient); err == nil {
		list.filter.Recipient = number.Text
	} // else it is no whole number: sayNearly names those that end so
	if err := list.readPerson(ctx, l); err != nil {
		return err
	}
	list.filter.Step, list.filter.Search = o.filter.Step, o.filter.Search
	if !o.withRow {
		defer a.sayCounted(run.Counts, unsent)
	}
	if f.format == "text" {
		return a.deliveryTable(ctx, list, o.filter.Limit)
	}
	return errors.Join(a.deliveryFile(ctx, l, f, o, list), a.sayNearly(ctx, l, list.filter))
}

// deliveryFile prints the list for programs, with the columns of the rows where they are asked for.
func (a *app) deliveryFile(ctx context.Context, l engine.Ledger, f *jobFlags, o deliveryOptions, list *messageList) error {
	messages := list.all(ctx, o.filter.Limit)
	var columns []string
	if o.withRow {
		lines, err := collect(messages)
		if err != nil {
			return err
		}
		rows := &rowReader{app: a, ledger: l, run: list.run, flags: f}
		if o.notReached {
			rows.rest = newNeverBegun(l, list.run)
		}
		lines, columns = rows.addTo(ctx, lines)
		columns = append([]string{}, columns...)
		messages = listed(lines)
	}
	if f.format == "json" {
		return report.WriteDeliveriesJSON(a.out, messages)
	}
	return report.WriteDeliveriesCSV(a.out, messages, columns)
}

// deliveryTable prints the list for people, and whether there is more.
func (a *app) deliveryTable(ctx context.Context, list *messageList, limit int) error {
	if limit == 0 {
		limit = mostInTable
	}
	more := false
	shown, err := report.WriteDeliveries(a.out, func(yield func(report.Delivery, error) bool) {
		n := 0
		for d, err := range list.all(ctx, limit+1) {
			if n++; n > limit {
				more = true
				return
			}
			if !yield(d, err) {
				return
			}
		}
	}, len(list.later) > 0, a.paintOut())
	switch {
	case err != nil:
		return err
	case shown == 0:
		fmt.Fprintln(a.err, "no delivery is like that")
		return a.sayNearly(ctx, list.ledger, list.filter)
	case more:
		fmt.Fprintln(a.err, "… and more: --limit N, or -o csv for all")
	}
	return nil
}

// sayCounted says of messages that were never begun, where they were asked for, that they are in no list.
func (a *app) sayCounted(c engine.Counts, asked []delivery.Outcome) {
	if c.NotSent > 0 && slices.Contains(asked, delivery.OutcomeNotSent) {
		fmt.Fprintf(a.err, "%s not sent; those that were never begun are counted, and in no list\n", wereMessages(c.NotSent))
	}
	if c.Skipped > 0 && slices.Contains(asked, delivery.OutcomeSkipped) {
		fmt.Fprintf(a.err, "%s skipped; what a rule leaves out is counted, and in no list\n", wereMessages(c.Skipped))
	}
}

func wereMessages(n int) string {
	return wording.Plural(n, "message") + wording.Agree(n, " was", " were")
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
	scope := engine.DeliveryFilter{SeenBy: filter.SeenBy, Recipient: filter.Recipient}
	scope.Limit = 1
	for _, err := range l.Deliveries(ctx, scope) {
		return err // it is there, in another state or step
	}
	var near []string
	scope.Recipient, scope.Search, scope.Limit = "", digits, 0
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
		numbers := strings.Join(near, ", ")
		if a.logged() {
			numbers = wording.MaskNumbers(numbers)
		}
		fmt.Fprintf(a.err, "--to takes the whole number with its country code; %s ends so\n", numbers)
	}
	return nil
}

const (
	leastSuffix = 4 // digits that say which number may be meant
	mostNear    = 3 // numbers that are named
)

// wanted says which deliveries and which rows that became no request the flags mean. Both nil: all.
func (o deliveryOptions) wanted() (states []delivery.State, unsent []delivery.Outcome, err error) {
	if o.failed || o.notReached {
		states = append(states, delivery.Rejected, delivery.Failed)
		unsent = append(unsent, delivery.OutcomeInvalid)
	}
	if o.notReached {
		states = append(states, delivery.Planned, delivery.Intended)
		unsent = append(unsent, delivery.OutcomeNotSent)
	}
	if o.inDoubt || o.notReached {
		states = append(states, delivery.InDoubt)
	}
	for _, word := range o.states {
		state := slices.IndexFunc(delivery.States(), func(s delivery.State) bool { return meansState(word, s.Name()) })
		row := slices.IndexFunc(rowOutcomes(), func(o delivery.Outcome) bool { return meansState(word, o.Name()) })
		switch {
		case state >= 0:
			states = append(states, delivery.States()[state])
		case row >= 0:
			unsent = append(unsent, rowOutcomes()[row])
		default:
			return nil, nil, oneOf("--is", word, stateNames())
		}
	}
	return states, unsent, nil
}

// rowOutcomes are what can become of rows that became no request.
func rowOutcomes() []delivery.Outcome {
	return []delivery.Outcome{delivery.OutcomeInvalid, delivery.OutcomeWaiting, delivery.OutcomeSkipped, delivery.OutcomeNotSent}
}

// stateNames are the words that --is takes.
func stateNames() []string {
	var names []string
	for _, s := range delivery.States() {
		names = append(names, s.Name())
	}
	for _, o := range rowOutcomes() {
		names = append(names, o.Name())
	}
	return names
}

// meansState says whether a person's word is the name of a state, or how that is read: "in doubt".
func meansState(word, name string) bool {
	return strings.EqualFold(word, name) || strings.EqualFold(word, delivery.Words(name))
}
