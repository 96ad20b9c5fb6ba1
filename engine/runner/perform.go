package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/eval"
)

// performer is the visitor that does what the job says.
type performer struct{ x *execution }

func (p *performer) wanted(ctx context.Context, q *sequence, s *engine.Step) (wanted, unsure bool, err error) {
	wanted, err = truth(ctx, q, s)
	return wanted, false, err
}

// truth evaluates a step's `if`.
func truth(ctx context.Context, q *sequence, s *engine.Step) (bool, error) {
	q.names[eval.Failed] = q.failed
	value, err := s.If.Truth(ctx, q.names)
	if err != nil {
		return false, fmt.Errorf("if: %w", err)
	}
	return value, nil
}

func (p *performer) leave(q *sequence, s *engine.Step, reason string) {
	if reason == earlierStep {
		p.x.countBehind(q, s)
		return
	}
	p.x.countLeftOut(q, s, reason)
}

// earlierStep is the reason of a message that is left out for what became of a step before it.
const earlierStep = "earlier-step"

// countBehind counts a message that is left for what became of a step before it. Behind one that reads, and failed, it is not sent: the next
// apply reads again. Behind a message that failed, or may have arrived, it is left out.
func (x *execution) countBehind(q *sequence, s *engine.Step) {
	switch {
	case !q.unread:
		x.countLeftOut(q, s, earlierStep)
	case !x.requested(q, s):
		x.countNotSent(q, s)
	}
}

// countLeftOut counts a message that is left out, unless the run made a request for it before it was resumed: that delivery counts already.
func (x *execution) countLeftOut(q *sequence, s *engine.Step, reason string) {
	if !x.requested(q, s) {
		x.notes.count(x.noteOf(q.part), s.Path, delivery.OutcomeSkipped, reason)
	}
}

func (*performer) firstRow(delivery.Key) (row int, met bool) { return 0, false }

func (p *performer) crew(_ *sequence, s *engine.Step) crew {
	return newTeam(p.x.concurrency(s))
}

func (p *performer) broken(q *sequence, s *engine.Step, done engine.Counts, err error) (map[string]any, engine.Ending) {
	return p.x.failedKnowing(q, s, refused(err), 0, groupValues(done, engine.EndedFailed))
}

// fail ends a step that cannot be done for its item. Where it would have sent a message, the row is noted, unless the run made a request
// for it before it was resumed: that delivery counts already.
func (p *performer) fail(q *sequence, s *engine.Step, err error) (map[string]any, engine.Ending) {
	if p.x.reaches(s) && !p.x.requested(q, s) {
		failure := p.x.stepError(q, s, err)
		p.x.noteInvalid(q, s, &failure)
	}
	return p.x.failedStep(q, s, refused(err), 0)
}

// requested says whether the ledger has a request of this run for a step's message, as far as it was asked, and not for another row of
// its item.
func (x *execution) requested(q *sequence, s *engine.Step) bool {
	was, known := q.knows(x.deliveryKey(s, q.item))
	return known && was.Run == x.run.ID && !(delivery.Intent{Run: x.run.ID, Row: q.row, Began: x.began}).Duplicates(was)
}

func (p *performer) stand(ctx context.Context, c candidate, answer decision) (map[string]any, engine.Ending) {
	return (&dispatch{candidate: c, x: p.x}).declined(ctx, answer)
}

// refused is the verdict on a step that cannot be done.
func refused(err error) *engine.Verdict {
	return &engine.Verdict{Result: delivery.ResultRefused, Err: err}
}

// failedStep returns the outputs of a step that failed or is in doubt, and reports it.
func (x *execution) failedStep(q *sequence, s *engine.Step, v *engine.Verdict, tries int) (map[string]any, engine.Ending) {
	return x.failedKnowing(q, s, v, tries, nil)
}

// failedKnowing is failedStep for one that has outputs all the same: a question that learned something before it failed, a forEach whose
// source broke off after some items.
func (x *execution) failedKnowing(
	q *sequence, s *engine.Step, v *engine.Verdict, tries int, known map[string]any,
) (map[string]any, engine.Ending) {
	return x.failedFor("", q, s, v, tries, known)
}

// failedFor is failedKnowing for a message that the rules of admission refused; reason is theirs, a code of `waybill explain`.
func (x *execution) failedFor(
	reason string, q *sequence, s *engine.Step, v *engine.Verdict, tries int, known map[string]any,
) (map[string]any, engine.Ending) {
	message := x.redact(v.Err.Error())
	values := blank(s)
	maps.Copy(values, known)
	values["errorMessage"], values["attempts"] = message, tries
	if v.Answer.Code != 0 {
		values["errorCode"] = v.Answer.Code
	}
	failure := x.stepError(q, s, v.Err)
	failure.Code = v.Answer.Code
	x.tally.error(&failure)
	ending := engine.EndedFailed
	switch {
	case v.Result == delivery.ResultInDoubt:
		ending = engine.EndedInDoubt
	case notSent(s, v):
		ending = engine.EndedNotSent
	}
	x.finishedFor(reason, q, s, ending, values, &failure)
	return values, ending
}

// read performs an operation that reaches nobody.
func (p *performer) read(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	call, err := p.x.call(ctx, q, s)
	if err != nil && ctx.Err() != nil {
		return nil, engine.EndedEarly
	}
	if err != nil {
		return p.failRead(q, s, refused(err), 0, nil)
	}
	var out engine.Outcome
	tries, err := p.x.try(ctx, q, s, func(n int, _ bool) error {
		call.Try = n
		var err error
		if out, err = s.Operation.Do(ctx, call); err != nil && ctx.Err() != nil {
			return errInterrupted
		} else if err != nil {
			return verdictOf(err, delivery.ResultRefused)
		}
		return nil
	})
	if errors.Is(err, errInterrupted) {
		return nil, engine.EndedEarly
	}
	if err != nil {
		verdict := verdictOf(err, delivery.ResultRefused)
		p.x.stopFor(verdict)
		return p.failRead(q, s, verdict, tries, out.Values)
	}
	values := blank(s)
	maps.Copy(values, out.Values)
	values["success"], values["attempts"] = true, tries
	p.x.finished(q, s, engine.EndedSucceeded, values)
	return values, engine.EndedSucceeded
}

// failRead ends a step that asked and has no answer. One that could not ask, for the message that it is about is left out, is left out, too.
func (p *performer) failRead(q *sequence, s *engine.Step, v *engine.Verdict, tries int, known map[string]any) (map[string]any, engine.Ending) {
	if reason := q.leftOutBefore(s); reason != "" && v.Result == delivery.ResultRefused && v.Answer.Status == 0 {
		values := q.leave(s, reason)
		p.x.finishedFor(reason, q, s, engine.EndedSkipped, values, nil)
		return values, engine.EndedSkipped
	}
	return p.x.failedKnowing(q, s, v, tries, known)
}

// notSent says whether a message surely never left and is for the next apply: it was throttled to the end, or nothing connected.
func notSent(s *engine.Step, v *engine.Verdict) bool {
	_, sends := s.Sender()
	return sends && v.Result == delivery.ResultNotSent && (v.Cause == delivery.CauseLimit || v.Cause == delivery.CauseConnection)
}

// candidate is the message that a step would send for an item, before it is made: with what the ledger has of it.
func (x *execution) candidate(q *sequence, s *engine.Step, op engine.Sender) candidate {
	c := candidate{q: q, step: s, op: op, key: x.deliveryKey(s, q.item)}
	c.was, c.known = q.knows(c.key)
	return c
}

// accepted returns the outputs of a delivery that WhatsApp took; those that only the operation knows are nil. No output is set twice: a map
// that is full grows even when the key is in it already, and this one is made for every message.
func accepted(s *engine.Step, d *delivery.Delivery, tries int) map[string]any {
	status := d.HeldBack
	if status == "" {
		status = "accepted"
	}
	values := map[string]any{
		"success": true, "skipped": false, "attempts": tries, "errorMessage": nil, "errorCode": nil,
		"messageId": d.MessageID, "messageStatus": status, "recipient": d.Recipient,
	}
	for name := range s.Operation.Outputs() {
		if _, set := values[name]; !set {
			values[name] = nil
		}
	}
	return values
}
