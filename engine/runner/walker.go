package runner

import (
	"context"
	"errors"
	"maps"
	"slices"

	"waybill/engine"
	"waybill/engine/delivery"
)

// walker goes through a job's steps in their order, and through a forEach item by item. What is done at each place is the
// visitor's to say.
type walker struct {
	x *execution
	v visitor
}

// visitor does, plans or counts what the walker comes to. Each method that ends a step returns its outputs, which may be nil, and
// how it ended; the walker draws from that what follows.
type visitor interface {
	// wanted says whether a step is done, by its `if`. unsure: an answer decides it that is not known yet.
	wanted(ctx context.Context, q *sequence, s *engine.Step) (wanted, unsure bool, err error)
	// deliver does a step that reaches a person, for one item or for none.
	deliver(ctx context.Context, q *sequence, s *engine.Step, op engine.Sender) (map[string]any, engine.Ending)
	// read does a step that reaches nobody, for one item or for none.
	read(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending)
	// fail ends a step that cannot be done for what its item or its `if` says.
	fail(q *sequence, s *engine.Step, err error) (map[string]any, engine.Ending)
	// leave notes a message that is left out before it is looked at, for a reason: a code of `waybill explain`.
	leave(q *sequence, s *engine.Step, reason string)
	// stand ends a step that is not to be done, and whose message was sent before or may have been: the decision says how it stands.
	stand(ctx context.Context, c candidate, answer decision) (map[string]any, engine.Ending)
	// firstRow returns the row for which the same delivery was met before, where nothing was sent for it: a run finds that in the ledger.
	firstRow(key delivery.Key) (row int, met bool)
	// crew returns what does the items of a forEach; nil: they are not known yet, and the step is passed over.
	crew(q *sequence, s *engine.Step) crew
	// broken ends a forEach whose source cannot be read to its end.
	broken(q *sequence, s *engine.Step, done engine.Counts, err error) (map[string]any, engine.Ending)
}

// crew does the items of one forEach, one after the other or side by side.
type crew interface {
	// start does an item, at once or when there is room beside the others. idle says that nothing of it is left to do, so that it
	// needs no room. Items of one queue go one after the other. Where ctx ends before the item's turn, it is given up in the place of done.
	start(ctx context.Context, in queues, idle func() bool, do func(*permit), giveUp func())
	// wait returns when all items that were started ended, or were given up.
	wait()
}

// steps does steps in order until the sequence or the run ends. Skipped steps leave their outputs as null.
func (w walker) steps(ctx context.Context, q *sequence, steps []*engine.Step) {
	for i, s := range steps {
		before := q.end
		if ctx.Err() != nil {
			if slices.ContainsFunc(steps[i:], func(s *engine.Step) bool { return w.x.selected(s) && q.mayDo(s) }) {
				q.close(interrupted)
			}
			q.leaveRest(ctx, w.x, before, steps[i:], true)
			return
		}
		values, ending := w.step(ctx, q, s)
		if values != nil {
			q.steps[s.ID] = values
		}
		if ending == engine.EndedEarly {
			q.leaveRest(ctx, w.x, before, steps[i+1:], false)
			return
		}
		q.counts.Add(ending)
		if q.end == blocked && before != blocked && i < len(steps)-1 {
			w.x.tally.leaveRest()
		}
	}
}

// step decides whether a step is done, does it, and notes what that means for its sequence.
func (w walker) step(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	if !w.x.selected(s) {
		return w.passOver(q, s, "")
	}
	wanted, unsure, err := q.mayDo(s), false, error(nil)
	if wanted && s.If != nil {
		wanted, unsure, err = w.wanted(ctx, q, s)
	}
	if errors.Is(err, errInterrupted) {
		q.close(interrupted)
		return nil, engine.EndedEarly
	}
	if err == nil && !wanted {
		return w.leave(ctx, q, s)
	}
	if q.item == "" && !w.x.share.countsRest() {
		w.x.tell(engine.Event{Kind: engine.StepStarted, Step: s})
	}
	var values map[string]any
	var ending engine.Ending
	if err != nil {
		values, ending = w.v.fail(q, s, err)
		w.x.countStep(s, ending)
	} else {
		outer := q.unsure
		q.unsure = outer || unsure
		values, ending = w.perform(ctx, q, s)
		q.unsure = outer
	}
	q.done = q.done || ending != engine.EndedSkipped
	q.conclude(s, ending)
	return values, ending
}

// wanted says whether a step is done, by its `if`. It may ask for the time: where processes do the step together, one of them decides.
func (w walker) wanted(ctx context.Context, q *sequence, s *engine.Step) (wanted, unsure bool, err error) {
	if !w.x.divides(s) {
		return w.v.wanted(ctx, q, s)
	}
	type answer struct {
		Wanted bool   `json:"wanted"`
		Err    string `json:"err,omitempty"`
	}
	said, err := agree(ctx, w.x, s, fares{q: q}, func() (answer, error) {
		wanted, _, err := w.v.wanted(ctx, q, s)
		if err != nil {
			return answer{Err: err.Error()}, nil //nolint:nilerr // all processes are told of it
		}
		return answer{Wanted: wanted}, nil
	})
	switch {
	case err != nil:
		w.x.endEarly(err)
		return false, false, errInterrupted
	case said.Err != "":
		return false, false, errors.New(said.Err)
	}
	return said.Wanted, false, nil
}

// leave ends a step that is not done, for its `if` or for what happened before it. A message that was sent before, or may have been, was
// so all the same: it counts, and the steps behind it see it.
func (w walker) leave(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	op, ok := s.Sender()
	switch {
	case ok:
	case s.Operation == nil && s.ForEach == nil && len(q.known) > 0:
		return w.leaveGroup(ctx, q, s)
	default:
		return w.passOver(q, s, "")
	}
	if values, ending, stands := w.standing(ctx, q, s, op); stands {
		return values, ending
	}
	reason, ending := "condition", engine.EndedSkipped
	if !q.mayDo(s) {
		reason = earlierStep
		if q.unread {
			ending = engine.EndedNotSent
		}
	}
	w.x.tally.count(ending)
	w.v.leave(q, s, reason)
	return w.passOver(q, s, reason)
}

// standing ends a step whose message was sent before, or may have been; false: it was not.
func (w walker) standing(ctx context.Context, q *sequence, s *engine.Step, op engine.Sender) (map[string]any, engine.Ending, bool) {
	c := w.x.candidate(q, s, op)
	answer, stands := w.x.stands(ctx, &c)
	if _, met := w.v.firstRow(c.key); met || !stands {
		return nil, 0, false
	}
	values, ending := w.message(q, s, func() (map[string]any, engine.Ending) { return w.v.stand(ctx, c, answer) })
	q.done = true
	q.conclude(s, ending)
	return values, ending, true
}

// leaveGroup ends a group that is not done. Its messages that were sent before count; the others are no part of the item.
func (w walker) leaveGroup(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	inner := newSequence(maps.Clone(q.names), q.item, q.row, q.steps)
	inner.within(q)
	for _, step := range flat(s.Steps) {
		if op, sends := step.Sender(); sends && w.x.selected(step) {
			if _, ending, stands := w.standing(ctx, inner, step, op); stands {
				inner.counts.Add(ending)
			}
		}
	}
	if !inner.done {
		return w.passOver(q, s, "")
	}
	values, ending := w.endGroup(q, inner, s)
	q.done = true
	q.conclude(s, ending)
	return values, ending
}

// passOver ends a step that is not done. reason is why its message is left out; empty: it has none.
func (w walker) passOver(q *sequence, s *engine.Step, reason string) (map[string]any, engine.Ending) {
	values := skipped(s)
	w.x.finishedFor(reason, q, s, engine.EndedSkipped, values, nil)
	return values, engine.EndedSkipped
}

// perform does a step, whatever kind it is.
func (w walker) perform(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	if s.ForEach != nil {
		if s.ForEach.Rollout != nil && !w.x.looking {
			return w.rollout(ctx, q, s)
		}
		return w.forEach(ctx, q, s)
	}
	return w.once(ctx, q, s)
}

// once does a step for one item, or for none.
func (w walker) once(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	if s.Operation == nil {
		return w.group(ctx, q, s)
	}
	op, ok := s.Sender()
	if !ok {
		values, ending := w.v.read(ctx, q, s)
		w.x.countStep(s, ending)
		return values, ending
	}
	return w.message(q, s, func() (map[string]any, engine.Ending) { return w.v.deliver(ctx, q, s, op) })
}

// message does a step that reaches a person, and counts it.
func (w walker) message(q *sequence, s *engine.Step, do func() (map[string]any, engine.Ending)) (map[string]any, engine.Ending) {
	late := q.lateFailure
	values, ending := do()
	switch {
	case q.lateFailure != late:
		// A message that failed after it was accepted counts as failed, and the steps behind it go on as they would have when it was
		// accepted; one of them may make up for it.
		w.x.countStep(s, engine.EndedFailed)
		return values, ending
	case ending == engine.EndedSucceeded:
		q.lateFailure = nil
	}
	w.x.countStep(s, ending)
	return values, ending
}

// countStep counts a step in the run's counts: deliveries, or all steps in a job that makes none.
func (x *execution) countStep(s *engine.Step, ending engine.Ending) {
	_, sender := s.Sender()
	if ending != engine.EndedEarly && sender == x.sends {
		x.tally.count(ending)
	}
}

// group does the steps of a group that has no forEach.
func (w walker) group(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	inner := newSequence(maps.Clone(q.names), q.item, q.row, q.steps)
	inner.within(q)
	w.steps(ctx, inner, s.Steps)
	return w.endGroup(q, inner, s)
}

// endGroup ends a group as its steps ended.
func (w walker) endGroup(q, inner *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	q.fromEarlierRun, q.lateFailure, q.awaiting = q.fromEarlierRun || inner.fromEarlierRun, inner.lateFailure, q.awaiting || inner.awaiting
	q.unread = q.unread || inner.unread && !s.ContinueOnError
	if inner.end == interrupted {
		return nil, engine.EndedEarly
	}
	ending := inner.ending()
	values := groupValues(inner.counts, ending)
	w.x.finished(q, s, ending, values)
	return values, ending
}
