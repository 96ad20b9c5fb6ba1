package runner

import (
	"context"
	"errors"
	"maps"

	"waybill/engine"
	"waybill/engine/delivery"
)

// dispatch is one delivery under way.
type dispatch struct {
	candidate
	x     *execution
	tried bool             // a request was made, and candidate.was is the delivery as it stands since
	last  delivery.Attempt // the last try
	extra map[string]any   // outputs beside those that the delivery gives

	remarked bool // what is to be said of its message was noted
}

// allowed is what the user allows about the delivery. A row that was corrected may be sent although WhatsApp refused it for good.
func (d *dispatch) allowed() delivery.Allowed {
	allowed := d.x.allowed(d.was)
	allowed.Refused = allowed.Refused || d.corrected
	return allowed
}

// deliver makes one delivery, unless it was made or decided before: it asks the rules that know the message by its key, renders the message,
// and hands it to send, again as long as it sits out what keeps it from going.
func (p *performer) deliver(ctx context.Context, q *sequence, s *engine.Step, op engine.Sender) (map[string]any, engine.Ending) {
	d := &dispatch{candidate: p.x.candidate(q, s, op), x: p.x}
	answer := p.x.admit(ctx, &d.candidate, byKey)
	if !answer.admits() && !d.twin {
		if answer.admission == admitStop {
			d.notReached(ctx)
		}
		return d.declined(ctx, answer)
	}
	if q.loop != nil && q.loop.again != nil {
		p.x.notes.begun(p.x.noteOf(q.part), q, s)
	}
	if err := p.x.render(ctx, &d.candidate); err != nil {
		if ctx.Err() != nil {
			return nil, engine.EndedEarly
		}
		switch { // a message that cannot be made corrects nothing, and is no other one
		case d.refused:
			return d.declined(ctx, p.x.leaveRefused(&d.candidate))
		case d.sent && !p.x.again(d.key.Item):
			return d.declined(ctx, p.x.leaveSent(&d.candidate))
		}
		if reason := q.leftOutBefore(s); reason != "" { // it cannot be made for the same reason
			return d.declined(ctx, decision{admission: admitSkip, reason: reason})
		}
		return p.fail(q, s, err) // also of a second row of one item: that it cannot be made is said, rather than that it is a second one
	}
	for {
		tries, err := d.send(ctx)
		if no, ok := errors.AsType[*declined](err); !ok || !d.sitsOut(ctx, no.decision) {
			return d.conclude(ctx, err, tries)
		}
	}
}

// send asks the rules about a message that was made, and sends it where they let it go.
func (d *dispatch) send(ctx context.Context) (tries int, err error) {
	if answer := d.x.admit(ctx, &d.candidate, byMessage); !answer.admits() {
		if answer.admission == admitStop {
			d.notReached(ctx)
		}
		return 0, &declined{answer}
	}
	if !d.remarked {
		d.remarked = true
		d.x.remarks.meet(&d.candidate)
	}
	d.x.digest(&d.candidate) // before anything is uploaded for it
	tries, err = d.x.try(ctx, d.q, d.step, func(n int, last bool) error { return d.attemptInTime(ctx, n, last) })
	switch {
	case err == nil:
		d.x.repeated.meet(d.x, &d.candidate) // here, and not before: what was refused or left out is no message that a person got
	case errors.Is(err, errInterrupted):
		d.notReached(ctx)
	}
	return tries, err
}

// succeed reports a delivery that WhatsApp took, and returns the step's outputs; nil: nothing in its item follows that could read them.
func (d *dispatch) succeed(tries int) map[string]any {
	return d.took("", func() map[string]any {
		values := accepted(d.step, &d.was, tries)
		if d.call != nil && engine.IsForgotten(d.was.Recipient) {
			values["recipient"] = d.x.redact(d.call.Message.Recipient) // a later step may write to them
		}
		maps.Copy(values, d.extra)
		return values
	})
}

// took ends the step of a message that WhatsApp took, with the reason where that was before, and returns the step's outputs; nil: nothing in
// its item follows that could read them, and they are made where whoever is told of it asks for them.
func (d *dispatch) took(reason string, outputs func() map[string]any) map[string]any {
	if d.x.last[d.step] {
		d.x.tell(engine.Event{
			Kind: engine.StepFinished, Step: d.step, Item: d.q.item, Row: d.q.row, Ending: engine.EndedSucceeded, Values: outputs, Reason: reason,
		})
		return nil
	}
	values := outputs()
	d.x.finishedFor(reason, d.q, d.step, engine.EndedSucceeded, values, nil)
	return values
}

// conclude returns the step's outputs and ending, and reports both.
func (d *dispatch) conclude(ctx context.Context, err error, tries int) (map[string]any, engine.Ending) {
	if no, ok := errors.AsType[*declined](err); ok {
		return d.declined(ctx, no.decision)
	}
	if errors.Is(err, errInterrupted) {
		return nil, engine.EndedEarly
	}
	if d.tried {
		d.q.loop.meet(d.q.item, &d.was)
		d.x.tell(engine.Event{Kind: engine.Settled, Step: d.step, Item: d.q.item, Row: d.q.row, Delivery: &d.was, Attempt: &d.last})
	}
	if err == nil {
		return d.succeed(tries), engine.EndedSucceeded
	}
	verdict := verdictOf(err, delivery.ResultInDoubt)
	if !d.tried {
		return d.notPrepared(verdict, tries)
	}
	if verdict.Result == delivery.ResultInDoubt {
		d.x.tally.doubted(d.key)
	}
	return d.x.failedStep(d.q, d.step, verdict, tries)
}

// notPrepared ends the step of a message for which no request was made, since what it needs before, such as its file, was not taken. A file
// that is refused makes a row that cannot be sent; what will pass leaves it for the next apply. What the ledger has of the message stands.
func (d *dispatch) notPrepared(v *engine.Verdict, tries int) (map[string]any, engine.Ending) {
	passes := v.Stop || v.Result == delivery.ResultNotSent
	switch {
	case d.known && d.was.Run == d.x.run.ID: // it counts already
	case d.known:
		d.x.notes.meet(d.was.Counting().ID)
	case passes:
		d.x.countNotSent(d.q, d.step)
	default:
		failure := d.x.stepError(d.q, d.step, v.Err)
		d.x.noteInvalid(d.q, d.step, &failure)
		d.x.learn(d.step, v)
	}
	return d.x.failedStep(d.q, d.step, v, tries)
}
