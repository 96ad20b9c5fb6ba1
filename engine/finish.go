package engine

import (
	"context"
	"errors"

	"waybill/engine/diag"
)

// finish writes down how the run ended, and gives the process's own view of it.
func (x *execution) finish(ctx context.Context, top *sequence) (*Summary, error) {
	cause := context.Cause(ctx)
	flight := context.WithoutCancel(ctx)
	open, err := x.settledMeanwhile(flight, top)
	if err != nil {
		x.book.fail(err)
	}
	summary := &Summary{Steps: map[string]map[string]any{}, Outputs: map[string]any{}}
	x.run.Status, x.run.Reason = x.status(top, cause, open)
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
	x.tell(Event{Kind: RunFinished, Run: &x.run, Values: summary.Outputs})
	return summary, x.book.fatal
}

// settledMeanwhile takes out of doubt what a status settled since, and says whether the ledger has open deliveries
// of this run other than those in doubt: the run is not over then, whatever the loop says.
func (x *execution) settledMeanwhile(ctx context.Context, top *sequence) (bool, error) {
	if !x.sends {
		return false, nil
	}
	doubt, err := x.Ledger.Tally(ctx, DeliveryFilter{Job: x.run.Job, Scope: x.run.Scope, States: []State{InDoubt}})
	if err != nil {
		return false, err
	}
	if settled := x.book.counts.InDoubt - doubt[InDoubt]; settled > 0 {
		x.book.counts.InDoubt -= settled
		x.book.counts.Succeeded += settled
		top.doubt = x.book.counts.InDoubt > 0
	}
	open, err := x.Ledger.Tally(ctx, DeliveryFilter{Run: x.run.ID, States: []State{Planned, Intended}})
	return open[Planned]+open[Intended] > 0, err
}

// status says how the run ended. When several hold: stopped over in doubt over failed.
func (x *execution) status(top *sequence, cause error, open bool) (RunStatus, string) {
	var stopped *stopError
	switch {
	case errors.As(cause, &stopped):
		return RunStopped, stopped.reason
	case x.book.fatal != nil:
		return RunStopped, x.redact(x.book.fatal.Error())
	case top.cut && cause != nil:
		return RunInterrupted, "interrupted"
	case x.book.reason != "":
		return RunStopped, x.book.reason
	case open:
		return RunStopped, "some deliveries are still open in the ledger"
	case top.doubt:
		return RunInDoubt, ""
	case top.failed:
		return RunFailed, ""
	}
	return RunSucceeded, ""
}

// outputs evaluates the job's outputs, of a run that came to its end.
func (x *execution) outputs(ctx context.Context, top *sequence, s *Summary) {
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
