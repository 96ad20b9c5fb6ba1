package runner

import (
	"context"
	"errors"

	"waybill/engine"
	"waybill/engine/delivery"
)

// countRest counts the messages of a forEach, or of its wave, that was stopped before their turn: the next apply sends them. After the
// user's interrupt it does not, for the user waits.
func (l *loop) countRest(ctx context.Context) {
	_ = l.countUnreachedOf(ctx, func(e element) bool { // the ledger's failure is told by what sends; these are counts
		return e.Index >= l.next && l.wave.holds(l.step, e) && l.portion.has(e)
	})
}

// countLater counts those of the waves behind the one at which a rollout ended.
func (l *loop) countLater(ctx context.Context) error {
	return l.countUnreachedOf(ctx, func(e element) bool { return l.wave.follows(l.step, e) })
}

// countUnreachedOf counts the messages of the items that are meant, where the run was stopped for a reason. Its error is the ledger's.
func (l *loop) countUnreachedOf(ctx context.Context, meant func(element) bool) error {
	if l.x.looking || len(l.messages) == 0 || !l.tripped.Load() && l.portion.stopped() == "" && !l.x.wasCutShort(ctx) {
		return nil
	}
	flight, limited := context.WithoutCancel(ctx), l.limit()
	for batch := range l.batches(flight) {
		known, err := l.lookup(flight, batch)
		if err != nil {
			return err
		}
		for _, e := range batch {
			if e.fatal() != nil || !limited.takes(flight, e) {
				return nil
			}
			if meant(e) {
				wanted, err := l.wants(flight, e)
				l.countUnreached(flight, e, wanted || err != nil, known) // what is wrong with the row is for the run that comes to it
			}
		}
	}
	return nil
}

// wasCutShort says whether the run was stopped for a reason, and not by the user's interrupt.
func (x *execution) wasCutShort(ctx context.Context) bool {
	stopped := (*stopError)(nil)
	return errors.As(context.Cause(ctx), &stopped)
}

// notReached counts a message that was begun and stopped before its request.
func (d *dispatch) notReached(ctx context.Context) {
	switch {
	case d.tried || !d.x.wasCutShort(ctx) && !d.groupStopped(): // it was tried in this run, or nobody counts
	case d.known && d.was.Run != d.x.run.ID:
		d.x.notes.meet(d.was.Counting().ID)
	case !d.known:
		d.x.countNotSent(d.q, d.step)
	}
}

// groupStopped says whether stopAfter ended the forEach around the message.
func (c *candidate) groupStopped() bool { return c.q.loop != nil && c.q.loop.tripped.Load() }

// countUnreached counts the messages of one item that was not begun. wanted is what the forEach's `where` says.
func (l *loop) countUnreached(ctx context.Context, e element, wanted bool, known map[delivery.KeyHash]delivery.Delivery) {
	q := &sequence{names: e.Names, item: e.Key, row: e.Row, part: e.part, known: known, loop: l}
	for _, step := range l.messages {
		switch {
		case !l.x.selected(step):
		case !wanted:
			l.x.countLeftOut(q, step, "where")
		case e.err != nil:
			l.x.countNotSent(q, step)
		default:
			l.x.countUndone(ctx, q, step, true, false)
		}
	}
}

// leaveRest counts the messages of an item's steps that are not come to, since the run was stopped for a reason. before is how far the
// sequence might go then; next says that what stands before the first of them ended, so that its `if` has an answer.
func (q *sequence) leaveRest(ctx context.Context, x *execution, before end, steps []*engine.Step, next bool) {
	if q.loop == nil || x.looking || !x.wasCutShort(ctx) && !q.loop.tripped.Load() {
		return
	}
	then, flight := &sequence{end: before}, context.WithoutCancel(ctx)
	for _, step := range flat(steps) {
		if _, sends := step.Sender(); !sends || !x.selected(step) {
			continue
		}
		x.countUndone(flight, q, step, then.mayDo(step), next && step == steps[0])
	}
}

// countUndone counts a message that the run did not come to: what was decided before is met, what is left out for the steps before it (it
// is not open to it) or by its `if` is left out, and so is one whose `if` asks what becomes of steps before it that are still to be done
// (next: all of them ended): it makes up for one of them, which is counted, or follows it. Another is not sent.
func (x *execution) countUndone(ctx context.Context, q *sequence, s *engine.Step, open, next bool) {
	d, known := q.knows(x.deliveryKey(s, q.item))
	switch {
	case known && d.Run == x.run.ID: // it counts already
	case known:
		x.notes.meet(d.Counting().ID)
	case !x.inOpenGroup(ctx, q, s):
	case !open:
		x.countBehind(q, s)
	case conditionFails(ctx, q, s, next):
		x.countLeftOut(q, s, "condition")
	case s.If != nil && s.ForEach == nil && asksAboutSteps(s) && (!next || q.again):
		x.countLeftOut(q, s, earlierStep)
	default:
		x.countNotSent(q, s)
	}
}

// groupsAround finds the group around each step, within its forEach; nil: none.
func groupsAround(steps []*engine.Step, group *engine.Step, into map[*engine.Step]*engine.Step) map[*engine.Step]*engine.Step {
	for _, s := range steps {
		into[s] = group
		around := s
		if s.ForEach != nil {
			around = nil // its items are begun when its own `if` has its answer
		}
		groupsAround(s.Steps, around, into)
	}
	return into
}

// inOpenGroup says whether the groups around a step are done for all that is known: the messages of one that is not are none of its item's.
func (x *execution) inOpenGroup(ctx context.Context, q *sequence, s *engine.Step) bool {
	for g := x.groups[s]; g != nil; g = x.groups[g] {
		if g.If != nil && (asksAboutSteps(g) || conditionFails(ctx, q, g, false)) {
			return false
		}
	}
	return true
}

// asksAboutSteps says whether a step's `if` asks what became of others.
func asksAboutSteps(s *engine.Step) bool {
	failed, _ := s.If.UsesStatus()
	return failed || s.If.Uses("steps")
}

func (x *execution) countNotSent(q *sequence, s *engine.Step) {
	x.notes.count(x.noteOf(q.part), s.Path, delivery.OutcomeNotSent, "run-stopped")
}

// conditionFails says whether a step's `if` leaves its message out, as far as that is known. next: the steps before it ended.
func conditionFails(ctx context.Context, q *sequence, s *engine.Step, next bool) bool {
	if s.If == nil || !next && asksAboutSteps(s) {
		return false
	}
	wanted, err := truth(ctx, q, s)
	return err == nil && !wanted
}
