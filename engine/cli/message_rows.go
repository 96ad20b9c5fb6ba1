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
	"waybill/engine/runner"
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

// rowReader reads the rows of a run's messages again, from the sources that its job names.
type rowReader struct {
	app    *app
	ledger engine.Ledger
	run    engine.Run
	flags  *jobFlags
	rest   *neverBegun // finds the messages that were never begun, too; nil: they are not asked for

	wanted map[rowOf]map[string]string // the rows that are looked for, with their columns as text; nil: not met yet
}

// addTo gives messages the columns of their rows, adds the messages that were never begun, and returns the names of the columns. Where the
// rows cannot be read it says why, and all are gone.
func (r *rowReader) addTo(ctx context.Context, lines []report.Delivery) (all []report.Delivery, columns []string) {
	a, rest := r.app, r.rest
	r.wanted = map[rowOf]map[string]string{}
	for _, d := range lines {
		r.wanted[rowOfMessage(d.Step, d.Item, d.Row)] = nil
	}
	columns, err := r.read(ctx)
	if err != nil {
		fmt.Fprintf(a.err, "the rows cannot be read again: %v\n", err)
	}
	gone := 0
	for i := range lines {
		d := &lines[i]
		d.Columns = r.wanted[rowOfMessage(d.Step, d.Item, d.Row)]
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

// request is for the run's job. Its numbers say who opted out of them; where its connection is not known here, rows can be read all the same.
func (r *rowReader) request() (*session, runner.Request, error) {
	flags := *r.flags
	s, req, err := r.app.resumeRequest(r.run, &flags)
	if err == nil || flags.sandbox {
		return s, req, err
	}
	flags = *r.flags
	flags.sandbox = true
	return r.app.resumeRequest(r.run, &flags)
}

// read fills in the wanted rows, and returns the names of their columns: in the order of the file's header where there is one.
func (r *rowReader) read(ctx context.Context) ([]string, error) {
	s, req, err := r.request()
	if err != nil {
		return nil, err
	}
	s.ledger.Ledger = r.ledger
	req.Resume, req.Mode, req.Limit = nil, engine.ModeApply, 0
	var header []string
	others := map[string]bool{}
	err = s.engine(nil).Rows(ctx, req, func(m runner.MessageRow) {
		name := rowOfMessage(m.Step.Path, m.Item, m.Row)
		missed := r.rest.misses(m)
		known, ok := r.wanted[name]
		if known != nil || !ok && !missed {
			return
		}
		cells := cellsOf(m.Value)
		if ok {
			r.wanted[name] = cells
		} else {
			r.rest.meet(ctx, m, cells)
		}
		for column := range cells {
			others[column] = true
		}
	})
	if r.rest != nil {
		err = errors.Join(err, r.rest.lookUp(ctx))
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
