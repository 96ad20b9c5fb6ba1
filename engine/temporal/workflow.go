package temporal

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"waybill/engine/cli"
)

// What the workflow and its activities are called in histories. They never change.
const (
	runWorkflow   = "waybill.Run"
	partActivity  = "waybill.Part"
	standActivity = "waybill.Stands"
	stopActivity  = "waybill.Stop"
)

const (
	// beatWithin is how long a worker may be silent before a part is given to another.
	beatWithin = 10 * time.Second
	// partWithin bounds one try at a part. A part may take many hours, for all parts of a number share its pace: a worker that is at it for
	// longer says so and is asked once more; see turnEnds.
	partWithin = time.Hour
	// askWithin bounds a question to the ledger.
	askWithin = time.Minute
)

// result is how a run ended, as Temporal shows it.
type result struct {
	Status string
	Open   int `json:",omitempty"` // parts that were not done
}

// retries never end: a part is done, or its run is over.
func retries() *temporal.RetryPolicy {
	return &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second}
}

// asking is for short questions to the ledger.
func asking(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: askWithin, RetryPolicy: retries()})
}

// doing is for parts.
func doing(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: partWithin, HeartbeatTimeout: beatWithin, WaitForCancellation: true, RetryPolicy: retries(),
	})
}

// run drives a run until no part of it is left, or it came to its end otherwise. Cancelled, it has the ledger stop the run. It is
// deterministic: what changes here goes through workflow.GetVersion, and the histories in testdata are replayed.
func run(ctx workflow.Context, id string) (result, error) {
	version := workflow.GetVersion(ctx, partsChange, workflow.DefaultVersion, heldApart)
	stopped := stopWhenCancelled(ctx, id)
	for pause := againFrom; ; {
		var stands cli.Standing
		if err := workflow.ExecuteActivity(asking(ctx), standActivity, id).Get(ctx, &stands); err != nil {
			return result{}, stopped(err)
		}
		done := len(stands.Open) == 0
		if stands.Over || done && (version < heldApart || pause > againTo) {
			return result{Status: string(stands.Status), Open: len(stands.Open)}, nil
		}
		if done { // whoever ended the last part is about to write how the run ended
			if err := workflow.Sleep(ctx, pause); err != nil {
				return result{}, stopped(err)
			}
			pause *= 2
			continue
		}
		d := &driver{run: id, version: version}
		if err := d.drive(ctx, stands.Open); err != nil {
			return result{}, stopped(err)
		}
		if enough(ctx) {
			return result{}, workflow.NewContinueAsNewError(ctx, runWorkflow, id)
		}
	}
}

// stopWhenCancelled orders that the run ends when the workflow is cancelled. Whoever ends for an error calls what it returns, which waits
// until the order was given.
func stopWhenCancelled(ctx workflow.Context, id string) (wait func(error) error) {
	apart, _ := workflow.NewDisconnectedContext(ctx)
	given, give := workflow.NewFuture(apart)
	workflow.Go(apart, func(apart workflow.Context) {
		ctx.Done().Receive(apart, nil)
		give.Set(nil, workflow.ExecuteActivity(asking(apart), stopActivity, id).Get(apart, nil))
	})
	return func(err error) error {
		if temporal.IsCanceledError(err) {
			if failed := given.Get(apart, nil); failed != nil {
				return failed
			}
		}
		return err
	}
}
