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
	// partWithin bounds one try at a part. One that takes longer goes on, and whoever tries next finds that the ledger has it taken.
	partWithin = 24 * time.Hour
	// askWithin bounds a question to the ledger.
	askWithin = time.Minute
	// againFrom and againTo bound the pauses before a part is asked for once more.
	againFrom, againTo = 2 * time.Second, time.Minute
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

// run drives a run until no part of it is left, or it came to its end otherwise. Cancelled, it has the ledger stop the run. It is
// deterministic: what changes here goes through workflow.GetVersion, and the histories in testdata are replayed.
func run(ctx workflow.Context, id string) (result, error) {
	stopped := stopWhenCancelled(ctx, id)
	for {
		var stands cli.Standing
		if err := workflow.ExecuteActivity(asking(ctx), standActivity, id).Get(ctx, &stands); err != nil {
			return result{}, stopped(err)
		}
		if stands.Over || len(stands.Open) == 0 {
			return result{Status: string(stands.Status), Open: len(stands.Open)}, nil
		}
		if err := drive(ctx, id, stands.Open); err != nil {
			return result{}, stopped(err)
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
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

// drive has parts done, side by side. It returns when each is done, the run is over, or the history is long enough.
func drive(ctx workflow.Context, id string, parts []int) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: partWithin, HeartbeatTimeout: beatWithin, WaitForCancellation: true, RetryPolicy: retries(),
	})
	all := workflow.NewWaitGroup(ctx)
	var failed error
	for _, part := range parts {
		all.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer all.Done()
			if err := drivePart(ctx, id, part); err != nil && failed == nil {
				failed = err
			}
		})
	}
	all.Wait(ctx)
	return failed
}

// drivePart has one part done.
func drivePart(ctx workflow.Context, id string, part int) error {
	for pause := againFrom; ; pause = min(2*pause, againTo) {
		var end cli.PartEnd
		if err := workflow.ExecuteActivity(ctx, partActivity, id, part).Get(ctx, &end); err != nil {
			return err
		}
		if end.Done || end.Over || workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return nil
		}
		if err := workflow.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}
