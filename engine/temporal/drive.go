package temporal

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"waybill/engine/cli"
)

const (
	// againFrom and againTo bound the pauses before a part is asked for once more that a worker left.
	againFrom, againTo = 2 * time.Second, time.Minute
	// lookFrom and lookTo bound the pauses between two questions whether the parts are free that other processes have.
	lookFrom, lookTo = 2 * time.Second, 15 * time.Second
)

// A workflow that began before a version of it goes on as it did; see workflow.GetVersion.
const (
	partsChange = "held parts" // what histories call it

	heldApart workflow.Version = 1 // a part that another process has is waited for without asking workers for it
	inStages  workflow.Version = 2 // a run goes on from one stage to the next
)

// driver has the parts of a stage of a run done.
type driver struct {
	run     string
	stage   int
	version workflow.Version

	under   int           // parts that are not brought to their end
	leaving bool          // the history is long enough: nothing is waited for any more
	before  bool          // the run was taken up anew, and is not at the stage any more
	held    []int         // parts that are waited for because other processes have them
	freeIn  time.Duration // how long until the first of held may be free; zero: not known
}

// drive has parts done, side by side. It returns when each is done, the run is over or at another stage, or the history is long enough:
// activities are called back then, and what their workers have begun goes on.
func (d *driver) drive(ctx workflow.Context, parts []int) error {
	inner, leave := workflow.WithCancel(ctx)
	all := workflow.NewWaitGroup(ctx)
	var failed error
	for _, part := range parts {
		d.under++
		all.Add(1)
		workflow.Go(inner, func(ctx workflow.Context) {
			defer all.Done()
			err := d.drivePart(ctx, part)
			if d.under--; err != nil && failed == nil && !d.leaving {
				failed = err
			}
		})
	}
	if d.version >= heldApart {
		workflow.Go(inner, d.look)
		_ = workflow.Await(ctx, func() bool { return d.under == 0 || enough(ctx) }) // cancelled: so are the parts
		d.leaving = d.under > 0 && ctx.Err() == nil
		leave()
	}
	all.Wait(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case failed == nil && d.before:
		return workflow.Sleep(ctx, againFrom)
	}
	return failed
}

// enough says that the history is long, and the rest better a new one's.
func enough(ctx workflow.Context) bool { return workflow.GetInfo(ctx).GetContinueAsNewSuggested() }

// drivePart has one part done.
func (d *driver) drivePart(ctx workflow.Context, part int) error {
	for pause := againFrom; ; {
		var end partEnd
		if err := workflow.ExecuteActivity(doing(ctx), partActivity, d.run, part, d.stage).Get(ctx, &end); err != nil {
			return err
		}
		var err error
		switch {
		case end.Done || end.Over || end.Before || enough(ctx):
			d.before = d.before || end.Before
			return nil
		case d.version >= heldApart && end.UnderWay:
			pause = againFrom
		case d.version >= heldApart && end.Held:
			d.held, pause = append(d.held, part), againFrom
			err = workflow.Await(ctx, func() bool { return !slices.Contains(d.held, part) })
		default:
			err = workflow.Sleep(ctx, pause)
			pause = min(2*pause, againTo)
		}
		if err != nil {
			return err
		}
	}
}

// look asks how the run stands while parts are waited for that other processes have, once for all of them, until ctx ends.
func (d *driver) look(ctx workflow.Context) {
	for {
		if workflow.Await(ctx, func() bool { return len(d.held) > 0 }) != nil {
			return
		}
		if workflow.Sleep(ctx, min(max(d.freeIn, lookFrom), lookTo)) != nil {
			return
		}
		var stands cli.Standing
		if workflow.ExecuteActivity(asking(ctx), standActivity, d.run).Get(ctx, &stands) != nil {
			return
		}
		d.freeIn = stands.FreeIn
		gone := stands.Over || stands.Stage != d.stage
		d.held = slices.DeleteFunc(d.held, func(part int) bool { return gone || !slices.Contains(stands.Held, part) })
	}
}
