package engine

import (
	"context"
	"errors"
	"iter"
)

// batches streams the items of the step's source, some at a time, so that the ledger is asked about many at once.
func (g *gang) batches(ctx context.Context) iter.Seq[[]element] {
	return func(yield func([]element) bool) {
		var batch []element
		for item, err := range g.step.ForEach.items(ctx, g.Open, g.outer.names, g.outer.item) {
			if bad, ok := errors.AsType[*itemError](err); ok {
				item.Row = bad.Row
			}
			item.Key = g.conceal(item.Key)
			batch = append(batch, element{Item: item, err: err})
			if len(batch) == batchSize {
				if !yield(batch) {
					return
				}
				batch = nil // the items that were begun keep theirs
			}
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}

// lookup asks the ledger what it has of a batch. A run that just began has nothing yet.
func (g *gang) lookup(ctx context.Context, batch []element) (map[KeyHash]Delivery, error) {
	if g.Mode == ModeRun && g.Resume == nil {
		return nil, nil
	}
	var keys []Key
	for _, step := range g.body() {
		if _, ok := step.Sender(); !ok {
			continue
		}
		for _, b := range batch {
			if b.err == nil {
				keys = append(keys, g.deliveryKey(step, b.Key))
			}
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	return g.Ledger.Lookup(context.WithoutCancel(ctx), keys)
}

// body gives the steps that are done for each item.
func (g *gang) body() []*Step {
	if g.step.Operation != nil {
		return []*Step{g.step}
	}
	return g.step.Steps
}

// deliveryKey is the identity of a step's delivery for an item.
func (x *execution) deliveryKey(s *Step, item string) Key {
	return Key{Job: x.run.Job, Scope: x.run.Scope, Step: s.Path, Item: item}
}

// nothingToDo says whether every step of an item is a delivery that was made before: then no seat is taken for it.
func (g *gang) nothingToDo(it Item, known map[KeyHash]Delivery) bool {
	if len(known) == 0 {
		return false
	}
	for _, step := range g.body() {
		if _, ok := step.Sender(); !ok {
			return false
		}
		if d, ok := known[g.deliveryKey(step, it.Key).Hash()]; !ok || !g.decided(d) {
			return false
		}
	}
	return true
}

// decided says whether a delivery that the ledger has needs nothing from this run: it was made, it is held, or it
// was refused for good. Whatever else there is, Ledger.Intend decides.
func (x *execution) decided(d Delivery) bool {
	switch d.State {
	case Accepted, Sent, Delivered, Read:
		return true
	case Failed, Rejected:
		return !d.Again && !x.RetryFailed
	case InDoubt:
		return x.job.OnUncertain != Resend
	case Planned, Intended:
	}
	return false
}
