package runner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"waybill/engine"
)

// lookEvery is how often a process tells the others of a divided run how far it is, and looks how they are.
const lookEvery = time.Second

// share is this process's share in a run that is divided among processes; see engine.Divider. A nil share has all of the run.
type share struct {
	x       *execution
	ledger  engine.Divider
	forEach *engine.Step // whose items are divided
	place   Placement

	mu     sync.Mutex
	parts  [engine.Parts]partUnderWay
	pass   [engine.Parts]bool // the parts of the pass over the rows that is under way
	own    engine.Progress
	others engine.Progress
	ended  int  // parts that this process ended
	last   bool // it ended the last of the run
}

// partUnderWay is a part that this process has.
type partUnderWay struct {
	held    bool
	dropped bool // another is to have it: nothing more of it is begun
	busy    int  // its items that were begun and have not ended
}

// enter starts the run or, in a ledger that many send from, makes this process one of those that work at it.
func (x *execution) enter(ctx context.Context) error {
	divider, shared := x.engine.Ledger.(engine.Divider)
	placed := x.req.Shard.Of > 0 || x.req.Placement != nil
	if !shared || !x.sends {
		if placed {
			return &NotDividedError{Why: "a ledger in a file has one sender at a time: name a database with --state postgres://…"}
		}
		return x.engine.Ledger.StartRun(ctx, x.run)
	}
	each, rows, why := x.divisible(ctx)
	if why != "" && placed {
		return &NotDividedError{Why: why}
	}
	begin := divider.Enter
	if x.req.Helps || x.joins() {
		begin = divider.Join
	}
	run, err := x.enterWith(ctx, begin, rows)
	if _, locked := errors.AsType[*engine.LockedError](err); locked && why != "" {
		return fmt.Errorf("%w; one process alone works at such a run: %s", err, why)
	}
	if err != nil {
		return err
	}
	if run.ID != x.run.ID {
		outline := x.run.Outline
		x.run = run
		x.run.Outline = outline
		if err := x.bind(ctx); err != nil { // the run's id and times are among the names
			return err
		}
	}
	if why == "" {
		x.share = &share{x: x, ledger: divider, forEach: each, place: x.placement()}
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

// divisible finds the forEach whose items can be divided among processes, with the digest of its rows; else the reason, for people.
func (x *execution) divisible(ctx context.Context) (each *engine.Step, rows, why string) {
	switch {
	case x.req.Mode == engine.ModeRun:
		return nil, "", "waybill run makes a run of its own each time; apply is shared"
	case x.limit > 0, x.req.TestTo != "", x.req.Again.Asked(), x.req.ToResend != nil, x.req.Expect != nil:
		return nil, "", "it was asked for a few rows, or for exactly what a plan holds"
	}
	for _, s := range x.req.Job.Steps {
		switch {
		case !x.reaches(s):
		case each != nil:
			return nil, "", fmt.Sprintf("steps %s and %s follow each other", each.Path, s.Path)
		case s.ForEach == nil:
			return nil, "", fmt.Sprintf("step %s is no forEach", s.Path)
		case s.ForEach.Rollout != nil:
			return nil, "", fmt.Sprintf("step %s has a rollout, whose waves follow each other", s.Path)
		case !fixed(s.ForEach):
			return nil, "", fmt.Sprintf("the rows of step %s come from an answer", s.Path)
		default:
			each = s
		}
	}
	digest, err := x.readWhole(ctx, each)
	if err != nil {
		return nil, "", fmt.Sprintf("the rows of step %s cannot be read to their end: %v", each.Path, err)
	}
	sum := sha256.Sum256([]byte(each.Path + "\x00" + digest))
	return each, hex.EncodeToString(sum[:16]), ""
}

// hadAll says whether this process did all of the run's rows itself.
func (x *execution) hadAll() bool { return x.share == nil || x.share.ended == engine.Parts }

// sawEnd says whether this process ends as the run does: it ended the last part, or was there for the others' and did not leave for an
// error of its own.
func (sh *share) sawEnd() bool {
	return sh.last || sh.x.req.Placement != nil && sh.x.tally.fatal == nil
}

// part is the part that an element belongs to. A row that cannot be read has no key.
func (e element) part() int {
	if e.err != nil {
		return engine.PartOf("row " + strconv.Itoa(e.Row))
	}
	return engine.PartOf(e.Key)
}

// has says whether an element is one of the pass's; a nil share has all.
func (sh *share) has(e element) bool { return sh == nil || sh.pass[e.part()] }

// begin says whether an item may begin: its part was not given up. end must follow.
func (sh *share) begin(e element) bool {
	if sh == nil {
		return true
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	p := &sh.parts[e.part()]
	if !p.held || p.dropped {
		return false
	}
	p.busy++
	return true
}

// end notes that an item that began ended.
func (sh *share) end(e element) {
	if sh == nil {
		return
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.parts[e.part()].busy--
}

// count takes in how an item ended that this run decided.
func (sh *share) count(e engine.Ending) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.own.Ended++
	switch e {
	case engine.EndedFailed:
		sh.own.Failed++
	case engine.EndedInDoubt:
		sh.own.InDoubt++
	case engine.EndedSucceeded, engine.EndedSkipped, engine.EndedNotSent, engine.EndedWaiting, engine.EndedEarly:
	}
}

// learn takes in that a message was accepted, or refused for what it is, and returns how many were alike over all processes, none of
// them accepted; 0: some was.
func (sh *share) learn(accepted bool) (alike int) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if accepted {
		sh.own.Accepted = 1
		return 0
	}
	sh.own.Alike++
	if all := sh.own.Add(sh.others); all.Accepted == 0 {
		return all.Alike
	}
	return 0
}

// decided are the items that all processes decided.
func (sh *share) decided() engine.Counts {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	all := sh.own.Add(sh.others)
	return engine.Counts{Total: all.Ended, Failed: all.Failed, InDoubt: all.InDoubt}
}

// look tells the others how far this process is, and takes in how the run stands. What ended it for all ends it here. stays says whether
// the process is to stay where it has no part.
func (sh *share) look(ctx context.Context, take bool) (lease engine.Lease, stays bool, err error) {
	sh.mu.Lock()
	own := sh.own
	sh.mu.Unlock()
	asked := engine.Leasing{Only: sh.place.Parts(), Take: take, Progress: own}
	if lease, err = sh.ledger.LeaseParts(context.WithoutCancel(ctx), sh.x.run.ID, asked); err != nil {
		return lease, false, err
	}
	if lease.Status == engine.RunStopped && ctx.Err() == nil {
		sh.x.stop(&stopError{reason: lease.Reason})
	}
	sh.mu.Lock()
	sh.others = lease.Others
	sh.mu.Unlock()
	stays, err = sh.place.Stands(lease)
	return lease, stays, err
}

// give gives up parts beyond this process's share: at once nothing more of them is begun, and they are others' when what was begun of them
// has ended.
func (sh *share) give(ctx context.Context, lease engine.Lease) error {
	var free []int
	sh.mu.Lock()
	more := len(lease.Has) - lease.Share
	for _, part := range slices.Backward(lease.Has) {
		p := &sh.parts[part]
		if !p.held {
			continue
		}
		if !p.dropped && more <= 0 {
			continue
		}
		p.dropped = true
		more--
		if p.busy == 0 {
			p.held = false
			free = append(free, part)
		}
	}
	sh.mu.Unlock()
	if len(free) == 0 {
		return nil
	}
	return sh.ledger.FreeParts(context.WithoutCancel(ctx), sh.x.run.ID, free)
}

// follow looks after the share while rows are done, until ctx ends.
func (sh *share) follow(ctx context.Context) {
	every := time.NewTicker(lookEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		lease, _, err := sh.look(ctx, false)
		if err == nil {
			err = sh.give(ctx, lease)
		}
		if err != nil && !errors.Is(err, engine.ErrBusy) { // which the messages are told of, too
			sh.x.fail(err)
			return
		}
	}
}
