package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/diag"
	"waybill/engine/report"
	"waybill/engine/rows"
)

func (a *app) optOutsImport() *cobra.Command {
	f := &optOutFlags{}
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Write down a list of people, such as that of a CRM",
		Long: `Reads a CSV file and writes down everybody in it, as waybill optouts add does. The column is the only one, or the one named person or
phone, or --column. Numbers begin with + and their country code, or --country says of which country they are.

An entry that is no number and no user id is a finding with its row, and nothing is kept then: all findings come at once.
--skip-invalid passes over such entries and counts them. The same list again adds nobody twice. What waybill optouts export wrote is
read with what each of them left, and since when.`,
		Example: `  waybill optouts import do-not-send.csv
  waybill optouts import robinson.csv --column mobile --country ES --scope marketing`,
		Args: exactly("FILE"),
	}
	f.bindState(c)
	f.bindCountry(c)
	f.bindWhat(c)
	c.Flags().StringVar(&f.column, "column", "", "the column with this `NAME`")
	c.Flags().BoolVar(&f.skipInvalid, "skip-invalid", false, "pass over entries that are no number and no user id, and count them")
	bindFormat(c, &f.format, "text", "json")
	c.RunE = func(c *cobra.Command, args []string) error { return a.importOptOuts(c.Context(), f, args[0]) }
	return c
}

// importOptOuts reads the whole list, and keeps it when all of it can be read.
func (a *app) importOptOuts(ctx context.Context, f *optOutFlags, file string) (err error) {
	if err := f.checkWhat(); err != nil {
		return err
	}
	list, err := a.readPeople(f, file)
	if err != nil {
		return err
	}
	invalid := 0
	if f.skipInvalid {
		invalid = len(list.invalid)
	} else {
		list.findings = append(list.findings, list.invalid...)
	}
	if err := list.findings.Err(); err != nil {
		return err
	}
	a.findings(list.findings)
	l, err := a.changedLedger(f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	fresh, err := notOnTheList(audience.Reading(ctx, l), list.words)
	if err != nil {
		return err
	}
	known := len(list.words) - len(fresh)
	for i := range fresh {
		fresh[i].By = list.by
	}
	if err := keepInParts(ctx, l, fresh); err != nil {
		return err
	}
	if f.format == "json" {
		return report.WriteJSON(a.out, report.Imported{Added: len(fresh), Known: known, Invalid: invalid})
	}
	return report.Imported{Added: len(fresh), Known: known, Invalid: invalid}.WriteText(a.out)
}

// keepInParts keeps words some thousands at a time, so that others write in between.
func keepInParts(ctx context.Context, l engine.Persons, words []engine.OptOut) error {
	const atOnce = 5000
	for part := range slices.Chunk(words, atOnce) {
		if err := l.OptOut(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// what is what somebody left, and of which business number.
type what struct {
	scope    engine.OptOutScope
	numberID string
}

// notOnTheList returns the words that say something new: of people of whom no such word of a person's hand or of an import holds. A stop
// word is none of these, for a start word lifts it.
func notOnTheList(l audience.Ledger, words []engine.OptOut) ([]engine.OptOut, error) {
	on := map[what]*audience.Set{}
	for e, err := range audience.Entries(l) {
		if err != nil {
			return nil, err
		}
		for _, s := range e.Holding {
			if len(s.Except) > 0 || s.Source == engine.SourceWord {
				continue
			}
			key := what{s.Scope, s.NumberID}
			if on[key] == nil {
				on[key] = &audience.Set{}
			}
			for _, id := range e.IDs {
				on[key].Add(id)
			}
		}
	}
	for _, s := range on {
		s.Sort()
	}
	var fresh []engine.OptOut
	for _, w := range words {
		if s := on[what{w.Scope, w.NumberID}]; s == nil || !s.Has(w.Person) || w.Back {
			fresh = append(fresh, w)
		}
	}
	return fresh, nil
}

// peopleList is a list of people as it was read.
type peopleList struct {
	words    []engine.OptOut
	by       engine.Actor
	findings diag.List // about the file
	invalid  diag.List // entries that are nobody
}

// peopleReader reads the rows of one list.
type peopleReader struct {
	*peopleList

	flags *optOutFlags
	list  audience.List
	seen  map[engine.OptOut]bool
	own   bool // the file is what export wrote
	now   time.Time
}

// keep takes in one entry of the list.
func (r *peopleReader) keep(row rows.Row) {
	line := audience.Line{Number: row.Number, Text: row.Text}
	person, err := r.list.Read(row)
	if err != nil {
		r.refuse(line, person, err)
		return
	}
	if person.Warning != "" {
		r.findings = append(r.findings, r.list.Finding(diag.Warning, line, person, fmt.Sprintf("%s: %s", person.ID, person.Warning)))
	}
	w := engine.OptOut{
		Person: person.ID, NumberID: r.flags.numberID, Scope: engine.OptOutScope(r.flags.scope), Source: engine.SourceImport,
		Word: filepath.Base(r.list.Name), At: r.now,
	}
	words := []engine.OptOut{w}
	if value, ok := row.Value.(map[string]any); ok && r.own {
		if words, err = ownWords(w, value); err != nil {
			r.refuse(line, audience.Listed{Cell: person.Cell}, err)
			return
		}
	}
	for _, w := range words {
		if !r.seen[w] {
			r.seen[w] = true
			r.words = append(r.words, w)
		}
	}
}

// refuse notes an entry that is nobody.
func (r *peopleReader) refuse(at audience.Line, p audience.Listed, err error) {
	d := r.list.Finding(diag.Error, at, p, err.Error())
	if r.flags.country == "" && len(r.invalid) == 0 {
		d.Hint = "a number begins with + and its country code; --country ES reads those of a country, --skip-invalid passes over what is no number"
	}
	r.invalid = append(r.invalid, d)
}
