package runner

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"waybill/engine"
)

// lookEvery is how often a process tells the others of a divided run how far it is, and looks how they are.
const lookEvery = time.Second

// share is this process's share in a run that is divided among processes; see engine.Divider. A nil share has all of the run.
type share struct {
	x      *execution
	ledger engine.Divider
	place  Placement
	stages []runStage

	now   atomic.Pointer[portion] // of the stage that it has come to; nil: of none
	joins bool                    // others had begun the run
	met   int                     // parts of all stages that it has come to
	ended int                     // those of them that this process ended
	last  bool                    // it ended the last of the stage

	found asSent // what all processes found of all rows
}

// enter starts the run or, in a ledger that many send from, makes this process one of those that work at it.
func (x *execution) enter(ctx context.Context) error {
	divider, shared := x.engine.Ledger.(engine.Divider)
	placed := x.req.Shard.Of > 0 || x.req.Placement != nil
	if !shared || !x.sends {
		if placed {
			return &NotDividedError{Why: "a ledger in a file has one sender at a time: name a database with --state postgres://…"}
		}
		if x.moved != nil {
			return x.moved
		}
		return x.engine.Ledger.StartRun(ctx, x.run)
	}
	stages, rows, why := x.divisible(ctx)
	if why != "" && placed {
		return &NotDividedError{Why: why}
	}
	begin := divider.Enter
	if x.req.Helps || x.joins() || x.moved != nil {
		begin = divider.Join
	}
	run, err := x.enterWith(ctx, begin, rows)
	if _, other := errors.AsType[*engine.OtherRunError](err); x.moved != nil && (other || errors.Is(err, engine.ErrNotFound)) {
		return x.moved // nobody applies the same plan
	}
	if _, locked := errors.AsType[*engine.LockedError](err); locked && why != "" {
		return fmt.Errorf("%w; one process alone works at such a run: %s", err, why)
	}
	if err != nil {
		return err
	}
	joins := run.ID != x.run.ID
	if joins {
		outline := x.run.Outline
		x.run = run
		x.run.Outline = outline
		if err := x.bind(ctx); err != nil { // the run's id and times are among the names
			return err
		}
	}
	if why == "" {
		x.share = &share{x: x, ledger: divider, stages: stages, place: x.placement(), joins: joins || x.req.Helps}
	}
	return nil
}

// enterWith enters a run when what this process read of its sources is there for the others.
func (x *execution) enterWith(
	ctx context.Context, begin func(context.Context, engine.Run, string) (engine.Run, error), rows string,
) (engine.Run, error) {
	kept, err := false, error(nil)
	if !x.req.Helps {
		kept, err = x.given.keep(ctx, x)
	}
	if err != nil {
		return engine.Run{}, err
	}
	run, err := begin(ctx, x.run, rows)
	if keeper, _ := x.engine.Ledger.(engine.RowKeeper); kept && (err != nil || run.ID != x.run.ID) && x.req.Resume == nil {
		err = errors.Join(err, keeper.DropRows(context.WithoutCancel(ctx), x.run.ID))
	}
	return run, err
}

// placement says which parts this process does.
func (x *execution) placement() Placement {
	if x.req.Placement != nil {
		return x.req.Placement
	}
	return shard{x.req.Shard}
}

// NotDividedError says why a run cannot be divided that is to be.
type NotDividedError struct{ Why string }

func (e *NotDividedError) Error() string { return "the run cannot be divided: " + e.Why }

// hadAll says whether this process did all of the run's rows itself.
func (x *execution) hadAll() bool { return x.share == nil || x.share.ended == x.share.met }

// divides says whether the items of a step are divided among processes.
func (x *execution) divides(s *engine.Step) bool {
	if x.share == nil || x.looking {
		return false
	}
	for _, st := range x.share.stages {
		if st.each == s {
			return true
		}
	}
	return false
}

// portionOf is this process's portion in the stage under way, where that is of a step's items or a step inside it; nil: it has no part in
// a division, or all of it.
func (x *execution) portionOf(s *engine.Step) *portion {
	if x.share == nil || x.looking {
		return nil
	}
	if p := x.share.now.Load(); p != nil && p.each != nil && s.Within(p.each.Path) {
		return p
	}
	return nil
}

// open comes to the next stage: the items of a step, or, where each is nil, what one process does alone.
func (sh *share) open(each *engine.Step) *portion {
	p := &portion{share: sh, each: each}
	if before := sh.now.Load(); before != nil {
		p.stage = before.stage + 1
	}
	sh.met++
	if each != nil {
		sh.met += engine.Parts - 1
	}
	sh.last = false
	sh.now.Store(p)
	return p
}

// isLast says whether no stage follows the items of a step.
func (sh *share) isLast(s *engine.Step) bool { return sh.stages[len(sh.stages)-1].each == s }

// elsewhere says whether other processes end a run that stands so, or ended it, and have it to tell.
func (sh *share) elsewhere(run *engine.Run) bool {
	switch {
	case sh == nil, sh.x.req.Placement != nil:
		return false
	case run.Status == engine.RunRunning:
		return true
	case run.Status == engine.RunStopped && run.WaitsUntil.IsZero(): // which all saw
		return sh.joins
	}
	return !sh.last
}

// sawEnd says whether this process ends as the run does: it ended the last part, or was there for the others' and did not leave for an
// error of its own.
func (sh *share) sawEnd() bool {
	return sh.last || sh.x.req.Placement != nil && sh.x.tally.fatal == nil
}
