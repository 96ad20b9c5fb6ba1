package runner

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/eval"
)

// sequence is a list of steps being done in order: the job's own, a group's, or an item's. One goroutine works
// on it.
type sequence struct {
	names eval.Names     // what its expressions see; "steps" is values
	steps map[string]any // outputs of the steps that ended, by id: its own and those of the sequences around it
	item  string         // key of the item; empty outside a forEach
	row   int            // of the item; 0 outside
	slot  *slot          // the item's; outside a forEach one that never waits
	known map[delivery.KeyHash]delivery.Delivery

	failed bool              // a step failed that was not to be borne, or an item of one did
	doubt  bool              // a step is in doubt, or an item of one is
	over   bool              // ended by a failed step: only failed() and always() follow
	held   bool              // ended by a step in doubt: only always() follows
	cut    bool              // the run ended before the sequence did
	old    bool              // a failure or a doubt in it is an earlier run's
	did    int               // steps that were not skipped
	lost   *engine.StepError // a message that was accepted by an earlier run and failed since, and none after it was sent
	person *bool             // a message went out in it: all sequences of one item share it; nil outside a forEach
	counts engine.Counts
}

// newSequence opens a sequence inside of another, or the first one with no outer steps. It keeps names for
// itself.
func newSequence(names eval.Names, item string, row int, outer map[string]any) *sequence {
	q := &sequence{names: names, item: item, row: row, slot: &slot{}}
	q.steps = make(map[string]any, len(outer)+4)
	maps.Copy(q.steps, outer)
	q.names["steps"] = q.steps
	return q
}

// knows gives what the ledger had of a delivery when the sequence began.
func (q *sequence) knows(key delivery.Key) (delivery.Delivery, bool) {
	if len(q.known) == 0 {
		return delivery.Delivery{}, false // most often, and a hash is not free
	}
	d, ok := q.known[key.Hash()]
	return d, ok
}

// walk does steps in order until the sequence or the run ends. Skipped steps leave their outputs as null.
func (x *execution) walk(ctx context.Context, q *sequence, steps []*engine.Step) {
	for i, s := range steps {
		if ctx.Err() != nil {
			q.cut = slices.ContainsFunc(steps[i:], func(s *engine.Step) bool { return x.selected(s) && q.mayDo(s) })
			return
		}
		held := q.held
		values, ending := x.visit(ctx, q, s)
		if values != nil {
			q.steps[s.ID] = values
		}
		if ending == engine.EndedEarly {
			return
		}
		q.counts.Add(ending)
		if q.held && !held && i < len(steps)-1 {
			x.book.leaveRest()
		}
	}
}

// visit decides whether a step is done, does it, and notes what that means for the sequence.
func (x *execution) visit(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	if !x.selected(s) {
		return x.passOver(q, s)
	}
	wanted, err := q.wants(ctx, s)
	if err == nil && !wanted {
		if _, ok := s.Sender(); ok {
			x.book.count(engine.EndedSkipped)
		}
		return x.passOver(q, s)
	}
	if q.item == "" {
		x.tell(engine.Event{Kind: engine.StepStarted, Step: s})
	}
	var values map[string]any
	var ending engine.Ending
	if err != nil {
		values, ending = x.failedStep(q, s, &engine.Verdict{Judgement: engine.JudgedRefused, Err: err}, 0)
		x.countStep(s, ending)
	} else {
		values, ending = x.perform(ctx, q, s)
	}
	q.did++
	q.conclude(s, ending)
	return values, ending
}

// passOver ends a step that is not done.
func (x *execution) passOver(q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	values := skipped(s)
	x.finished(q, s, engine.EndedSkipped, values, nil)
	return values, engine.EndedSkipped
}

// conclude notes what a step's ending means for its sequence. Failed items end their own sequences: what comes
// after their forEach is still done, and knows that something failed.
func (q *sequence) conclude(s *engine.Step, ending engine.Ending) {
	switch ending {
	case engine.EndedFailed:
		if s.ContinueOnError {
			return
		}
		q.failed = true
		q.over = q.over || s.ForEach == nil
	case engine.EndedInDoubt:
		q.doubt = true
		q.held = q.held || s.ForEach == nil
	case engine.EndedEarly:
		q.cut = true
	case engine.EndedSucceeded, engine.EndedSkipped:
	}
}

// perform does a step, whatever kind it is.
func (x *execution) perform(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	if s.ForEach != nil {
		return x.each(ctx, q, s)
	}
	return x.once(ctx, q, s)
}

// once does a step for one item, or for none.
func (x *execution) once(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	if s.Operation == nil {
		return x.group(ctx, q, s)
	}
	if op, ok := s.Sender(); ok {
		return x.deliver(ctx, q, s, op)
	}
	values, ending := x.read(ctx, q, s)
	x.countStep(s, ending)
	return values, ending
}

// deliver does a step that reaches a person. A message that failed after it was accepted counts as failed, and the steps
// behind it go on as they would have when it was; one of them may make up for it.
func (x *execution) deliver(ctx context.Context, q *sequence, s *engine.Step, op engine.Sender) (map[string]any, engine.Ending) {
	lost := q.lost
	values, ending := x.send(ctx, q, s, op)
	switch {
	case q.lost != lost:
		x.countStep(s, engine.EndedFailed)
		return values, ending
	case ending == engine.EndedSucceeded:
		q.lost = nil
	}
	x.countStep(s, ending)
	return values, ending
}

// countStep counts a step in the run's counts: deliveries, or all steps in a job that makes none.
func (x *execution) countStep(s *engine.Step, ending engine.Ending) {
	_, sender := s.Sender()
	if ending != engine.EndedEarly && sender == x.sends {
		x.book.count(ending)
	}
}

// group does the steps of a group that has no forEach.
func (x *execution) group(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	inner := newSequence(maps.Clone(q.names), q.item, q.row, q.steps)
	inner.slot, inner.known, inner.person, inner.lost = q.slot, q.known, q.person, q.lost
	x.walk(ctx, inner, s.Steps)
	q.old, q.lost = q.old || inner.old, inner.lost
	if inner.cut {
		return nil, engine.EndedEarly
	}
	ending := inner.ending()
	values := groupValues(inner.counts, ending)
	x.finished(q, s, ending, values, nil)
	return values, ending
}

// ending says how a sequence ended as a whole.
func (q *sequence) ending() engine.Ending {
	switch {
	case q.doubt:
		return engine.EndedInDoubt
	case q.failed:
		return engine.EndedFailed
	case q.did == 0:
		return engine.EndedSkipped
	}
	return engine.EndedSucceeded
}

// wants says whether a step is to be done, by what happened before it and by its `if`.
func (q *sequence) wants(ctx context.Context, s *engine.Step) (bool, error) {
	if s.If == nil || !q.mayDo(s) {
		return q.mayDo(s), nil
	}
	q.names[eval.Failed] = q.failed
	value, err := s.If.Truth(ctx, q.names)
	if err != nil {
		return false, fmt.Errorf("if: %w", err)
	}
	return value, nil
}

// mayDo says whether what happened before a step leaves it to its `if`.
func (q *sequence) mayDo(s *engine.Step) bool {
	if s.If == nil {
		return !q.over && !q.held
	}
	failed, always := s.If.UsesStatus()
	// In doubt is not failed: the message may yet arrive, so no fallback starts for it.
	return always || !q.held && (!q.over || failed)
}
