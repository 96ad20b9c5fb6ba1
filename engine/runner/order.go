package runner

import (
	"context"
	"fmt"
	"time"

	"waybill/engine"
)

// OrderedError says that a person stopped an earlier run of the job, and nobody took it up again: only a person goes on.
type OrderedError struct {
	Run   string
	Order engine.Order
}

func (e *OrderedError) Error() string {
	return fmt.Sprintf("run %s was stopped by %s at %s, and only a person goes on: nothing was sent", e.Run, nameOf(e.Order.By),
		e.Order.At.Format(time.DateTime))
}

// checkOrders refuses a run that nobody started by hand as going on with one that a person stopped.
func (x *execution) checkOrders(ctx context.Context) error {
	if !x.sends || x.req.Resume != nil || x.req.Mode == engine.ModeRun {
		return nil
	}
	const looked = 20 // of the job's newest runs
	for run, err := range x.engine.Ledger.Runs(ctx, engine.RunFilter{Job: x.req.Job.Name, Limit: looked}) {
		if err != nil {
			return err
		}
		switch run.Status {
		case engine.RunStopped, engine.RunInterrupted, engine.RunRunning: // of the last two the process may be gone, and nobody else goes on
		case engine.RunSucceeded, engine.RunFailed, engine.RunInDoubt:
			continue
		}
		order, err := x.engine.Ledger.Ordered(ctx, run.ID)
		if err != nil {
			return err
		}
		if order != nil && order.Kind == engine.OrderStop {
			return &OrderedError{Run: run.ID, Order: *order}
		}
	}
	return nil
}
