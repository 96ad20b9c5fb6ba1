package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	"waybill/engine/audience"
	"waybill/engine/report"
)

func (a *app) optOutsList() *cobra.Command {
	f := &optOutFlags{}
	c := &cobra.Command{
		Use:   "list [NUMBER…]",
		Short: "List who left, what, since when, and who said so",
		Long: `Lists everybody who must not be written to, or the people who are named: what they left, the business number where it is one alone,
since when, and who or what said so. A person stands in a line for each word that holds. --all shows those who came back, too.`,
		Example: `  waybill optouts list
  waybill optouts list +34612345678 --all
  waybill optouts list -o json`,
	}
	f.bindState(c)
	f.bindCountry(c)
	c.Flags().BoolVar(&f.all, "all", false, "also who came back")
	bindFormat(c, &f.format, "text", "json", "csv")
	c.RunE = func(c *cobra.Command, args []string) error { return a.listOptOuts(c.Context(), f, args) }
	return c
}

func (a *app) optOutsExport() *cobra.Command {
	f := &optOutFlags{}
	c := &cobra.Command{
		Use:   "export",
		Short: "Print the list as CSV, which import reads again",
		Long: `Prints everybody who must not be written to as CSV: of each what they left, the business number where it is one alone, and since when.
waybill optouts import reads it again, in another ledger too; there it counts as written down, by its own times.`,
		Example: `  waybill optouts export > opt-outs.csv`,
		Args:    exactly(),
	}
	f.bindState(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		f.format = "csv"
		return a.listOptOuts(c.Context(), f, nil)
	}
	return c
}

func (a *app) listOptOuts(ctx context.Context, f *optOutFlags, args []string) (err error) {
	people, err := a.typed(f, args)
	if err != nil {
		return err
	}
	path, err := findState(&f.jobFlags)
	if err != nil {
		return err
	}
	l, err := a.readLedger(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	lines := optOutLines(audience.Reading(ctx, l), people, f.all || len(people) > 0 && f.format == "text")
	switch f.format {
	case "json":
		return report.WriteOptOutsJSON(a.out, lines)
	case "csv":
		return report.WriteOptOutsCSV(a.out, lines)
	}
	shown, err := report.WriteOptOuts(a.out, lines, a.paintOut())
	if err == nil && shown == 0 {
		fmt.Fprintln(a.err, "nobody is on the list")
	}
	return err
}

// optOutLines are the lines of the list: of everybody, or of some people.
func optOutLines(l audience.Ledger, people []string, all bool) iter.Seq2[report.OptOutLine, error] {
	entries := audience.Entries(l)
	if len(people) > 0 {
		entries = func(yield func(audience.Entry, error) bool) {
			for _, person := range people {
				if e, err := audience.EntryOf(l, person); !yield(e, err) || err != nil {
					return
				}
			}
		}
	}
	return func(yield func(report.OptOutLine, error) bool) {
		for e, err := range entries {
			if err != nil {
				yield(report.OptOutLine{}, err)
				return
			}
			for _, s := range e.Holding {
				if !yield(report.NewOptOutLine(e.IDs, s.OptOut, s.Except), nil) {
					return
				}
			}
			if all && len(e.Holding) == 0 && len(e.Words) > 0 && !yield(report.NewOptOutLine(e.IDs, e.Newest(), nil), nil) {
				return
			}
		}
	}
}
