package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/eval"
	"waybill/engine/spill"
)

// Audience is how many people a request would reach.
type Audience struct {
	People  int              // items, and steps outside of one, by which a person may be messaged
	Unknown bool             // further items come from a step of the run itself
	Cost    *engine.PlanCost // the most that their messages can cost; nil: there is no rate card
}

// Count counts whom a request would reach, without rendering a message. It reads the rows once.
func (e *Engine) Count(ctx context.Context, req Request) (Audience, error) {
	return e.count(ctx, req, 0)
}

// count is Count, which ends once more than most people are counted; 0: it counts them all.
func (e *Engine) count(ctx context.Context, req Request, most int) (Audience, error) {
	l, err := e.look(ctx, req, int64(most), func(l *looker) visitor { return l })
	if err != nil {
		return Audience{}, err
	}
	if err := l.x.checkItems(ctx); err != nil {
		return Audience{}, err
	}
	found := Audience{People: int(l.x.recipients.Load()), Unknown: l.unknown}
	if l.x.cost.card != nil {
		found.Cost = l.bill.cost(l.x)
	}
	return found, nil
}

// looker is the visitor that counts: it goes where a run would go if every message were accepted, and does nothing.
type looker struct {
	x       *execution
	rows    spill.Table // row of each delivery that was met, by half of its hash
	unknown bool        // a person may be messaged by items that are not known yet
	err     error       // why looking ended
	bill    bill
}

// look walks a request with a visitor made of a looker. most ends it once more people are counted.
func (e *Engine) look(ctx context.Context, req Request, most int64, make func(*looker) visitor) (*looker, error) {
	quiet := *e
	quiet.Observe = nil // nothing happens yet
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	x, err := quiet.begin(ctx, req, stop)
	if err != nil {
		return nil, err
	}
	x.looking, x.most = true, most
	defer func() { _ = x.closeSpool() }() // nothing in it is needed any more
	l := &looker{x: x}
	defer func() { _ = l.rows.Close() }()
	top := newSequence(maps.Clone(x.names), "", 0, nil)
	if top.known, err = x.lookupOutside(ctx); err != nil {
		return nil, err
	}
	walker{x, make(l)}.steps(ctx, top, req.Job.Steps)
	enough := (*stopError)(nil)
	if cause := context.Cause(ctx); l.err == nil && x.tally.fatal == nil && cause != nil && !errors.As(cause, &enough) {
		l.err = cause
	}
	return l, errors.Join(l.err, x.tally.fatal, l.rows.Err())
}

// wanted says whether a step would be done, as far as that is known before the run.
func (l *looker) wanted(ctx context.Context, q *sequence, s *engine.Step) (wanted, unsure bool, err error) {
	failed, _ := s.If.UsesStatus()
	if !q.foresees(s.If) || failed && q.awaiting {
		return true, true, nil
	}
	wanted, err = truth(ctx, q, s)
	return wanted, false, err
}

// read would ask, and its answer is not known; about a message that is left out there is nothing to ask.
func (l *looker) read(_ context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	if reason := q.leftOutBefore(s); reason != "" && q.foresees(s.Params) {
		return q.leave(s, reason), engine.EndedSkipped
	}
	q.awaiting = true
	return nil, engine.EndedSucceeded
}

func (l *looker) leave(*sequence, *engine.Step, string) {}

func (l *looker) stand(_ context.Context, c candidate, answer decision) (map[string]any, engine.Ending) {
	return nil, l.foresee(&c, answer)
}

// crew goes through items one after the other. Those of an earlier step are not known.
func (l *looker) crew(q *sequence, s *engine.Step) crew {
	if s.ForEach.From.Uses("steps") {
		l.unknown = l.unknown || l.x.reaches(s)
		l.x.warn(diag.Diagnostic{
			Code: "plan-depends", Range: s.ForEach.Range,
			Summary: fmt.Sprintf("the items of %s come from an earlier step and are not known before the run", s.Path),
		})
		return nil
	}
	q.awaiting = true
	return inline{}
}

// broken ends the looking: what stands behind that place is not known.
func (l *looker) broken(_ *sequence, s *engine.Step, _ engine.Counts, err error) (map[string]any, engine.Ending) {
	l.err = unreadable(s, err)
	l.x.stop(l.err)
	return nil, engine.EndedEarly
}

// unreadable is the finding about a source that cannot be read to its end.
func unreadable(s *engine.Step, err error) error {
	if _, ok := errors.AsType[*eval.RenderError](err); ok {
		return finding(err, s.ForEach.Range)
	}
	if found, ok := errors.AsType[*diag.ListError](err); ok {
		return found
	}
	return diag.List{{
		Severity: diag.Error, Code: "unreadable-file", Range: s.ForEach.FromRange, Summary: err.Error(),
		Detail: "Rows are missing behind that place, so nothing was sent.",
	}}.Err()
}

func (l *looker) fail(q *sequence, _ *engine.Step, _ error) (map[string]any, engine.Ending) {
	if q.unsure {
		q.awaiting = true
		return nil, engine.EndedSucceeded
	}
	return nil, engine.EndedFailed
}

// deliver counts one message.
func (l *looker) deliver(ctx context.Context, q *sequence, s *engine.Step, op engine.Sender) (map[string]any, engine.Ending) {
	c, answer := l.meet(ctx, q, s, op)
	if answer.admits() {
		if (l.x.judgesPeople() || l.x.cost.card != nil) && s.Params != nil && q.foresees(s.Params) {
			if err := l.x.render(ctx, &c); err != nil && !l.x.leavesUnmade(&c) {
				if reason := q.leftOutBefore(s); reason != "" {
					return l.leftOut(&c, decision{admission: admitSkip, reason: reason})
				}
				return l.fail(q, s, err)
			}
		}
		answer = l.x.admit(ctx, &c, byMoment)
	}
	if answer.admits() {
		l.rows.Add(half(c.key.Hash()), q.row)
	}
	l.bill.meet(ctx, l.x, &c, answer)
	if answer.admission == admitInvalid {
		return l.fail(q, s, answer.err)
	}
	return l.leftOut(&c, answer)
}

// leftOut ends the step of a message by what was decided, as foresee says. That it is left out is known to the steps behind it.
func (l *looker) leftOut(c *candidate, answer decision) (map[string]any, engine.Ending) {
	ending := l.foresee(c, answer)
	if ending != engine.EndedSkipped {
		return nil, ending
	}
	return c.q.leave(c.step, answer.reason), ending
}

// leavesUnmade says whether a message that cannot be made changes nothing of what was decided before.
func (x *execution) leavesUnmade(c *candidate) bool {
	return c.refused || c.sent && !x.again(c.key.Item)
}

// meet asks the first admission rules about a message. What a sender that is gone had under way will be in doubt once the run
// holds the lock.
func (l *looker) meet(ctx context.Context, q *sequence, s *engine.Step, op engine.Sender) (candidate, decision) {
	c := l.x.candidate(q, s, op)
	if c.was.State == delivery.Intended {
		c.was.State = delivery.InDoubt
	}
	c.other, c.twin = l.firstRow(c.key)
	return c, l.x.admit(ctx, &c, byKey)
}

// firstRow returns the row that the same delivery was met for before.
func (l *looker) firstRow(key delivery.Key) (row int, met bool) {
	return l.rows.Row(half(key.Hash()))
}

// foresee says how the step ends if every message is accepted, and notes what that leaves unknown. A step that may not be done at
// all keeps nothing behind it from being done.
func (l *looker) foresee(c *candidate, answer decision) engine.Ending {
	switch {
	case c.q.unsure:
		c.q.awaiting = true
		return engine.EndedSucceeded
	case answer.admits():
		c.q.awaiting = true
		return engine.EndedSucceeded
	case answer.admission == admitSkip && answer.action == 0: // a duplicate, one that expired
		return engine.EndedSkipped
	case answer.admission == admitWait:
		return engine.EndedWaiting
	case answer.admission == admitHold:
		c.q.fromEarlierRun = true
		return engine.EndedInDoubt
	case answer.admission == admitStop:
		return engine.EndedEarly
	case c.was.State.Succeeded(), failedSinceAccepted(c.was):
		return engine.EndedSucceeded
	}
	c.q.fromEarlierRun = true
	return engine.EndedFailed
}
