package runner

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"waybill/engine"
)

const (
	// lookEvery is how often a process tells the others of a divided run how far it is, and looks how they are.
	lookEvery = time.Second
	// looksBegin is how soon it first looks. Processes begin at about the same time: the first has all parts then, and the others none.
	looksBegin = lookEvery / 8
	// drainsTogether is for how long a part that another is to have waits for others of its kind.
	drainsTogether = 20 * time.Millisecond
)

// lookAfter is how long it is to the next look: little at first, and twice as long each time, up to lookEvery. The zero value begins.
type lookAfter time.Duration

func (a *lookAfter) next() time.Duration {
	*a = lookAfter(min(max(2*time.Duration(*a), looksBegin), lookEvery))
	return time.Duration(*a)
}

// share is this process's share in a run that is divided among processes; see engine.Divider. A nil share has all of the run.
type share struct {
	x      *execution
	ledger engine.Sharing
	place  Placement
	stages []runStage

	now   atomic.Pointer[portion] // of the stage that it has come to; nil: of none
	met   int                     // parts of all stages that it has come to
	ended int                     // those of them that this process ended
	last  bool                    // it ended the last of the stage
	rest  atomic.Bool             // the run was stopped, and what is left of it is counted

	found asSent // what all processes found of all rows
}

// enter starts the run or, in a ledger that many send from, makes this process one of those that work at it.
func (x *execution) enter(ctx context.Context) error {
	ledger, shared := x.engine.Ledger.(engine.Sharing)
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
	begin := func(ctx context.Context, r engine.Run, rows string) (engine.Run, error) {
		return ledger.Enter(ctx, r, rows, x.req.Shard.Parts())
	}
	if x.req.Helps || x.joins() || x.moved != nil {
		begin = ledger.Join
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
	if run.ID != x.run.ID || run.Resumes != x.run.Resumes { // else this process began it, or took it up
		outline := x.run.Outline
		x.run = run
		x.run.Outline = outline
		if err := x.bind(ctx); err != nil { // the run's id and times are among the names
			return err
		}
	}
	if why == "" {
		x.share = &share{x: x, ledger: ledger, stages: stages, place: x.placement()}
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

// portionFor is this process's portion of the items of a step, where they are divided among processes; nil: it does all of them. Items inside
// one item are not divided.
func (x *execution) portionFor(s *engine.Step) *portion {
	if p := x.portionOf(s); p != nil && p.each == s {
		return p
	}
	return nil
}

// come comes to the next stage: the items of a step, or, where each is nil, what one process does alone. final: no stage follows. It is
// followed, beside what is done of it, until end is called.
func (sh *share) come(ctx context.Context, each *engine.Step, final bool) (p *portion, end func(), err error) {
	p = sh.open(each, final)
	if sh.countsRest() {
		return p, func() {}, nil
	}
	if p.stage.Number == 0 {
		if _, _, err := p.look(ctx, false); err != nil { // the stage is there before anybody is told of it
			return nil, nil, err
		}
		if err := sh.place.Begin(ctx, sh.x.run.ID); err != nil {
			return nil, nil, err
		}
	}
	return p, p.following(ctx), nil
}

func (sh *share) open(each *engine.Step, final bool) *portion {
	p := &portion{share: sh, stage: Stage{Alone: each == nil, Last: final && each != nil}, each: each, final: final, drained: make(chan struct{}, 1)}
	if each != nil {
		p.where = newLeftRows(each)
	}
	if before := sh.now.Load(); before != nil {
		p.stage.Number = before.stage.Number + 1
	}
	if !sh.countsRest() {
		sh.met++
		if each != nil {
			sh.met += engine.Parts - 1
		}
	}
	sh.last = false
	sh.now.Store(p)
	return p
}

// isLast says whether no stage follows the items of a step.
func (sh *share) isLast(s *engine.Step) bool { return sh.stages[len(sh.stages)-1].each == s }

// sawEnd says whether this process ends as the run does: it ended the last part, or was there for the others' and did not leave for an
// error of its own.
func (sh *share) sawEnd() bool {
	return sh.last || sh.x.req.Placement != nil && sh.x.tally.fatal == nil
}
