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
			l.x.countUndone(ctx, q, step, true)
		}
	}
}

// leaveRest counts the messages of an item's steps that are not come to, since the run was stopped for a reason. before is how far the
// sequence might go then.
func (q *sequence) leaveRest(ctx context.Context, x *execution, before end, steps []*engine.Step) {
	if q.loop == nil || x.looking || !x.wasCutShort(ctx) && !q.loop.tripped.Load() {
		return
	}
	then := &sequence{end: before}
	for _, step := range flat(steps) {
		if _, sends := step.Sender(); sends && x.selected(step) {
			x.countUndone(context.WithoutCancel(ctx), q, step, then.mayDo(step))
		}
	}
}

// countUndone counts a message that the run did not come to: what was decided before is met, what is left out for the steps before it (it
// is not open to it) or by its `if` is left out, another is not sent.
func (x *execution) countUndone(ctx context.Context, q *sequence, s *engine.Step, open bool) {
	d, known := q.knows(x.deliveryKey(s, q.item))
	switch {
	case known && d.Run == x.run.ID: // it counts already
	case known:
		x.notes.meet(d.Counting().ID)
	case !open:
		x.countBehind(q, s)
	case conditionFails(ctx, q, s):
		x.countLeftOut(q, s, "condition")
	default:
		x.countNotSent(q, s)
	}
}

func (x *execution) countNotSent(q *sequence, s *engine.Step) {
	x.notes.count(x.noteOf(q.part), s.Path, delivery.OutcomeNotSent, "run-stopped")
}

// conditionFails says whether a step's `if` leaves its message out, as far as that is known without the steps before it.
func conditionFails(ctx context.Context, q *sequence, s *engine.Step) bool {
	if s.If == nil || s.If.Uses("steps") {
		return false
	}
	if failed, always := s.If.UsesStatus(); failed || always {
		return false
	}
	wanted, err := truth(ctx, q, s)
	return err == nil && !wanted
}
