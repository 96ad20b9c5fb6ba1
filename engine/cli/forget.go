package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/phone"
	"waybill/engine/report"
	"waybill/engine/wording"
)

// forgetFlags are those of forget.
type forgetFlags struct {
	optOutFlags

	item, job string
	newOwner  bool
	format    string
}

func (a *app) forgetCommand() *cobra.Command {
	f := &forgetFlags{}
	c := &cobra.Command{
		Use:   "forget NUMBER… | --item KEY",
		Short: "Forget a person",
		Long: `Takes a person out of the ledger, who asked for it. Their numbers and user ids, the keys of their rows and the ids of their messages
become digests that only this ledger can make: it still knows that a message was sent, so that nobody gets it again, and whoever said
stop stays out. What they wrote, what webhooks said of them and the texts of their rows go. What WhatsApp tells later of their messages
is kept without number and text. No byte of it is left in a ledger that is a file; in PostgreSQL no row.

NUMBER is a number in any spelling, with its country code or with --country, or a business-scoped user id; every id that is known to be
the same person's goes with it, and what was sent to the numbers and came from them that the person had before, until they gave them up.
Of a number that was given up for another it is the person who had it who is forgotten, by all their numbers; with --new-owner whoever has
it since. It says which ids it covered, and for what time. With --item everybody goes to whom the row with that key went, and the key.

Nothing may be sent from the ledger meanwhile: --wait-lock waits for who does. To forget is no opt-out: rows that still name the person
are sent to them. Take them out of your files, or write the person down with waybill optouts add first.

It cannot be undone. When it was interrupted, run it again.`,
		Example: `  waybill forget +34612345678
  waybill forget --item 4711 --job appointment-reminders --yes`,
		RunE: func(c *cobra.Command, args []string) error { return a.forget(c.Context(), f, args) },
	}
	f.bindState(c)
	f.bindCountry(c)
	flags := c.Flags()
	flags.StringVar(&f.item, "item", "", "whom the row with this `KEY` went to")
	flags.StringVar(&f.job, "job", "", "of the job with this `NAME` alone; with --item")
	flags.BoolVar(&f.newOwner, "new-owner", false, "whoever has the number since it was given up, not who gave it up")
	flags.BoolVar(&f.yes, "yes", false, "do not ask")
	flags.DurationVar(&f.waitLock, "wait-lock", 0, "wait `DURATION` while another process sends from this ledger")
	bindFormat(c, &f.format, "text", "json")
	return c
}

func (a *app) forget(ctx context.Context, f *forgetFlags, args []string) (err error) {
	switch {
	case len(args) == 0 && f.item == "":
		return usageError("nobody is named", "waybill forget +34612345678, or --item KEY")
	case f.job != "" && f.item == "":
		return usageError("--job is of --item", "a number is forgotten in all jobs of the ledger")
	}
	people, err := a.typed(&f.optOutFlags, args)
	if err != nil {
		return err
	}
	path, err := findState(&f.jobFlags)
	if err != nil {
		return err
	}
	l, err := a.openExisting(path, f.sandbox)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := a.askToForget(ctx, l, f, people); err != nil {
		return err
	}
	done, err := forgetWaiting(ctx, l, engine.Forget{IDs: spellings(people), Job: f.job, Item: f.item, NewOwner: f.newOwner}, f.waitLock)
	if err != nil {
		return err
	}
	if f.format == "json" {
		return report.WriteJSON(a.out, report.NewErased(done))
	}
	return report.WriteErased(a.out, done, isShared(path), a.person)
}

// spellings adds the other spelling of numbers that have two.
func spellings(people []string) []string {
	ids := slices.Clone(people)
	for _, p := range people {
		if other := phone.OtherSpelling(p); other != "" {
			ids = append(ids, other)
		}
	}
	return ids
}

// askToForget asks before what cannot be undone.
func (a *app) askToForget(ctx context.Context, l engine.Ledger, f *forgetFlags, people []string) error {
	if f.yes {
		return nil
	}
	who, n := []string{}, 0
	for _, p := range people {
		who = append(who, a.person(p))
		tally, err := l.Tally(ctx, engine.DeliveryFilter{Recipient: p})
		if err != nil {
			return err
		}
		for _, of := range tally {
			n += of
		}
	}
	if f.item != "" {
		found, err := a.whomItemNames(ctx, l, f)
		if err != nil {
			return err
		}
		n += len(found)
		for _, to := range found {
			if to = a.person(to); !slices.Contains(who, to) {
				who = append(who, to)
			}
		}
		if len(found) == 0 {
			who = append(who, fmt.Sprintf("key %q", f.item))
		}
	}
	return a.askToChange(ctx, fmt.Sprintf("What the ledger knows of %s goes for good: of %s only the outcome stays.", strings.Join(who, ", "),
		wording.Plural(n, "delivery")))
}

// whomItemNames returns the recipient of each delivery of a key.
func (a *app) whomItemNames(ctx context.Context, l engine.Ledger, f *forgetFlags) (to []string, err error) {
	for d, err := range l.Deliveries(ctx, engine.DeliveryFilter{Job: f.job, Search: f.item}) {
		if err != nil {
			return nil, err
		}
		if d.Key.Item == f.item || l.KnownKey(delivery.Key{Job: d.Key.Job, Item: f.item}).Item == d.Key.Item {
			to = append(to, d.Recipient)
		}
	}
	return to, nil
}

// forgetWaiting forgets people, and waits for who sends as long as the user allows.
func forgetWaiting(ctx context.Context, l engine.Ledger, f engine.Forget, wait time.Duration) (engine.Erased, error) {
	deadline, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		done, err := forgetOnce(ctx, l, f)
		if _, locked := errors.AsType[*engine.LockedError](err); !locked || wait == 0 {
			return done, err
		}
		if l.Change(deadline) != nil && deadline.Err() != nil {
			return done, err
		}
	}
}

// forgetOnce makes this process the sender meanwhile, so that nothing is sent.
func forgetOnce(ctx context.Context, l engine.Ledger, f engine.Forget) (done engine.Erased, err error) {
	release, err := l.Lock(ctx, "waybill forget")
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, release()) }()
	return l.Forget(ctx, f)
}
