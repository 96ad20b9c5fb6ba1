package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/wording"
)

// end is how a run's walk ended, before it is known what became of its messages.
type runEnd struct {
	status engine.RunStatus
	reason string
	until  time.Time // when the first of the messages that wait may go; zero: that is not why it ended
}

// conclude says how the walk ended and writes it down, so that whoever asks while the run settles is told.
func (x *execution) conclude(ctx context.Context, top *sequence) runEnd {
	cause := context.Cause(ctx)
	flight := context.WithoutCancel(ctx)
	if top.lateFailure != nil {
		x.tally.error(top.lateFailure)
		top.failed = true
	}
	x.writeNotes(flight)
	x.warnOfRepeats()
	x.tellRemarks()
	x.warnOfAccounts(flight)
	end := x.status(flight, top, cause)
	x.run.Unchanged = x.foundUnchanged(flight, top, end)
	x.run.TellsFor = x.tellsFor(flight)
	x.write(flight, end, &x.notes.met)
	return end
}

// write writes down how the run stands.
func (x *execution) write(ctx context.Context, end runEnd, met *delivery.IDs) {
	x.run.Status, x.run.Reason, x.run.WaitsUntil = end.status, end.reason, end.until
	x.run.FinishedAt, x.run.Errors = x.engine.Now(), x.tally.firstErrors()
	x.run.Counts = x.tally.counts // kept of a job that makes no delivery
	run := x.run
	if x.share != nil && x.leftToOthers(end) {
		run.Status = engine.RunInterrupted
	}
	if err := x.engine.Ledger.FinishRun(ctx, run, met); err != nil {
		x.tally.fail(err)
	}
}

// finish gives the process's own view of the run, with what became of its messages meanwhile.
func (x *execution) finish(ctx context.Context, top *sequence, end runEnd) (*engine.Summary, error) {
	flight := context.WithoutCancel(ctx)
	if now := x.status(flight, top, context.Cause(ctx)); now != end {
		x.write(flight, now, &x.notes.met)
	}
	summary := &engine.Summary{Steps: map[string]map[string]any{}, Outputs: map[string]any{}}
	x.withLate(top)
	x.outputs(flight, top, summary)
	for _, s := range x.req.Job.Steps {
		if values, ok := top.steps[s.ID].(map[string]any); ok {
			summary.Steps[s.ID] = values
		}
	}
	kept, err := x.engine.Ledger.Run(flight, x.run.ID)
	if err != nil {
		x.tally.fail(err)
	} else {
		summary.GoesOn = x.share != nil && kept.Status == engine.RunRunning
		summary.Left = x.share != nil && kept.Status == engine.RunInterrupted && x.run.Status != engine.RunInterrupted
		x.run.Counts, x.run.Cancelled = kept.Counts, kept.Cancelled
		x.run.Told()
		if x.share != nil && x.share.sawEnd() && kept.Status != engine.RunRunning {
			x.run.Status, x.run.Reason, x.run.WaitsUntil = kept.Status, kept.Reason, kept.WaitsUntil
		}
	}
	summary.Tell = x.toTell(flight, kept)
	if summary.Skipped, err = x.engine.Ledger.LeftOut(flight, x.run.ID); err != nil {
		x.tally.fail(err)
	}
	if summary.Charged, err = x.engine.Ledger.Charges(flight, x.run.ID); err != nil {
		x.tally.fail(err)
	}
	summary.Cost = engine.CostOf(summary.Charged, x.cost.card, x.cost.name)
	summary.Run, summary.Errors, summary.Warnings = x.run, x.tally.errors, x.tally.warnings
	summary.Changed, summary.Rows = x.changes.n, x.changes.rows
	x.tell(engine.Event{Kind: engine.RunFinished, Run: &x.run, Values: atHand(summary.Outputs)})
	return summary, x.tally.fatal
}

// leftToOthers says whether a process of a divided run ended for a reason of its own: others go on with its rows.
func (x *execution) leftToOthers(end runEnd) bool {
	return x.tally.fatal != nil || end.status == engine.RunInterrupted
}

// doubts looks again at the deliveries that were left in doubt: a status may have settled them. It says whether one is in doubt still,
// whether one failed, and whether something is left for a resume: steps behind one that was taken after all.
func (x *execution) doubts(ctx context.Context) (still, failed, left bool, err error) {
	for keys := range slices.Chunk(x.tally.doubts, batchSize) {
		now, err := x.engine.Ledger.Lookup(ctx, keys)
		if err != nil {
			return still, failed, left, err
		}
		for _, d := range now {
			still = still || d.State.Open()
			failed = failed || d.State == delivery.Failed || d.State == delivery.Rejected
			left = left || d.State.Succeeded() && x.tally.rest
		}
	}
	return still, failed, left, nil
}

// countUnfinished counts the deliveries of the run that are open in the ledger. Of a run that came to its
// end, all of whose rows this process had, these are of rows that it did not meet again; of others nobody asks.
func (x *execution) countUnfinished(ctx context.Context, top *sequence) (int, error) {
	if top.notSent || !x.hadAll() {
		return 0, nil
	}
	begun := []delivery.State{delivery.Planned, delivery.Intended}
	open, err := x.engine.Ledger.Tally(ctx, engine.DeliveryFilter{Run: x.run.ID, States: begun})
	return open[delivery.Planned] + open[delivery.Intended], err
}

// status says how the run ended, by what is known now. When several hold: stopped over in doubt over failed.
func (x *execution) status(ctx context.Context, top *sequence, cause error) runEnd {
	var still, doubtFailed, left, lost bool
	var unfinished int
	if x.sends {
		var errs [3]error
		still, doubtFailed, left, errs[0] = x.doubts(ctx)
		unfinished, errs[1] = x.countUnfinished(ctx, top)
		lost, errs[2] = x.unexcused(ctx)
		if err := errors.Join(errs[:]...); err != nil {
			x.tally.fail(err)
		}
	}
	var stopped *stopError
	switch {
	case errors.As(cause, &stopped):
		return stoppedFor(stopped.reason)
	case x.tally.fatal != nil:
		return stoppedFor(x.redact(x.tally.fatal.Error()))
	case top.end == interrupted && cause != nil:
		return runEnd{engine.RunInterrupted, "interrupted", x.run.WaitsUntil}
	case x.tally.reason != "":
		return stoppedFor(x.tally.reason)
	case x.hasDropped(ctx):
		return stoppedFor(x.dropped.by().Said())
	case x.tally.waiting > 0:
		return runEnd{engine.RunStopped, x.tally.waitReason(), x.tally.until}
	case left:
		return stoppedFor(engine.LeftBehindDoubt)
	case top.inDoubt && still && x.tally.rest:
		return runEnd{status: engine.RunInDoubt, reason: engine.LeftBehindDoubt}
	case top.inDoubt && still:
		return runEnd{status: engine.RunInDoubt, reason: ""}
	case unfinished > 0:
		return runEnd{status: engine.RunFailed, reason: notFinished(unfinished)}
	case top.failed, top.notSent, doubtFailed, lost:
		return runEnd{status: engine.RunFailed, reason: ""}
	}
	return runEnd{status: engine.RunSucceeded, reason: ""}
}

// notFinished says what became of messages that were begun, and cannot be sent any more.
func notFinished(n int) string {
	return fmt.Sprintf("%s that %s begun %s not sent: %s gone, or %s now", wording.Number(n), wording.Agree(n, "was", "were"),
		wording.Agree(n, "was", "were"), wording.Agree(n, "its row is", "their rows are"), wording.Agree(n, "fails", "fail"))
}

func stoppedFor(reason string) runEnd { return runEnd{status: engine.RunStopped, reason: reason} }

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
