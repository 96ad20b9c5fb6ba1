package runner

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"waybill/engine"
)

// portion is what this process has of one stage of a divided run. A nil portion has all of it.
type portion struct {
	*share
	stage Stage
	each  *engine.Step // whose items are divided; nil: the stage has one part, which one process does
	final bool         // no stage follows
	where *leftRows    // none of its rows, as where sees them; nil: it asks for no text

	mu     sync.Mutex
	parts  [engine.Parts]partUnderWay
	pass   [engine.Parts]bool // the parts of the pass over the rows that is under way
	begun  bool               // the pass: before, its parts are as they were when they were taken
	own    engine.Progress
	others engine.Progress

	began   time.Time     // when the pass did
	open    int           // parts of the stage that were then
	ahead   time.Duration // how long it took others to end some of these; 0: they did not
	drained chan struct{} // has a value when nothing of a part is under way any more that another is to have
	waits   lookAfter     // while others have the parts that are left
}

// partUnderWay is a part that this process has.
type partUnderWay struct {
	held    bool
	dropped bool // another is to have it: nothing more of it is begun
	busy    int  // its items that were begun and have not ended
	own     engine.PartProgress
	came    partOutcome
}

// has says whether an element is one of the pass's, and was not given up since; a nil portion has all.
func (p *portion) has(e element) bool {
	if p == nil {
		return true
	}
	if !p.pass[e.part] {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.parts[e.part].held && !p.parts[e.part].dropped
}

// begin says whether an item may begin: its part was not given up. end must follow.
func (p *portion) begin(e element) bool {
	if p == nil {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	part := &p.parts[e.part]
	if !part.held || part.dropped {
		return false
	}
	part.busy++
	return true
}

// end notes that an item that began ended.
func (p *portion) end(e element) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	part := &p.parts[e.part]
	if part.busy--; part.busy == 0 && part.dropped {
		select {
		case p.drained <- struct{}{}:
		default:
		}
	}
}

// count takes in how an item ended. decided: by this run.
func (p *portion) count(e element, ending engine.Ending, decided bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	part := &p.parts[e.part]
	part.came.Counts.Add(ending)
	if !decided || p.each.ForEach.StopAfter == (engine.Threshold{}) { // nobody asks how many
		return
	}
	one := engine.PartProgress{Ended: 1}
	switch ending {
	case engine.EndedFailed:
		one.Failed = 1
	case engine.EndedInDoubt:
		one.InDoubt = 1
	case engine.EndedSucceeded, engine.EndedSkipped, engine.EndedNotSent, engine.EndedWaiting, engine.EndedEarly:
	}
	part.own.Ended, part.own.Failed, part.own.InDoubt = part.own.Ended+one.Ended, part.own.Failed+one.Failed, part.own.InDoubt+one.InDoubt
	p.own.Ended, p.own.Failed, p.own.InDoubt = p.own.Ended+one.Ended, p.own.Failed+one.Failed, p.own.InDoubt+one.InDoubt
}

// leftRows are the rows of an item's part, as where sees them; nil: it asks for no text.
func (p *portion) leftRows(e element) *leftRows {
	p.mu.Lock()
	defer p.mu.Unlock()
	came := &p.parts[e.part].came
	if came.LeftOut == nil {
		came.LeftOut = p.where.none()
	}
	return came.LeftOut
}

// progress is how far this process is, as the others are told; p.mu is held.
func (p *portion) progress() engine.Progress {
	own := p.own
	own.Stage = p.stage.Number
	for n := range p.parts {
		if of := p.parts[n].own; of != (engine.PartProgress{}) {
			of.Part = n
			own.Parts = append(own.Parts, of)
		}
	}
	return own
}

// free takes it back that this process has a part, and what it counts of its items: whoever has it next decides them anew.
func (p *portion) free(n int) engine.EndedPart {
	part := &p.parts[n]
	part.held = false
	p.own.Ended, p.own.Failed, p.own.InDoubt = p.own.Ended-part.own.Ended, p.own.Failed-part.own.Failed, p.own.InDoubt-part.own.InDoubt
	part.own = engine.PartProgress{}
	return engine.EndedPart{Stage: p.stage.Number, Part: n, Outcome: part.came.text()}
}

// meet takes in a message of a rollout's wave.
func (p *portion) meet(item string, held int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	came := &p.parts[engine.PartOf(item)].came
	came.Messages, came.Held = came.Messages+1, came.Held+held
}

// again takes back the items that wait: they are done anew.
func (p *portion) again() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.parts {
		c := &p.parts[i].came.Counts
		c.Total -= c.Waiting
		c.Waiting = 0
	}
}

// decided are the items that the run decided, over all processes.
func (p *portion) decided() engine.Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.own.Add(p.others)
	return engine.Counts{Total: all.Ended, Failed: all.Failed, InDoubt: all.InDoubt}
}

// learn takes in that a message was accepted, or refused for what it is, and returns how many were alike over all processes, none of
// them accepted; 0: some was.
func (p *portion) learn(accepted bool) (alike int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if accepted {
		p.own.Accepted = 1
		return 0
	}
	p.own.Alike++
	if all := p.own.Add(p.others); all.Accepted == 0 {
		return all.Alike
	}
	return 0
}

// stop says to all processes that nothing more of the stage is to be begun. Where another said so before, its reason stands.
func (p *portion) stop(reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.own.Stopped = cmp.Or(p.own.Stopped, p.others.Stopped, reason)
}

// stopped says why nothing more of the stage is to be begun; empty: it goes on.
func (p *portion) stopped() string {
	if p == nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.own.Add(p.others).Stopped
}

// look tells the others how far this process is, and takes in how the run stands. What ended it for all ends it here. stays says whether
// the process is to stay where it has no part.
func (p *portion) look(ctx context.Context, take bool) (lease engine.Lease, stays bool, err error) {
	p.mu.Lock()
	own := p.progress()
	p.mu.Unlock()
	asked := engine.Leasing{Stage: p.stage.Number, Alone: p.stage.Alone, Take: take, Rest: p.countsRest(), Progress: own}
	if !asked.Rest {
		asked.Only = p.place.Parts(p.stage)
	}
	if lease, err = p.ledger.LeaseParts(context.WithoutCancel(ctx), p.x.run.ID, asked); err != nil {
		return lease, false, err
	}
	if lease.Status == engine.RunStopped && ctx.Err() == nil {
		p.x.stop(&stopError{reason: lease.Reason})
	}
	p.mu.Lock()
	p.others = lease.Others
	p.mu.Unlock()
	if asked.Rest {
		return lease, true, nil
	}
	stays, err = p.place.Stands(p.stage, lease)
	return lease, stays, err
}

// taken says what there is to do.
type taken uint8

const (
	none  taken = iota // no part is left for this process
	later              // others have those that are left
	some               // this process has some
)

// take takes parts for the next pass over the rows. A process that does not stay goes as one that was interrupted; in the last stage it
// need not see the end of it.
func (p *portion) take(ctx context.Context) (engine.Lease, taken, error) {
	lease, stays, err := p.look(ctx, true)
	if err != nil {
		return lease, none, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pass, p.begun = [engine.Parts]bool{}, false
	for _, part := range lease.Has {
		p.pass[part] = true
		p.parts[part] = partUnderWay{held: true}
	}
	switch {
	case len(lease.Has) > 0:
		p.waits, p.ahead, p.began, p.open = 0, 0, p.x.engine.Now(), len(lease.Open)
		return lease, some, nil
	case len(lease.Open) == 0, p.stage.Last && !stays:
		return lease, none, nil
	case !stays:
		p.x.stop(errLeft)
	}
	return lease, later, nil
}

// pause waits until others may have given up or ended parts.
func (p *portion) pause(ctx context.Context) {
	_ = rest(ctx, p.waits.next()) // the caller sees that it ended
}

// give gives up parts beyond this process's share: at once nothing more of them is begun, and they are others' when what was begun of them
// has ended.
func (p *portion) give(ctx context.Context, lease engine.Lease) error {
	p.mu.Lock()
	more := len(lease.Has) - lease.Share
	if p.isNearlyDone(lease) {
		more = 0
	}
	for _, n := range slices.Backward(lease.Has) {
		part := &p.parts[n]
		if !part.held {
			continue
		}
		if !part.dropped && more <= 0 {
			continue
		}
		part.dropped = true
		more--
	}
	p.mu.Unlock()
	return p.freeDrained(ctx)
}

// isNearlyDone says whether this process keeps what it has, since others have just ended theirs: processes are about as fast as each other,
// and whoever gets a part goes through all of its rows. One that takes twice as long, or longest more, is slower. mu is held.
func (p *portion) isNearlyDone(lease engine.Lease) bool {
	const longest = 30 * time.Second
	if len(lease.Open) >= p.open {
		return false
	}
	since := p.x.engine.Now().Sub(p.began)
	p.ahead = cmp.Or(p.ahead, since)
	return since-p.ahead < min(p.ahead, longest)
}

// freeDrained gives the parts to others that are to have them, as far as nothing of them is under way any more.
func (p *portion) freeDrained(ctx context.Context) error {
	var free []engine.EndedPart
	p.mu.Lock()
	for n := range p.parts {
		if part := &p.parts[n]; part.held && part.dropped && part.busy == 0 {
			free = append(free, p.free(n))
		}
	}
	p.mu.Unlock()
	if len(free) == 0 {
		return nil
	}
	p.x.writeNotes(ctx) // as long as they are this process's
	return p.ledger.FreeParts(context.WithoutCancel(ctx), p.x.run.ID, free)
}

// following looks after the portion, beside what is done of it, until end is called.
func (p *portion) following(ctx context.Context) (end func()) {
	ctx, done := context.WithCancel(ctx)
	var follower sync.WaitGroup
	follower.Go(func() { p.follow(ctx) })
	return func() {
		done()
		follower.Wait()
	}
}

func (p *portion) follow(ctx context.Context) {
	var after lookAfter
	next := time.NewTimer(after.next())
	defer next.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-p.drained:
			if rest(ctx, drainsTogether) != nil {
				return
			}
			err = p.freeDrained(ctx)
		case <-next.C:
			err = p.lookAndGive(ctx)
			next.Reset(after.next())
		}
		if err != nil && !errors.Is(err, engine.ErrBusy) { // which the messages are told of, too
			p.x.fail(err)
			return
		}
	}
}

func (p *portion) lookAndGive(ctx context.Context) error {
	lease, _, err := p.look(ctx, false)
	if err == nil && !p.stage.Alone {
		err = p.give(ctx, lease)
	}
	return err
}

// endAll says that parts are done with, what came of them, and all that is lost otherwise if this process dies before the run ends.
func (p *portion) endAll(ctx context.Context, parts []engine.EndedPart, status engine.RunStatus) error {
	p.mu.Lock()
	own := p.progress()
	p.mu.Unlock()
	so := engine.SoFar{Status: status, Met: p.x.notes.metSince(), Progress: &own, Last: p.final}
	switch {
	case p.countsRest():
		so.Status, so.Reason = engine.RunStopped, p.x.run.Reason
	case status == engine.RunStopped:
		so.Reason, so.WaitsUntil = p.x.tally.waitReason(), p.x.tally.waitsUntil()
	}
	left, err := p.ledger.EndParts(context.WithoutCancel(ctx), p.x.run.ID, parts, so)
	if err != nil {
		return err
	}
	p.ended += len(parts)
	p.last = left == 0
	return nil
}
