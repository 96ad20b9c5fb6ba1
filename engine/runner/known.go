package runner

import (
	"context"
	"encoding/binary"
	"errors"
	"iter"
	"slices"

	"waybill/engine"
	"waybill/engine/delivery"
)

// source is where the items of a forEach come from, and what the ledger has of them.
type itemSource struct {
	*execution
	outer     *sequence
	step      *engine.Step
	messages  []*engine.Step // that reach a person, once for each item
	sendsOnly bool           // there are no other steps
}

func (x *execution) source(q *sequence, s *engine.Step) itemSource {
	from := itemSource{execution: x, outer: q, step: s}
	from.messages, from.sendsOnly = senders(s)
	return from
}

// batches streams the items of the step's source, some at a time, so that the ledger is asked about many at once.
func (s itemSource) batches(ctx context.Context) iter.Seq[[]element] {
	return func(yield func([]element) bool) {
		var batch []element
		for item, err := range itemsOf(ctx, s.step.ForEach, s.Open, s.outer.names, s.outer.item) {
			if bad, ok := errors.AsType[*itemError](err); ok {
				item.Row = bad.Row
			}
			item.Key = s.conceal(item.Key)
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

// lookup asks the ledger what it has of a batch.
func (s itemSource) lookup(ctx context.Context, batch []element) (map[delivery.KeyHash]delivery.Delivery, error) {
	var keys []delivery.Key
	for _, step := range s.messages {
		for _, b := range batch {
			if b.err == nil {
				keys = append(keys, s.deliveryKey(step, b.Key))
			}
		}
	}
	return s.have(ctx, keys)
}

// knownOutside asks the ledger about the deliveries outside every forEach.
func (x *execution) knownOutside(ctx context.Context) (map[delivery.KeyHash]delivery.Delivery, error) {
	var keys []delivery.Key
	for _, s := range flat(x.job.Steps) {
		if _, ok := s.Sender(); ok {
			keys = append(keys, x.deliveryKey(s, ""))
		}
	}
	return x.have(ctx, keys)
}

// have asks the ledger about many deliveries at once. A run that just began has none yet.
func (x *execution) have(ctx context.Context, keys []delivery.Key) (map[delivery.KeyHash]delivery.Delivery, error) {
	if len(keys) == 0 || x.Ledger == nil || x.Mode == engine.ModeRun && x.Resume == nil {
		return nil, nil
	}
	return x.Ledger.Lookup(context.WithoutCancel(ctx), keys)
}

// flat lists steps and those in their groups, but for what has a forEach: its items have keys of their own.
func flat(steps []*engine.Step) []*engine.Step {
	var all []*engine.Step
	for _, s := range steps {
		if s.ForEach != nil {
			continue
		}
		if s.Operation == nil {
			all = append(all, flat(s.Steps)...)
			continue
		}
		all = append(all, s)
	}
	return all
}

// senders gives the steps of a forEach that reach a person, once for each item; and whether it has no other steps.
func senders(s *engine.Step) (list []*engine.Step, only bool) {
	if s.Operation != nil {
		if _, ok := s.Sender(); !ok {
			return nil, false
		}
		return []*engine.Step{s}, true
	}
	only = true
	for _, inner := range flat(s.Steps) {
		if _, ok := inner.Sender(); ok {
			list = append(list, inner)
		} else {
			only = false
		}
	}
	return list, only && !repeats(s.Steps)
}

// repeats says whether a forEach is among the steps, or in one of their groups.
func repeats(steps []*engine.Step) bool {
	return slices.ContainsFunc(steps, func(s *engine.Step) bool { return s.ForEach != nil || repeats(s.Steps) })
}

// deliveryKey is the identity of a step's delivery for an item.
func (x *execution) deliveryKey(s *engine.Step, item string) delivery.Key {
	return delivery.Key{Job: x.run.Job, Scope: x.run.Scope, Step: s.Path, Item: item}
}

// nothingToDo says whether every step of an item is a delivery that was made before: then no slot is taken for it.
func (s itemSource) nothingToDo(it Item, known map[delivery.KeyHash]delivery.Delivery) bool {
	if len(known) == 0 || !s.sendsOnly {
		return false
	}
	for _, step := range s.messages {
		if d, ok := known[s.deliveryKey(step, it.Key).Hash()]; !ok || s.action(d).Sends() {
			return false
		}
	}
	return true
}

// element is an item, or why there is none at that place.
type element struct {
	Item
	err error
}

// fatal gives the error that ends the source, nil for an item and for one that is merely bad.
func (e element) fatal() error {
	if _, bad := errors.AsType[*itemError](e.err); bad {
		return nil
	}
	return e.err
}

// allowed is what the user allows this run about a delivery; of one that the ledger does not have, the zero value.
func (x *execution) allowed(d delivery.Delivery) delivery.Allowed {
	resend := x.job.OnUncertain == engine.Resend || x.ToResend != nil && x.ToResend(d)
	return delivery.Allowed{Resend: resend, Refused: x.RetryFailed}
}

// action gives what this run does about a delivery that the ledger has.
func (x *execution) action(d delivery.Delivery) delivery.Action {
	return x.allowed(d).Action(d.State, d.Retryable)
}

// half gives half of a hash: enough to tell the rows of one file apart.
func half(h delivery.KeyHash) uint64 { return binary.BigEndian.Uint64(h[:8]) }

// selected says whether --only leaves a step in.
func (x *execution) selected(s *engine.Step) bool { return s.Within(x.Only) }
