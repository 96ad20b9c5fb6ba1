package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"waybill/engine"
	"waybill/engine/eval"
	"waybill/engine/report"
	"waybill/engine/wording"
)

// rowOf names a message's row: by the key of its item, or by its place where it has none.
type rowOf struct {
	step, item string
	row        int
}

func rowOfMessage(step, item string, row int) rowOf {
	if item != "" {
		row = 0 // the key finds it wherever it stands by now
	}
	return rowOf{step, item, row}
}

// withRows gives messages the columns of their rows, which are read again from their sources, and returns the names of these columns.
// Where rest is not nil, it also adds the messages that were never begun. Where the rows cannot be read it says why, and all are gone.
func (a *app) withRows(
	ctx context.Context, l engine.Ledger, run engine.Run, f *jobFlags, lines []report.Delivery, rest *neverBegun,
) (all []report.Delivery, columns []string) {
	wanted := map[rowOf]map[string]string{}
	for _, d := range lines {
		wanted[rowOfMessage(d.Step, d.Item, d.Row)] = nil
	}
	columns, err := a.readRows(ctx, l, run, f, wanted, rest)
	if err != nil {
		fmt.Fprintf(a.err, "the rows cannot be read again: %v\n", err)
	}
	gone := 0
	for i := range lines {
		d := &lines[i]
		d.Columns = wanted[rowOfMessage(d.Step, d.Item, d.Row)]
		if d.RowGone = d.Columns == nil && d.Count == 0; d.RowGone {
			gone++
		}
	}
	if gone > 0 && err == nil {
		fmt.Fprintf(a.err, "%s not in the source any more\n", wording.Plural(gone, "row")+wording.Agree(gone, " is", " are"))
	}
	if rest != nil {
		lines = append(lines, rest.lines...)
	}
	return lines, columns
}

// readRows fills in the wanted rows, and returns the names of their columns: in the order of the file's header where there is one.
func (a *app) readRows(
	ctx context.Context, l engine.Ledger, run engine.Run, f *jobFlags, wanted map[rowOf]map[string]string, rest *neverBegun,
) ([]string, error) {
	flags := *f
	flags.sandbox = true // no connection is needed to read rows
	s, req, err := a.resumeRequest(run, &flags)
	if err != nil {
		return nil, err
	}
	s.ledger.Ledger = l
	req.Resume, req.Mode, req.Limit = nil, engine.ModeApply, 0
	var header []string
	others := map[string]bool{}
	err = s.engine(nil).Rows(ctx, req, func(step *engine.Step, item string, row int, value any) {
		name := rowOfMessage(step.Path, item, row)
		known, ok := wanted[name]
		if known != nil || !ok && (rest == nil || item == "") {
			return
		}
		cells := cellsOf(value)
		if ok {
			wanted[name] = cells
		} else {
			rest.meet(ctx, step, item, row, cells)
		}
		for column := range cells {
			others[column] = true
		}
	})
	if rest != nil {
		err = errors.Join(err, rest.lookUp(ctx))
	}
	if err != nil {
		return nil, err
	}
	for step := range s.jobs[0].AllSteps() {
		if step.ForEach == nil {
			continue
		}
		for _, column := range step.ForEach.Columns {
			if others[column] {
				header = append(header, column)
				delete(others, column)
			}
		}
	}
	return append(header, slices.Sorted(maps.Keys(others))...), nil
}

// cellsOf are the columns of a row as text; of a value that has none, the value.
func cellsOf(value any) map[string]string {
	row, ok := value.(map[string]any)
	if !ok {
		row = map[string]any{"item": value}
	}
	cells := make(map[string]string, len(row))
	for name, v := range row {
		cells[name] = cellText(v)
	}
	return cells
}

// cellText is a value as text: nothing of none, and JSON of a list or an object.
func cellText(v any) string {
	if v == nil {
		return ""
	}
	if text, err := eval.Text(v); err == nil {
		return text
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// collect reads a list to its end.
func collect(list iter.Seq2[report.Delivery, error]) ([]report.Delivery, error) {
	var lines []report.Delivery
	for d, err := range list {
		if err != nil {
			return nil, err
		}
		lines = append(lines, d)
	}
	return lines, nil
}

// listed yields lines that are at hand.
func listed(lines []report.Delivery) iter.Seq2[report.Delivery, error] {
	return func(yield func(report.Delivery, error) bool) {
		for _, d := range lines {
			if !yield(d, nil) {
				return
			}
		}
	}
}
