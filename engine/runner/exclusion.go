package runner

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/diag"
	"waybill/engine/phone"
	"waybill/engine/rows"
	"waybill/engine/wording"
)

// loadExcluded reads the lists of people who get nothing.
func (x *execution) loadExcluded(ctx context.Context) error {
	lists := x.req.Job.Recipients.Exclude
	if len(lists) == 0 {
		return nil
	}
	var found diag.List
	for i := range lists {
		list, err := x.readExclusion(ctx, i, &lists[i])
		if err != nil {
			return err
		}
		found = append(found, list...)
	}
	if found.HasErrors() {
		return nothingSent(found).Err()
	}
	for _, d := range found {
		x.warn(d)
	}
	if x.engine.Ledger == nil {
		x.people.excluded.Sort()
		return nil
	}
	if err := x.people.excluded.Expand(func() iter.Seq2[engine.Pair, error] { return x.engine.Ledger.Pairs(ctx, engine.PairFilter{}) }); err != nil {
		return err
	}
	moved, err := x.followExcluded(ctx)
	if moved && err == nil {
		err = x.joinExcluded(ctx)
	}
	return err
}

// followExcluded has who is on a list by a number of before be on it by those that they have now, and says whether anybody is that was not.
func (x *execution) followExcluded(ctx context.Context) (news bool, err error) {
	for m, err := range x.engine.Ledger.Moves(ctx) {
		if err != nil {
			return news, err
		}
		news = x.people.excluded.Follow(m) || news
	}
	return news, nil
}

// joinExcluded has who is on a list be on it by every id, as the ledger knows them by now.
func (x *execution) joinExcluded(ctx context.Context) error {
	for news := true; news; {
		var err error
		if news, err = x.followExcluded(ctx); err != nil {
			return err
		}
		for pair, err := range x.engine.Ledger.Pairs(ctx, engine.PairFilter{}) {
			if err != nil {
				return err
			}
			news = x.people.excluded.Join(pair.Number, pair.Other) || news
		}
	}
	return nil
}

// mostFindings bounds how many entries of one list are told of one by one.
const mostFindings = 20

// readExclusion reads one list. What is wrong with its entries is found all at once.
func (x *execution) readExclusion(ctx context.Context, n int, e *engine.Exclusion) (found diag.List, err error) {
	list := listOf(e)
	list.Reading = phone.Reading{Country: x.countryOfAll()}
	entries, bad := 0, 0
	for row, err := range x.rowsOf(ctx, fmt.Sprintf("recipients.exclude[%d]", n), e.Source, x.names, engine.Skips{}, true) {
		var person audience.Listed
		text := row.Text
		if err == nil {
			person, err = list.Read(row)
		} else if wrong, one := errors.AsType[*rows.RowError](err); !one {
			return nil, x.unreadableList(e, err)
		} else if _, message := engine.CutPlace(wrong.Err.Error(), row.Number); message != "" {
			err, text = errors.New(message), wrong.Text
		}
		entries++
		if err == nil {
			x.people.excluded.Add(person.ID)
			x.people.excluded.Add(x.known(person.ID))
			continue
		}
		if bad++; !e.SkipInvalid && bad <= mostFindings {
			found = append(found, list.Finding(diag.Error, audience.Line{Number: row.Number, Text: text}, person, err.Error()))
		}
	}
	if len(found) > 0 {
		found[0].Hint = "mend the entry, or pass over such entries with skipInvalid: true"
	}
	about := func(s diag.Severity, summary string) {
		found = append(found, diag.Diagnostic{Severity: s, Code: list.Code, Range: e.Range, Summary: summary})
	}
	switch {
	case bad > mostFindings && !e.SkipInvalid:
		about(diag.Error, fmt.Sprintf("%d more %s of %s %s nobody", bad-mostFindings, wording.Agree(bad-mostFindings, "entry", "entries"), list.Name,
			wording.Agree(bad-mostFindings, "names", "name")))
	case bad > 0 && e.SkipInvalid:
		about(diag.Warning, fmt.Sprintf("%d of %d entries of %s %s passed over", bad, entries, list.Name,
			wording.Agree(bad, "names nobody and was", "name nobody and were")))
	case entries == 0:
		about(diag.Warning, list.Name+" has no entries: nobody is excluded by it")
	}
	return found, nil
}

// listOf is an exclusion as a list of people.
func listOf(e *engine.Exclusion) audience.List {
	origin := e.Source.Source.Origin(e.Source)
	list := audience.List{Name: origin.Name, File: origin.File && origin.Name != "", At: e.Range, Column: e.Column, Code: "bad-exclusion"}
	if list.Name == "" {
		list.Name = "the list"
		if origin.Dated {
			list.Name = "the file"
		}
	}
	return list
}

// unreadableList is the error of a list that cannot be read.
func (x *execution) unreadableList(e *engine.Exclusion, err error) error {
	const unknown = "Who must not be written to is not known, so nothing was sent."
	if told, ok := errors.AsType[*diag.ListError](err); ok {
		list := slices.Clone(told.List)
		for i := range list {
			if list[i].Severity == diag.Error {
				list[i].Detail = strings.TrimSpace(list[i].Detail + " " + unknown)
			}
		}
		return list.Err()
	}
	return diag.List{{Severity: diag.Error, Code: "unreadable-file", Range: e.Range, Summary: x.redact(err.Error()), Detail: unknown}}.Err()
}
