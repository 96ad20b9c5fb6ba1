package runner

import (
	"context"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
)

// leavesOut says whether the forEach's `where` leaves an item out, and counts it then. A condition that cannot be evaluated is its row's
// error.
func (l *loop) leavesOut(ctx context.Context, e element, known map[delivery.KeyHash]delivery.Delivery) bool {
	wanted, err := l.wants(ctx, e)
	if err != nil {
		e.err = err
		l.badRow(e)
		return true
	}
	if wanted {
		return false
	}
	q := &sequence{item: e.Key, row: e.Row, part: e.part, known: known}
	for _, s := range l.messages {
		if l.x.selected(s) {
			l.w.v.leave(q, s, "where")
			l.x.finishedFor("where", q, s, engine.EndedSkipped, skipped(s), nil)
		}
	}
	l.x.remarks.leave(l.portion, l.step, e)
	l.ended(e, engine.EndedSkipped, false)
	return true
}

// wants says whether the forEach's `where` lets an item in, also one that has no key: it may be a line of units. It does with one that cannot
// be read: that is said of it.
func (l *loop) wants(ctx context.Context, e element) (bool, error) {
	where := l.step.ForEach.Where
	if where == nil || e.Names == nil {
		return true, nil
	}
	wanted, err := where.Truth(ctx, e.Names)
	if err != nil {
		if e.err != nil { // which is said of it
			return true, nil //nolint:nilerr // see above
		}
		return false, &itemError{Row: e.Row, Cell: engine.Column(where), Err: fmt.Errorf("where: %w", err)}
	}
	return wanted, nil
}
