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
	return fmt.Sprintf("run %s was %s at %s, and only a person goes on: nothing was sent", e.Run, e.Order.Said(),
		e.Order.At.Format(time.DateTime))
}

// checkOrders refuses a run that nobody started by hand as going on with one that a person stopped.
func (x *execution) checkOrders(ctx context.Context) error {
	if x.req.Due {
		return x.checkOwnOrder(ctx)
	}
	if !x.sends || x.req.Resume != nil || x.req.Mode == engine.ModeRun {
		return nil
	}
	return x.checkJobsOrders(ctx)
}

// checkOwnOrder refuses to take up a run by itself that a person stopped or cancelled, or whose job a person stopped.
func (x *execution) checkOwnOrder(ctx context.Context) error {
	order, err := x.engine.Ledger.Ordered(ctx, x.run.ID)
	switch {
	case err != nil:
		return err
	case order != nil:
		return &OrderedError{Run: x.run.ID, Order: *order}
	case x.run.Mode == engine.ModeRun:
		return nil
	}
	return x.checkJobsOrders(ctx)
}

// checkJobsOrders looks through the job's newest runs.
func (x *execution) checkJobsOrders(ctx context.Context) error {
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
