package temporal

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"

	"waybill/engine/cli"
)

// beatEvery is how often a part says that its worker lives. The answer may be that the workflow was cancelled.
const beatEvery = 3 * time.Second

// errLedger is all that Temporal is told of a ledger that failed: what failed may name people.
var errLedger = errors.New("the ledger could not be asked; the worker's output says why")

// turnEnds is how long before the end of what partWithin allows a worker that is still at a part says so, and is asked once more.
const turnEnds = 5 * time.Minute

// activities are what the workflow asks of a worker.
type activities struct {
	parts cli.Parts
	log   *slog.Logger
}

// partEnd is how a try at a part ended.
type partEnd struct {
	cli.PartEnd

	UnderWay bool // this worker is at it, and goes on: its turn is over
}

// Part has a part of a stage of a run done here. Workflows from before there were stages name none, which is the first.
func (a *activities) Part(ctx context.Context, run string, part, stage int) (partEnd, error) {
	return inTurns(ctx, func(turn context.Context) (cli.PartEnd, error) { return a.parts.Do(turn, run, stage, part) })
}

// Next has this worker go on with a run to the stage behind one.
func (a *activities) Next(ctx context.Context, run string, stage int) (partEnd, error) {
	return inTurns(ctx, func(turn context.Context) (cli.PartEnd, error) { return a.parts.Next(turn, run, stage) })
}

// inTurns does what may take longer than one activity: this turn of it.
func inTurns(ctx context.Context, do func(turn context.Context) (cli.PartEnd, error)) (partEnd, error) {
	turn, done := context.WithDeadline(ctx, activity.GetInfo(ctx).Deadline.Add(-turnEnds))
	defer done()
	go beat(turn)
	end, err := do(turn)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return partEnd{UnderWay: true}, nil
	}
	return partEnd{PartEnd: end}, err
}

// beat says that the worker lives, until ctx ends. It is nobody's to wait for: while Temporal is away a heartbeat takes seconds, and
// a part that is done must not.
func beat(ctx context.Context) {
	every := time.NewTicker(beatEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			activity.RecordHeartbeat(ctx)
		}
	}
}

// Stands tells how a run stands.
func (a *activities) Stands(ctx context.Context, run string) (cli.Standing, error) {
	stands, err := a.parts.Stands(ctx, run)
	return stands, a.kept(ctx, run, err)
}

// Stop orders that a run ends.
func (a *activities) Stop(ctx context.Context, run string) error {
	return a.kept(ctx, run, a.parts.Stop(ctx, run))
}

// kept writes a failure down here, and returns what may leave.
func (a *activities) kept(ctx context.Context, run string, err error) error {
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	a.log.LogAttrs(ctx, slog.LevelError, "the ledger could not be asked", slog.String("run", run), slog.String("error", err.Error()))
	return errLedger
}
