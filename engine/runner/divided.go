package runner

import (
	"context"
	"sync"
	"time"

	"waybill/engine"
)

// items does the items of a forEach: all, or, of a run that is divided, the parts of this process, and those that nobody has any more,
// until no part is left. Those of others are waited for: whoever has them may die.
func (w walker) items(ctx context.Context, q *sequence, s *engine.Step, counts *engine.Counts) (engine.Ending, error) {
	sh := w.x.share
	if sh == nil || w.x.looking || sh.forEach != s {
		return w.whole(ctx, q, s, nil, counts)
	}
	if err := sh.place.Begin(ctx, w.x.run.ID); err != nil {
		w.x.fail(err)
		return engine.EndedEarly, nil
	}
	following, done := context.WithCancel(ctx)
	var follower sync.WaitGroup
	follower.Go(func() { sh.follow(following) })
	defer follower.Wait()
	defer done()
	ending := engine.EndedSucceeded
	for told := false; ; {
		more, err := sh.take(ctx)
		switch {
		case err != nil:
			w.x.fail(err)
			return engine.EndedEarly, nil
		case ctx.Err() != nil:
			return engine.EndedEarly, nil
		case more == none:
			return ending, nil
		case more == later:
			if !told && w.x.req.Placement == nil {
				told = true
				w.x.tell(engine.Event{
					Kind: engine.Waiting, Step: s, Reason: "shared", Wait: lookEvery,
					Message: "the rows that are left are other processes'; this one stays until they are done, in case one of those dies",
				})
			}
			sh.pause(ctx)
			continue
		}
		if ending, err = w.whole(ctx, q, s, nil, counts); err != nil || ending == engine.EndedEarly || w.x.tally.isStopped() {
			return ending, err
		}
		if err := sh.endParts(ctx, *counts); err != nil {
			w.x.fail(err)
			return engine.EndedEarly, nil
		}
	}
}

// taken says what there is to do.
type taken uint8

const (
	none  taken = iota // no part is left
	later              // others have those that are left
	some               // this process has some
)

// take takes parts for the next pass over the rows.
func (sh *share) take(ctx context.Context) (taken, error) {
	lease, stays, err := sh.look(ctx, true)
	if err != nil {
		return none, err
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.pass = [engine.Parts]bool{}
	for _, part := range lease.Has {
		sh.pass[part] = true
		sh.parts[part] = partUnderWay{held: true}
	}
	switch {
	case len(lease.Has) > 0:
		return some, nil
	case stays:
		return later, nil
	}
	return none, nil
}

// pause waits until others may have given up or ended parts.
func (sh *share) pause(ctx context.Context) {
	t := time.NewTimer(lookEvery)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// endParts says that the parts of a pass are done, but for those that were given up.
func (sh *share) endParts(ctx context.Context, counts engine.Counts) error {
	so := engine.RunSucceeded
	switch {
	case counts.Waiting > 0:
		so = engine.RunStopped
	case counts.InDoubt > 0:
		so = engine.RunInDoubt
	case !sh.forEach.ContinueOnError && counts.Failed > 0, counts.NotSent > 0:
		so = engine.RunFailed
	}
	flight := context.WithoutCancel(ctx)
	sh.x.writeNotes(flight)
	for part, in := range sh.pass {
		sh.mu.Lock()
		p := &sh.parts[part]
		done, given := in && p.held && !p.dropped, in && p.held && p.dropped
		p.held = false
		sh.mu.Unlock()
		switch {
		case done:
			left, err := sh.ledger.EndPart(flight, sh.x.run.ID, part, so)
			if err != nil {
				return err
			}
			sh.ended++
			sh.last = left == 0
		case given:
			if err := sh.ledger.FreeParts(flight, sh.x.run.ID, []int{part}); err != nil {
				return err
			}
		}
	}
	return nil
}
