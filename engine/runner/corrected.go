package runner

import (
	"context"

	"waybill/engine"
	"waybill/engine/delivery"
)

// refusedBefore: what WhatsApp refused for good, or failed to deliver, is left, unless what was wrong with it was put right since.
func refusedBefore(ctx context.Context, x *execution, c *candidate) decision {
	if !c.refused {
		return decision{}
	}
	if c.call == nil && x.render(ctx, c) != nil { // only to count; a message that cannot be made corrects nothing
		return x.leaveRefused(c)
	}
	if c.corrected = x.corrects(ctx, c); c.corrected {
		x.leave(c) // the correction is this row's, and another row of the same key is none
		return decision{}
	}
	return x.leaveRefused(c)
}

// leaveRefused leaves a refused delivery, and remembers its row: another row of the same key is no correction of it.
func (x *execution) leaveRefused(c *candidate) decision {
	x.leave(c)
	return decision{admission: admitSkip, reason: "refused-before", action: delivery.ActionRefused}
}

// leave remembers the row that decided about a delivery which the ledger has.
func (x *execution) leave(c *candidate) {
	if c.q == nil { // it is asked whether anything is to do, and nothing is decided
		return
	}
	x.leftMu.Lock()
	defer x.leftMu.Unlock()
	x.leftRows[half(c.key.Hash())] = c.q.row
}

// left returns the row of the same key that decided before.
func (x *execution) left(c *candidate) (row int, ok bool) {
	if !c.known || c.q == nil {
		return 0, false
	}
	x.leftMu.Lock()
	defer x.leftMu.Unlock()
	if len(x.leftRows) == 0 {
		return 0, false
	}
	row, ok = x.leftRows[half(c.key.Hash())]
	return row, ok && row != c.q.row
}

// corrects says whether a message is another one than was refused, in that for which it was. A changed recipient always is; a changed
// message is only where the message was at fault and not its recipient. What was refused as a message in a run that was stopped for it
// is tried again as it stands: its template may have been approved since.
func (x *execution) corrects(ctx context.Context, c *candidate) bool {
	m := c.call.Message
	switch {
	case x.inLedger(m.Recipient) != c.was.Recipient:
		return true
	case c.was.Cause != delivery.CauseMessage || x.engine.Ledger == nil:
		return false
	case x.engine.Ledger.Digest(m.Body) != c.was.Digest:
		return true
	}
	return x.wasStopped(ctx, c.was.Run)
}

// wasStopped says whether a run was stopped early. It is asked once for each run.
func (x *execution) wasStopped(ctx context.Context, id string) bool {
	if known, ok := x.stopped.Load(id); ok {
		return known.(bool) //nolint:forcetypeassert // it is stored below alone
	}
	run, err := x.engine.Ledger.Run(context.WithoutCancel(ctx), id)
	was := err == nil && run.Status == engine.RunStopped
	x.stopped.Store(id, was)
	return was
}
