package runner

import (
	"context"
	"errors"
	"iter"
	"sync"
	"sync/atomic"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/delivery"
)

// placesAhead tells whose message is likely refused by Ledger.Intend, for those that the person had before the run, so that it is asked before
// a place in line is booked for it. The zero value has not looked.
type placesAhead struct {
	mu      sync.Mutex
	had     map[*engine.Step]*audience.Set // who had messages that count, by any id
	dayFull atomic.Bool                    // somebody had no place in the day
}

// placeAhead asks the ledger whether there is a place for a message, where that is in question.
func (x *execution) placeAhead(ctx context.Context, c *candidate) decision {
	reach := x.reach()
	if c.place != nil || !reach.Bounded() {
		return decision{}
	}
	ask := x.ahead.dayFull.Load() && isTemplate(c.op)
	if !ask && reach.BoundsPerson() {
		had, err := x.ahead.of(ctx, x, c.step, reach)
		if err != nil {
			x.fail(err)
			return decision{admission: admitStop, reason: "run-stopped"}
		}
		to := c.call.Message.Recipient
		ask = had.Has(to) || had.Has(x.known(to))
	}
	if !ask {
		return decision{}
	}
	err := x.engine.Ledger.HasPlace(context.WithoutCancel(ctx), delivery.Intent{
		Key: c.intended(), Run: x.run.ID, Recipient: x.redact(c.call.Message.Recipient), NumberID: c.call.Connection.PhoneNumberID, Row: c.q.row,
		Allowed: x.allowed(c.was), Began: x.began, Reach: reach, Template: isTemplate(c.op),
	})
	if answer, refused := x.refusedPlace(err); refused {
		return answer
	}
	if _, decided := errors.AsType[*delivery.DecidedError](err); err != nil && !decided { // of what is decided Intend says so
		x.fail(err)
		return decision{admission: admitStop, reason: "run-stopped"}
	}
	return decision{}
}

// of reads, once for a step, who had messages that count for one of it.
func (p *placesAhead) of(ctx context.Context, x *execution, s *engine.Step, reach delivery.Reach) (*audience.Set, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if had := p.had[s]; had != nil {
		return had, nil
	}
	had := &audience.Set{}
	var filters []engine.ReachFilter
	if reach.Once {
		k := x.deliveryKey(s, "")
		filters = append(filters, engine.ReachFilter{Job: k.Job, Scope: k.Scope, Step: k.Step})
	}
	if reach.AtMost > 0 {
		filters = append(filters, engine.ReachFilter{Since: x.engine.Now().Add(-reach.Per)})
	}
	for _, f := range filters {
		for d, err := range x.engine.Ledger.Reached(ctx, f) {
			if err != nil {
				return nil, err
			}
			had.Add(d.Recipient)
		}
	}
	if err := x.addOtherIDs(ctx, had); err != nil {
		return nil, err
	}
	if p.had == nil {
		p.had = map[*engine.Step]*audience.Set{}
	}
	p.had[s] = had
	return had, nil
}

// addOtherIDs adds every id that people of a set have and had.
func (x *execution) addOtherIDs(ctx context.Context, people *audience.Set) error {
	pairs := func() iter.Seq2[engine.Pair, error] { return x.engine.Ledger.Pairs(ctx, engine.PairFilter{Ended: true}) }
	for more := true; more; {
		if err := people.Expand(pairs); err != nil {
			return err
		}
		more = false
		var ids []string
		for m, err := range x.engine.Ledger.Moves(ctx) {
			if err != nil {
				return err
			}
			if people.Has(m.WasNumber) || people.Has(m.WasUserID) {
				ids = append(ids, m.Number, m.UserID)
			}
		}
		for _, id := range ids {
			if id != "" && !people.Has(id) {
				more = true
				break
			}
		}
		for _, id := range ids {
			if more && id != "" {
				people.Add(id)
			}
		}
	}
	return nil
}
