package temporal

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"waybill/engine/cli"
)

const (
	// partsAtOnce is how many parts of a job a worker takes: the rows are read once for all that it has at a time.
	partsAtOnce = 16
	// endsWithin is how long a worker that stops waits for what it has under way.
	endsWithin = 10 * time.Second
)

// connection is Temporal as it was reached.
type connection struct {
	client  client.Client
	options client.Options // it was reached with
	log     *slog.Logger
}

// Close lets go of it.
func (c *connection) Close() { c.client.Close() }

// Work does the parts that Temporal gives to this process, until ctx ends. Each job has a queue, and a worker at it.
func (c *connection) Work(ctx context.Context, ledger string, jobs []string, parts cli.Parts) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer c.watched(ctx)()
	var working []worker.Worker
	var err error
	for _, job := range jobs {
		w := c.worker(queue(ledger, job), parts, end)
		if err = w.Start(); err != nil {
			err = unreached(ctx, c.options, err)
			break
		}
		working = append(working, w)
	}
	if err == nil {
		<-ctx.Done()
		if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
			err = cause
		}
	}
	var stopping sync.WaitGroup
	for _, w := range working {
		stopping.Go(w.Stop)
	}
	stopping.Wait()
	return err
}

// worker makes the worker of one queue. end is told when it cannot go on.
func (c *connection) worker(queue string, parts cli.Parts, end context.CancelCauseFunc) worker.Worker {
	w := worker.New(c.client, queue, worker.Options{
		MaxConcurrentActivityExecutionSize: partsAtOnce,
		MaxConcurrentActivityTaskPollers:   1, // a worker that froze keeps as many tasks as it has polls open
		WorkerStopTimeout:                  endsWithin,
		DisableRegistrationAliasing:        true,
		OnFatalError:                       func(err error) { end(unreached(context.Background(), c.options, err)) },
	})
	register(w, &activities{parts: parts, log: c.log})
	return w
}

// registry is what a worker and the test suite have in common.
type registry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
	RegisterActivityWithOptions(a any, options activity.RegisterOptions)
}

// register says which names mean what.
func register(w registry, a *activities) {
	w.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: runWorkflow})
	w.RegisterActivityWithOptions(a.Part, activity.RegisterOptions{Name: partActivity})
	w.RegisterActivityWithOptions(a.Next, activity.RegisterOptions{Name: nextActivity})
	w.RegisterActivityWithOptions(a.Stands, activity.RegisterOptions{Name: standActivity})
	w.RegisterActivityWithOptions(a.Stop, activity.RegisterOptions{Name: stopActivity})
}
