package runner

import (
	"context"
	"encoding/binary"
	"errors"
	"iter"
	"slices"
	"strconv"

	"waybill/engine"
	"waybill/engine/delivery"
)

// element is an item, or why there is none at that place.
type element struct {
	item
	err   error
	part  int  // of a divided run, that it is of
	again bool // an item shortly before it has the same key: what the ledger has of it changes before its turn
}

// fatal returns the error that ends the source, nil for an item and for one that is merely bad.
func (e element) fatal() error {
	if _, bad := errors.AsType[*itemError](e.err); bad {
		return nil
	}
	return e.err
}

// batches streams the items of the loop's source, some at a time, so that the ledger is asked about many at once.
func (l *loop) batches(ctx context.Context) iter.Seq[[]element] {
	return func(yield func([]element) bool) {
		var batch []element
		wanted := func(it item, err error) bool {
			e := l.elementOf(it, err)
			return e.fatal() != nil || l.looksAt(e)
		}
		for item, err := range l.x.itemsOf(ctx, l.step, l.outer.names, l.outer.item, wanted) {
			if batch == nil {
				batch = make([]element, 0, batchSize)
			}
			batch = append(batch, l.elementOf(item, err))
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

// elementOf makes an element, with the part that it belongs to. A row that cannot be read has no key. Items inside another item are of its
// part.
func (l *loop) elementOf(it item, err error) element {
	e := element{item: it, err: err, part: l.outer.part}
	switch {
	case l.portion == nil:
	case err != nil:
		e.part = engine.PartOf("row " + strconv.Itoa(it.Row))
	default:
		e.part = engine.PartOf(it.Key)
	}
	return e
}

// looksAt says whether an element concerns this process. The first --limit rows are the same for all, so each looks at all of them.
func (l *loop) looksAt(e element) bool {
	return l.x.limit > 0 || l.portion.has(e)
}

// recentKeys are the keys of the last items.
type recentKeys struct{ before, now map[string]struct{} }

// mark notes the keys of a batch, and which of its items have the key of one before them.
func (r *recentKeys) mark(batch []element) {
	r.before, r.now = r.now, make(map[string]struct{}, len(batch))
	for i := range batch {
		e := &batch[i]
		if e.err != nil {
			continue
		}
		_, before := r.before[e.Key]
		_, now := r.now[e.Key]
		e.again = before || now
		r.now[e.Key] = struct{}{}
	}
}

// known returns what the ledger has of an item at its turn, where it had this of it when its batch was begun.
func (l *loop) known(ctx context.Context, e element, had map[delivery.KeyHash]delivery.Delivery) (map[delivery.KeyHash]delivery.Delivery, error) {
	if !e.again || l.x.looking {
		return had, nil
	}
	l.x.outcomes.wait() // that of the item before it among them
	var keys []delivery.Key
	for _, step := range l.messages {
		keys = append(keys, l.x.deliveryKey(step, e.Key))
	}
	return l.x.engine.Ledger.Lookup(context.WithoutCancel(ctx), keys)
}

// lookup asks the ledger what it has of a batch.
func (l *loop) lookup(ctx context.Context, batch []element) (map[delivery.KeyHash]delivery.Delivery, error) {
	keys := make([]delivery.Key, 0, len(l.messages)*len(batch))
	for _, step := range l.messages {
		for _, b := range batch {
			if b.err == nil {
				keys = append(keys, l.x.deliveryKey(step, b.Key))
			}
		}
	}
	if l.again != nil { // what this run did before they waited is in the ledger, too
		return l.x.engine.Ledger.Lookup(context.WithoutCancel(ctx), keys)
	}
	return l.x.lookupKnown(ctx, keys)
}

// nothingToDo says whether every step of an item is a delivery that is not to be made.
func (l *loop) nothingToDo(ctx context.Context, it item, known map[delivery.KeyHash]delivery.Delivery) bool {
	if len(known) == 0 || !l.sendsOnly {
		return false
	}
	for _, step := range l.messages {
		key := l.x.deliveryKey(step, it.Key)
		d, ok := known[key.Hash()]
		l.asked = candidate{step: step, key: key, was: d, known: true}
		if !ok || l.x.admit(ctx, &l.asked, byKey).admits() {
			return false
		}
	}
	return true
}

// lookupOutside asks the ledger about the deliveries outside every forEach.
func (x *execution) lookupOutside(ctx context.Context) (map[delivery.KeyHash]delivery.Delivery, error) {
	var keys []delivery.Key
	for _, s := range flat(x.req.Job.Steps) {
		if _, ok := s.Sender(); ok {
			keys = append(keys, x.deliveryKey(s, ""))
		}
	}
	return x.lookupKnown(ctx, keys)
}

// lookupKnown asks the ledger about many deliveries at once. A run that just began has none yet.
func (x *execution) lookupKnown(ctx context.Context, keys []delivery.Key) (map[delivery.KeyHash]delivery.Delivery, error) {
	if len(keys) == 0 || x.engine.Ledger == nil || x.req.Mode == engine.ModeRun && x.req.Resume == nil {
		return nil, nil
	}
	return x.engine.Ledger.Lookup(context.WithoutCancel(ctx), keys)
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

// senders returns the steps of a forEach that reach a person, once for each item; and whether it has no other steps.
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

// half returns half of a hash: enough to tell the rows of one file apart.
func half(h delivery.KeyHash) uint64 { return binary.BigEndian.Uint64(h[:8]) }
