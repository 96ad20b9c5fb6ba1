package runner

import (
	"context"
	"errors"

	"waybill/engine/delivery"
)

// countRest counts the messages of a forEach that was stopped before their turn: the next apply sends them. After the user's
// interrupt it does not, for the user waits.
func (l *loop) countRest(ctx context.Context) error {
	stopped := (*stopError)(nil)
	if l.x.looking || len(l.messages) == 0 || !l.tripped.Load() && !errors.As(context.Cause(ctx), &stopped) {
		return nil
	}
	flight := context.WithoutCancel(ctx)
	begun := l.begun
	for batch := range l.batches(flight) {
		if begun >= len(batch) {
			begun -= len(batch)
			continue
		}
		batch, begun = batch[begun:], 0
		known, err := l.lookup(flight, batch)
		if err != nil {
			return nil //nolint:nilerr // the ledger's failure is told by what sends; these are counts
		}
		for _, e := range batch {
			if e.fatal() != nil {
				return nil
			}
			l.countUnreached(e, known)
		}
	}
	return nil
}

// countUnreached counts the messages of one item: those that an earlier run decided are met, the others are not sent.
func (l *loop) countUnreached(e element, known map[delivery.KeyHash]delivery.Delivery) {
	for _, step := range l.messages {
		d, ok := known[l.x.deliveryKey(step, e.Key).Hash()]
		switch {
		case e.err != nil || !ok:
			l.x.notes.count(step.Path, delivery.OutcomeNotSent, "run-stopped", 1)
		case d.Run != l.x.run.ID:
			l.x.notes.meet(d.ID)
		}
	}
}
