package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/phone"
	"waybill/engine/report"
	"waybill/engine/wording"
)

// optOutFlags are those of the commands about people who must not be written to.
type optOutFlags struct {
	jobFlags

	scope    string
	numberID string
	country  string

	all, skipInvalid bool
	column           string
}

func (a *app) optOutsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "optouts list | add | remove | import | export",
		Short: "See and change who must not be written to",
		Long: `The ledger knows who does not want to be written to: who pressed Stop in WhatsApp, whose marketing messages WhatsApp refuses, who
wrote a stop word to waybill serve, and whom you write down. All jobs of the ledger leave these people out.

  waybill optouts list [NUMBER…]     who left, what, since when, and who said so
  waybill optouts add NUMBER…        write somebody down
  waybill optouts remove NUMBER…     take somebody off: everything that was said about them is lifted
  waybill optouts import FILE        write down a list, such as that of a CRM
  waybill optouts export             the list as CSV, which import reads again

NUMBER is a number in any spelling, with its country code or with --country, or a business-scoped user id. "waybill help optouts add"
tells more.`,
		Args: oneCommandOf("waybill optouts list shows who left"),
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	c.AddCommand(a.optOutsList(), a.optOutsAdd(), a.optOutsRemove(), a.optOutsImport(), a.optOutsExport())
	return c
}

func (f *optOutFlags) bindCountry(c *cobra.Command) {
	c.Flags().StringVar(&f.country, "country", "", "`COUNTRY` of numbers without +: two letters, such as ES, or international")
}

func (f *optOutFlags) bindWhat(c *cobra.Command) {
	c.Flags().StringVar(&f.scope, "scope", string(engine.ScopeAll),
		"`WHAT` they are spared: all (everything but authentication templates) or marketing (marketing templates)")
	c.Flags().StringVar(&f.numberID, "phone-number-id", "", "by the business number with this `ID` alone")
}

// checkWhat reads --scope and --phone-number-id.
func (f *optOutFlags) checkWhat() error {
	if err := oneOf("--scope", f.scope, []string{string(engine.ScopeAll), string(engine.ScopeMarketing)}); err != nil {
		return err
	}
	if f.numberID = strings.TrimSpace(f.numberID); strings.Trim(f.numberID, "0123456789") != "" {
		return usageError(fmt.Sprintf("--phone-number-id %q is no id", f.numberID), "an id is digits alone, as in connection.phoneNumberId; without it all numbers are meant")
	}
	return nil
}

// reading says how numbers are read. literal: somebody typed them for this command.
func (f *optOutFlags) reading(literal bool) (phone.Reading, error) {
	country, err := phone.ParseCountry(f.country)
	if err != nil {
		return phone.Reading{}, usageError("--country: "+err.Error(), "")
	}
	return phone.Reading{Country: country, Literal: literal}, nil
}

// typed reads the numbers of a command line: all of them, or everything that is wrong with them.
func (a *app) typed(f *optOutFlags, texts []string) ([]string, error) {
	r, err := f.reading(true)
	if err != nil {
		return nil, err
	}
	var people, wrong []string
	for _, text := range texts {
		n, err := r.Read(text)
		if err != nil {
			wrong = append(wrong, audience.NumberFault(err))
			continue
		}
		if n.Warning != "" {
			fmt.Fprintf(a.err, "%s %s: %s\n", a.paint().Yellow("warning:"), a.person(n.Text), n.Warning)
		}
		people = append(people, n.Text)
	}
	if len(wrong) > 0 {
		return nil, usageError(strings.Join(wrong, "; "), "nothing was changed; a number begins with + and its country code, or --country says of which country it is")
	}
	return people, nil
}

// person is an id for people: masked where many can see it.
func (a *app) person(id string) string {
	if a.logged() {
		return wording.MaskValue(id)
	}
	return id
}

// changedLedger opens the ledger whose list is changed. Where there is none yet it is begun, beside the jobs of this folder or where
// --state says: a list of people is there before the first message.
func (a *app) changedLedger(f *optOutFlags) (engine.Ledger, error) {
	path, err := findState(&f.jobFlags)
	if err != nil {
		if path, err = newState(f, err); err != nil {
			return nil, err
		}
		if !a.quiet {
			fmt.Fprintf(a.err, "a new ledger %s\n", path)
		}
	}
	return a.openLedger(path, f.sandbox, a.ledgerLog(a.err))
}

// newState is where a ledger is begun; otherwise why is returned.
func newState(f *optOutFlags, why error) (string, error) {
	if f.state != "" {
		path, err := checkState(f.state)
		if err != nil || under(path) {
			return path, err
		}
		return "", why
	}
	below, err := filepath.Glob(filepath.Join("*", stateDir, defaultLedger(f.sandbox)))
	if err != nil || len(below) > 0 {
		return "", why
	}
	for _, ending := range []string{"*.yaml", "*.yml"} {
		if jobs, err := filepath.Glob(ending); err == nil && len(jobs) > 0 {
			return filepath.Join(stateDir, defaultLedger(f.sandbox)), nil
		}
	}
	return "", why
}

// under says whether the folder of a file is there.
func under(path string) bool {
	found, err := filepath.Glob(filepath.Dir(path))
	return err == nil && len(found) > 0
}

func (a *app) optOutsAdd() *cobra.Command {
	f := &optOutFlags{}
	c := &cobra.Command{
		Use:   "add NUMBER…",
		Short: "Write down who must not be written to",
		Long: `Writes people down: no job of this ledger sends them anything but authentication templates, from no number of yours. Who wrote it
down, and where, is kept. A START that they write does not lift it; waybill optouts remove does.`,
		Example: `  waybill optouts add +34612345678
  waybill optouts add "612 345 678" --country ES --scope marketing`,
		Args: someNumbers,
	}
	f.bindState(c)
	f.bindCountry(c)
	f.bindWhat(c)
	c.RunE = func(c *cobra.Command, args []string) error { return a.addOptOuts(c.Context(), f, args) }
	return c
}

func someNumbers(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usageError("missing NUMBER", c.UseLine())
	}
	return nil
}

func (a *app) addOptOuts(ctx context.Context, f *optOutFlags, args []string) (err error) {
	if err := f.checkWhat(); err != nil {
		return err
	}
	people, err := a.typed(f, args)
	if err != nil {
		return err
	}
	l, err := a.changedLedger(f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	var words []engine.OptOut
	for _, person := range people {
		e, err := audience.EntryOf(audience.Reading(ctx, l), person)
		if err != nil {
			return err
		}
		words = append(words, engine.OptOut{
			Person: person, NumberID: f.numberID, Scope: engine.OptOutScope(f.scope), Source: engine.SourceHand,
			By: a.actor("."), At: e.After(a.env.Now()),
		})
	}
	if err := l.OptOut(ctx, words); err != nil {
		return err
	}
	for _, w := range words {
		fmt.Fprintf(a.out, "%s gets %s\n", a.person(w.Person), report.Spared(w))
	}
	return nil
}

func (a *app) optOutsRemove() *cobra.Command {
	f := &optOutFlags{}
	c := &cobra.Command{
		Use:   "remove NUMBER…",
		Short: "Take people off the list",
		Long: `Lifts everything that was said about a person until now, under each of their ids and for every number of yours. It asks before it
lifts what the person said: write to nobody who does not want it. Who took them off is kept with what was lifted: waybill optouts
list --all shows both. What the person stopped in WhatsApp itself WhatsApp goes on to refuse, until the person resumes it.`,
		Example: `  waybill optouts remove +34612345678`,
		Args:    someNumbers,
	}
	f.bindState(c)
	f.bindCountry(c)
	c.Flags().BoolVar(&f.yes, "yes", false, "lift what the people themselves said without asking")
	c.RunE = func(c *cobra.Command, args []string) error { return a.removeOptOuts(c.Context(), f, args) }
	return c
}

func (a *app) removeOptOuts(ctx context.Context, f *optOutFlags, args []string) (err error) {
	people, err := a.typed(f, args)
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
	entries, err := a.onTheList(ctx, l, people)
	if err != nil {
		return err
	}
	if err := a.askToLift(ctx, f, entries); err != nil {
		return err
	}
	var words []engine.OptOut
	for _, e := range entries {
		words = append(words, e.Lift(a.actor("."), a.env.Now())...)
	}
	if err := l.OptOut(ctx, words); err != nil {
		return err
	}
	for _, e := range entries {
		fmt.Fprintf(a.out, "%s may be written to again\n", a.person(e.IDs[0]))
	}
	return nil
}

// onTheList finds people who left something. One of whom nothing holds is a typing error.
func (a *app) onTheList(ctx context.Context, l engine.Persons, people []string) ([]audience.Entry, error) {
	var entries []audience.Entry
	var unknown []string
	for _, person := range people {
		e, err := audience.EntryOf(audience.Reading(ctx, l), person)
		if err != nil {
			return nil, err
		}
		if len(e.Holding) == 0 {
			unknown = append(unknown, a.person(person)+" is not on the list")
		}
		entries = append(entries, e)
	}
	if len(unknown) > 0 {
		return nil, usageError(strings.Join(unknown, "; "), "nothing was changed; waybill optouts list shows who is")
	}
	return entries, nil
}

// askToLift asks before what people themselves said is lifted.
func (a *app) askToLift(ctx context.Context, f *optOutFlags, entries []audience.Entry) error {
	var said []string
	for _, e := range entries {
		for _, s := range e.Holding {
			if s.Source != engine.SourceHand && s.Source != engine.SourceImport {
				said = append(said, a.person(e.IDs[0])+" "+report.OptOutReason(s.OptOut))
			}
		}
	}
	if len(said) == 0 || f.yes {
		return nil
	}
	return a.ask(ctx, question{
		text: strings.Join(said, "; ") + ". Do they want to be written to again?", undone: "changed", allowed: "say --yes if they do",
	})
}
