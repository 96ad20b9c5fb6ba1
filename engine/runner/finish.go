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
	if top.lateFailure != nil {
		x.tally.error(top.lateFailure)
		top.failed = true
	}
	left, err := x.recountInDoubt(flight, top)
	if err != nil {
		x.tally.fail(err)
	}
	unfinished, err := x.countUnfinished(flight)
	if err != nil {
		x.tally.fail(err)
	}
	summary := &engine.Summary{Steps: map[string]map[string]any{}, Outputs: map[string]any{}}
	x.run.Status, x.run.Reason = x.status(top, cause, left, unfinished)
	x.outputs(flight, top, summary)
	for _, s := range x.req.Job.Steps {
		if values, ok := top.steps[s.ID].(map[string]any); ok {
			summary.Steps[s.ID] = values
		}
	}
	x.run.FinishedAt, x.run.Counts, x.run.Errors = x.engine.Now(), x.tally.counts, x.tally.firstErrors()
	if err := x.engine.Ledger.FinishRun(flight, x.run, nil); err != nil {
		x.tally.fail(err)
	}
	summary.Run, summary.Errors, summary.Warnings = x.run, x.tally.errors, x.tally.warnings
	x.tell(engine.Event{Kind: engine.RunFinished, Run: &x.run, Values: summary.Outputs})
	return summary, x.tally.fatal
}

// recountInDoubt counts what was left in doubt by what became of it since: a status may have settled it. It says
// whether something is left for a resume: steps behind a delivery that is in doubt no more.
func (x *execution) recountInDoubt(ctx context.Context, top *sequence) (left bool, err error) {
	if !x.sends {
		return false, nil
	}
	counts := &x.tally.counts
	for keys := range slices.Chunk(x.tally.doubts, batchSize) {
		now, err := x.engine.Ledger.Lookup(ctx, keys)
		if err != nil {
			return false, err
		}
		for _, d := range now {
			switch {
			case d.State == delivery.Failed || d.State == delivery.Rejected:
				counts.InDoubt, counts.Failed, top.failed = counts.InDoubt-1, counts.Failed+1, true
			case d.State.Reached():
				counts.InDoubt, counts.Succeeded = counts.InDoubt-1, counts.Succeeded+1
				left = left || x.tally.rest
			}
		}
	}
	top.inDoubt = top.inDoubt && counts.InDoubt > 0
	return left, nil
}

// countUnfinished counts the deliveries of the run that are open in the ledger. Of a run that came to its
// end these are of rows that it did not meet again.
func (x *execution) countUnfinished(ctx context.Context) (int, error) {
	if !x.sends {
		return 0, nil
	}
	begun := []delivery.State{delivery.Planned, delivery.Intended}
	open, err := x.engine.Ledger.Tally(ctx, engine.DeliveryFilter{Run: x.run.ID, States: begun})
	return open[delivery.Planned] + open[delivery.Intended], err
}

// status says how the run ended. When several hold: stopped over in doubt over failed.
func (x *execution) status(top *sequence, cause error, left bool, unfinished int) (engine.RunStatus, string) {
	var stopped *stopError
	switch {
	case errors.As(cause, &stopped):
		return engine.RunStopped, stopped.reason
	case x.tally.fatal != nil:
		return engine.RunStopped, x.redact(x.tally.fatal.Error())
	case top.end == interrupted && cause != nil:
		return engine.RunInterrupted, "interrupted"
	case x.tally.reason != "":
		return engine.RunStopped, x.tally.reason
	case left:
		return engine.RunStopped, "an answer came late, and what follows it is left to do"
	case top.inDoubt:
		return engine.RunInDoubt, ""
	case unfinished > 0:
		return engine.RunFailed, fmt.Sprintf("%d that were begun were not sent: their rows are gone, or fail now", unfinished)
	case top.failed:
		return engine.RunFailed, ""
	}
	return engine.RunSucceeded, ""
}

// outputs evaluates the job's outputs, of a run that came to its end.
func (x *execution) outputs(ctx context.Context, top *sequence, s *engine.Summary) {
	for _, out := range x.req.Job.Outputs {
		s.Outputs[out.Name] = nil
		if top.end == interrupted {
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
