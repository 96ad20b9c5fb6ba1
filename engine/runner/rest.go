package runner

import (
	"context"
	"errors"

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
	flight := context.WithoutCancel(ctx)
	limited := l.limit()
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
				l.countUnreached(e, known)
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
		d.x.notes.count(d.x.noteOf(d.q.part), d.step.Path, delivery.OutcomeNotSent, "run-stopped")
	}
}

// groupStopped says whether stopAfter ended the forEach around the message.
func (c *candidate) groupStopped() bool { return c.q.loop != nil && c.q.loop.tripped.Load() }

// countUnreached counts the messages of one item: those that an earlier run decided are met, the others are not sent.
func (l *loop) countUnreached(e element, known map[delivery.KeyHash]delivery.Delivery) {
	for _, step := range l.messages {
		d, ok := known[l.x.deliveryKey(step, e.Key).Hash()]
		switch {
		case e.err != nil || !ok:
			l.x.notes.count(l.x.noteOf(e.part), step.Path, delivery.OutcomeNotSent, "run-stopped")
		case d.Run != l.x.run.ID:
			l.x.notes.meet(d.Counting().ID)
		}
	}
}
