package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
)

// finish writes down how the run ended, and gives the process's own view of it.
func (x *execution) finish(ctx context.Context, top *sequence) (*engine.Summary, error) {
	cause := context.Cause(ctx)
	flight := context.WithoutCancel(ctx)
	if top.lost != nil {
		x.book.error(top.lost)
		top.failed = true
	}
	left, err := x.meanwhile(flight, top)
	if err != nil {
		x.book.fail(err)
	}
	unmet, err := x.unmet(flight)
	if err != nil {
		x.book.fail(err)
	}
	summary := &engine.Summary{Steps: map[string]map[string]any{}, Outputs: map[string]any{}}
	x.run.Status, x.run.Reason = x.status(top, cause, left, unmet)
	x.outputs(flight, top, summary)
	for _, s := range x.job.Steps {
		if values, ok := top.steps[s.ID].(map[string]any); ok {
			summary.Steps[s.ID] = values
		}
	}
	x.run.FinishedAt, x.run.Counts, x.run.Errors = x.Now(), x.book.counts, x.book.firstErrors()
	if err := x.Ledger.FinishRun(flight, x.run); err != nil {
		x.book.fail(err)
	}
	summary.Run, summary.Errors, summary.Warnings = x.run, x.book.errors, x.book.warnings
	x.tell(engine.Event{Kind: engine.RunFinished, Run: &x.run, Values: summary.Outputs})
	return summary, x.book.fatal
}

// meanwhile counts what was left in doubt by what became of it since: a status may have settled it. It says
// whether something is left for a resume: steps behind a delivery that is in doubt no more.
func (x *execution) meanwhile(ctx context.Context, top *sequence) (left bool, err error) {
	if !x.sends {
		return false, nil
	}
	counts := &x.book.counts
	for keys := range slices.Chunk(x.book.doubts, batchSize) {
		now, err := x.Ledger.Lookup(ctx, keys)
		if err != nil {
			return false, err
		}
		for _, d := range now {
			switch {
			case d.State == delivery.Failed || d.State == delivery.Rejected:
				counts.InDoubt, counts.Failed, top.failed = counts.InDoubt-1, counts.Failed+1, true
			case d.State.Reached():
				counts.InDoubt, counts.Succeeded = counts.InDoubt-1, counts.Succeeded+1
				left = left || x.book.rest
			}
		}
	}
	top.doubt = top.doubt && counts.InDoubt > 0
	return left, nil
}

// unmet counts the deliveries of the run that are open in the ledger, whatever its loop says. Of a run that came to its
// end these are of rows that it did not meet again.
func (x *execution) unmet(ctx context.Context) (int, error) {
	if !x.sends {
		return 0, nil
	}
	open, err := x.Ledger.Tally(ctx, engine.DeliveryFilter{Run: x.run.ID, States: []delivery.State{delivery.Planned, delivery.Intended}})
	return open[delivery.Planned] + open[delivery.Intended], err
}

// status says how the run ended. When several hold: stopped over in doubt over failed.
func (x *execution) status(top *sequence, cause error, left bool, unmet int) (engine.RunStatus, string) {
	var stopped *stopError
	switch {
	case errors.As(cause, &stopped):
		return engine.RunStopped, stopped.reason
	case x.book.fatal != nil:
		return engine.RunStopped, x.redact(x.book.fatal.Error())
	case top.cut && cause != nil:
		return engine.RunInterrupted, "interrupted"
	case x.book.reason != "":
		return engine.RunStopped, x.book.reason
	case left:
		return engine.RunStopped, "an answer came late, and what follows it is left to do"
	case top.doubt:
		return engine.RunInDoubt, ""
	case unmet > 0:
		return engine.RunFailed, fmt.Sprintf("%d that were begun were not sent: their rows are gone, or fail now", unmet)
	case top.failed:
		return engine.RunFailed, ""
	}
	return engine.RunSucceeded, ""
}

// outputs evaluates the job's outputs, of a run that came to its end.
func (x *execution) outputs(ctx context.Context, top *sequence, s *engine.Summary) {
	for _, out := range x.job.Outputs {
		s.Outputs[out.Name] = nil
		if top.cut {
			continue
		}
		value, err := out.Value.Render(ctx, top.names)
		if err != nil {
			x.warn(diag.Diagnostic{Code: "expression-failed", Range: out.Range, Summary: "output " + out.Name + ": " + x.redact(err.Error())})
			continue
		}
		s.Outputs[out.Name] = value
	}
}
