package runner

import (
	"context"
	"time"

	"waybill/engine"
)

// tellsLate is how much later than it foresees a process may tell how a run ended, before others may do it.
const tellsLate = 15 * time.Second

// tellsFor is how long after the end of its walk a process may tell how the run ended; zero: the job wants nobody told.
func (x *execution) tellsFor(ctx context.Context) time.Duration {
	if len(x.req.Job.Notify) == 0 {
		return 0
	}
	settles, _ := x.settleTime(ctx) // what is wrong, settle says
	return settles + tellsLate
}

// toTell is how the run ended, where this process is to tell it; nil: another is, it goes on, or nobody is to be told. kept is the run as
// the ledger has it.
func (x *execution) toTell(ctx context.Context, kept engine.Run) *engine.Run {
	ended := kept.ID != "" && kept.Status != engine.RunRunning
	switch alone := x.share == nil; {
	case len(x.req.Job.Notify) == 0:
		return nil
	case !ended && alone: // the ledger failed: nobody else knows that it ended
		return &x.run
	case !ended:
		return nil
	}
	mine, err := x.engine.Ledger.TakeTelling(ctx, x.run.ID)
	switch {
	case err != nil:
		x.tally.fail(err)
		return nil // the next command tells it
	case !mine:
		return nil
	case x.share == nil:
		return &x.run
	}
	return &kept
}
