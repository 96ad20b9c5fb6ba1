package runner

import (
	"context"
	"fmt"
	"strings"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/spill"
	"waybill/engine/wording"
)

// sentByRun are new rows that waybill run sent. What run sends it sends in a scope of its own, so that to an apply these rows are as new as
// all others.
type sentByRun struct {
	runs []engine.Run // the newest first
	of   map[*engine.Step]*rowsByRun
	sent spill.Table // by half of the hash that their keys have in this scope
}

type rowsByRun struct {
	total int // new rows
	rows  rowTally[string]
}

// lookForRuns notes what the last runs sent of the steps, where an apply asks that sends once for ever.
func (n *newRows) lookForRuns(ctx context.Context) error {
	if n.x.run.DeliveryScope() != engine.ScopeEver {
		return nil
	}
	for run, err := range n.x.engine.Ledger.Runs(ctx, engine.RunFilter{Job: n.x.run.Job, Limit: runsAskedForKeys}) {
		if err != nil {
			return err
		}
		if run.Mode == engine.ModeRun && run.Asked.TestTo == "" && len(n.byRun.runs) < lastRuns {
			n.byRun.runs = append(n.byRun.runs, run)
		}
	}
	for _, run := range n.byRun.runs {
		if err := n.readRun(ctx, run.ID); err != nil {
			return err
		}
	}
	return n.byRun.sent.Err()
}

// readRun notes what one run sent.
func (n *newRows) readRun(ctx context.Context, run string) error {
	steps := map[string]*engine.Step{}
	for _, step := range n.steps() {
		steps[step.Path] = step
	}
	sent := n.sent("")
	sent.Scope = run
	for d, err := range n.x.engine.Ledger.Deliveries(ctx, sent) {
		if err != nil {
			return err
		}
		step := steps[d.Key.Step]
		if step == nil {
			continue
		}
		if n.byRun.of[step] == nil {
			n.byRun.of[step] = &rowsByRun{}
		}
		n.byRun.sent.Add(half(n.x.deliveryKey(step, d.Key.Item).Hash()), d.Row)
	}
	return nil
}

// meet notes a row.
func (s *sentByRun) meet(c *candidate) {
	rows := s.of[c.step]
	if rows == nil || c.known || c.twin {
		return
	}
	rows.total++
	if _, sent := s.sent.Row(half(c.key.Hash())); sent {
		rows.rows.meet(c.q.row, c.key.Item)
	}
}

// find says of which steps run sent new rows: a warning, and where they are most of what is new, an error.
func (s *sentByRun) find() (found diag.List, err error) {
	for _, step := range stepsInOrder(s.of) {
		rows := s.of[step]
		if rows.rows.rows > 0 {
			found = append(found, s.finding(step, rows))
		}
	}
	return found, s.sent.Err()
}

// finding is that about rows that run sent.
func (s *sentByRun) finding(step *engine.Step, rows *rowsByRun) diag.Diagnostic {
	n := rows.rows.rows
	var items []string
	for _, row := range rows.rows.first {
		items = append(items, row.of)
	}
	d := diag.Diagnostic{
		Severity: diag.Warning, Code: "sent-by-run", Range: step.Range, Private: items,
		Summary: fmt.Sprintf("%s of the %s of %s %s sent by waybill run already (%s: %s)", wording.Number(n), wording.Plural(rows.total, "new row"),
			step.Path, wording.Agree(n, "was", "were"), rows.rows.places(), strings.Join(items, ", ")),
		Detail: "A run is a scope of its own, so to an apply these rows are new, and their people get the message once more.",
		Hint:   s.hint(),
	}
	if rows.total >= fewestNewRows && 2*n > rows.total {
		d.Severity = diag.Error
		d.Hint += "; --yes-new-rows sends it to all of them"
	}
	return d
}

// hint says how a run that did not end goes on, else how those are left out whom it reached.
func (s *sentByRun) hint() string {
	last := s.runs[0]
	switch last.Status {
	case engine.RunInterrupted, engine.RunStopped, engine.RunRunning:
		return "waybill resume " + last.ID + " goes on with the run, and sends what it left"
	case engine.RunSucceeded, engine.RunFailed, engine.RunInDoubt:
	}
	return "leave out whom the run reached: waybill deliveries " + last.ID + " -o csv lists them, and recipients.exclude takes such a list"
}
