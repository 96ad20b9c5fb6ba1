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
	nextActivity  = "waybill.Next"
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

// run drives a run, stage by stage, until it came to its end. Cancelled, it has the ledger stop the run. It is deterministic: what changes
// here goes through workflow.GetVersion, and the histories in testdata are replayed.
func run(ctx workflow.Context, id string) (result, error) {
	version := workflow.GetVersion(ctx, partsChange, workflow.DefaultVersion, inStages)
	stopped := stopWhenCancelled(ctx, id)
	for pause := againFrom; ; {
		var stands cli.Standing
		if err := workflow.ExecuteActivity(asking(ctx), standActivity, id).Get(ctx, &stands); err != nil {
			return result{}, stopped(err)
		}
		done := len(stands.Open) == 0
		var err error
		switch {
		case stands.Over, done && version < heldApart, done && version < inStages && pause > againTo:
			return result{Status: string(stands.Status), Open: len(stands.Open)}, nil
		case !done:
			d := &driver{run: id, stage: stands.Stage, version: version}
			err = d.drive(ctx, stands.Open)
		case version < inStages: // whoever ended the last part is about to write how the run ended
			err = workflow.Sleep(ctx, pause)
			pause *= 2
		default:
			pause, err = next(ctx, id, stands.Stage, pause)
		}
		if err != nil {
			return result{}, stopped(err)
		}
		if enough(ctx) && (version >= inStages || !done) {
			return result{}, workflow.NewContinueAsNewError(ctx, runWorkflow, id)
		}
	}
}

// next has a worker go on from a stage that is over: to the one behind it, or to the run's end. It waits for pause where the worker left it,
// and returns how long to wait the next time.
func next(ctx workflow.Context, id string, stage int, pause time.Duration) (time.Duration, error) {
	var end partEnd
	err := workflow.ExecuteActivity(doing(ctx), nextActivity, id, stage).Get(ctx, &end)
	if err != nil || end != (partEnd{}) {
		return againFrom, err
	}
	return min(2*pause, againTo), workflow.Sleep(ctx, pause)
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
