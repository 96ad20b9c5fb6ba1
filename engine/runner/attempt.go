package runner

import (
	"context"
	"errors"

	"waybill/engine"
	"waybill/engine/delivery"
)

// attemptInTime is one try. A request that missed its deadline was none: nothing left, and more than sendWithin has passed each time. Nor was
// one whose number was slowed down before it left.
// Nor was one that did not connect, where the messages pause for that: connection says for how long.
func (d *dispatch) attemptInTime(ctx context.Context, n int, last bool) error {
	for {
		err := d.attempt(ctx, n, last)
		switch {
		case errors.Is(err, errOtherNumber), errors.Is(err, engine.ErrSlowed) && ctx.Err() == nil: // nothing was intended, or nothing left
		case ctx.Err() != nil:
			return err
		case errors.Is(err, engine.ErrLate):
			d.tellLate()
		case !errors.Is(err, errUnreachable):
			return err
		}
	}
}

// errOtherNumber says that the message was made anew, to go by another number.
var errOtherNumber = errors.New("another number is to write")

// attempt asks the admission rules, intends the message on disk, sends it and settles it. What was intended runs to completion and
// is recorded, also when ctx ends.
func (d *dispatch) attempt(ctx context.Context, n int, last bool) error {
	if err := d.admitted(ctx, byMessage); err != nil {
		return err
	}
	d.call.Try = n
	flight := context.WithoutCancel(ctx)
	d.call.Category = func(ctx context.Context) string { return d.x.categoryToRoute(ctx, &d.candidate) }
	message, err := d.op.Prepare(flight, d.call)
	if err != nil {
		v := verdictOf(err, delivery.ResultRefused)
		d.x.stopFor(v)
		return v
	}
	d.call.Message = message
	if err := d.admitted(ctx, byMoment); err != nil {
		return err
	}
	d.x.changes.sends(d.key)
	claimed := d.x.engine.Now()
	intent := delivery.Intent{
		Key: d.intended(), Run: d.x.run.ID, Recipient: d.x.redact(message.Recipient), NumberID: d.call.Connection.PhoneNumberID, Digest: d.digest, Row: d.q.row, Writers: d.writersOf(),
		Allowed: d.allowed(), Began: d.x.began, Reach: d.x.reach(), Template: isTemplate(d.op),
		Text: d.text(message),
	}
	ticket, err := d.x.engine.Ledger.Intend(flight, intent)
	if err != nil {
		d.x.cost.release(&d.candidate)
	}
	if bad, other := d.otherNumber(flight, err); other && bad == nil {
		return errOtherNumber
	} else if other {
		err = bad
	}
	if answer, refused := d.x.refusedPlace(err); refused {
		d.x.uncount(&d.candidate)
		return &declined{d.inTime(answer)}
	}
	if decided, ok := errors.AsType[*delivery.DecidedError](err); ok {
		return d.decidedMeanwhile(ctx, decided.Delivery)
	}
	if err != nil {
		d.x.fail(err)
		return errInterrupted
	}
	d.call.Ticket, d.call.CheckDeadline = ticket, d.x.checkDeadline(claimed)
	outcome, err := d.op.Do(flight, d.call)
	return d.settle(flight, intent, outcome, err, last)
}

// intended is the key of the delivery that a request is made for.
func (c *candidate) intended() delivery.Key {
	k := c.key
	if k.Again = c.further; k.Again == 0 && c.known {
		k.Again = c.was.Key.Again
	}
	return k
}

// admitted asks the rules until they let the message go, or decline it.
func (d *dispatch) admitted(ctx context.Context, upTo stage) error {
	for {
		answer := d.x.admit(ctx, &d.candidate, upTo)
		switch answer.admission {
		case admitGo:
			return nil
		case admitWait:
			if !answer.until.IsZero() {
				return &declined{answer}
			}
			if d.waitFor(answer, func() error { return d.q.permit.wait(ctx, answer.wait, answer.own) }) != nil {
				return errInterrupted
			}
		case admitStop:
			return errInterrupted
		case admitSkip, admitHold, admitInvalid:
			return &declined{answer}
		}
	}
}

// decidedMeanwhile asks the rules again about a delivery that the ledger refused to have intended.
func (d *dispatch) decidedMeanwhile(ctx context.Context, now delivery.Delivery) error {
	d.was, d.known = now, true
	answer := d.x.admit(context.WithoutCancel(ctx), &d.candidate, byKey)
	if answer.admits() && d.sent {
		answer = d.x.leaveSent(&d.candidate)
	}
	if _, shared := d.x.engine.Ledger.(engine.Sharing); shared && now.State == delivery.Intended {
		answer = decision{admission: admitSkip, reason: underWayElsewhere}
	}
	if answer.admits() { // its request is under way elsewhere
		answer = decision{admission: admitHold, reason: "in-doubt"}
	}
	return &declined{answer}
}

// settle writes down what became of a try, whose intent this was. It returns nil when WhatsApp took the message, else a *engine.Verdict.
func (d *dispatch) settle(ctx context.Context, intent delivery.Intent, out engine.Outcome, err error, last bool) error {
	a := delivery.Attempt{
		Delivery: d.call.Ticket.Delivery, Run: d.x.run.ID, Number: d.call.Ticket.Attempt, At: d.call.Ticket.At,
		Ended: d.x.engine.Now(), Result: delivery.ResultAccepted, MessageID: out.MessageID, HeldBack: out.HeldBack, Answer: out.Answer,
	}
	var verdict *engine.Verdict
	switch {
	case err != nil:
		verdict = d.underPolicy(err)
	case out.MessageID == "":
		verdict = &engine.Verdict{Result: delivery.ResultInDoubt, Answer: out.Answer, Err: errors.New("the answer holds no message id")}
	}
	paused := verdict != nil && d.x.pausesFor(&d.candidate, verdict)
	if verdict != nil {
		d.record(&a, verdict, last && !paused)
	}
	a.MessageID, a.HeldBack, a.Answer.TraceID = d.x.redact(a.MessageID), d.x.redact(a.HeldBack), d.x.redact(a.Answer.TraceID)
	now, err := d.settled(ctx, intent, a)
	if err == nil {
		err = d.x.learnPerson(ctx, &d.candidate, out, verdict, a.Ended)
	}
	if err != nil {
		d.x.fail(err)
		return errInterrupted
	}
	d.was, d.known = now, true
	d.tried, d.last, d.extra = true, a, out.Values
	if paused {
		d.x.unreachable(&d.candidate, verdict)
		return errUnreachable
	}
	d.x.line.online()
	d.x.learn(d.step, verdict)
	if now.State.Succeeded() {
		return nil // also when a status came before the answer
	}
	if verdict == nil {
		return &engine.Verdict{Result: delivery.ResultRefused, Answer: now.Answer, Err: errors.New(now.Answer.Message)}
	}
	return verdict
}

// settled has an outcome written down, and returns the delivery as it stands then. An acceptance behind which nothing of its item follows is
// waited for by the end of its forEach alone; see outcomes.
func (d *dispatch) settled(ctx context.Context, intent delivery.Intent, a delivery.Attempt) (delivery.Delivery, error) {
	if a.Result == delivery.ResultAccepted && d.x.last[d.step] {
		d.x.outcomes.hand(d.x, a)
		return intent.Accepted(a), nil
	}
	return d.x.engine.Ledger.Settle(ctx, a)
}

// underPolicy returns the meaning of a send's error under the job's policy.
func (d *dispatch) underPolicy(err error) *engine.Verdict {
	v := *verdictOf(err, delivery.ResultInDoubt)
	if v.Ambiguous && d.x.req.Job.OnUncertain == engine.Strict {
		v.Result = delivery.ResultInDoubt
	}
	v.Answer.Message = d.x.redact(v.Answer.Message)
	return &v
}

// record puts a verdict into the attempt's words. last: no further try follows.
func (d *dispatch) record(a *delivery.Attempt, v *engine.Verdict, last bool) {
	a.Result, a.Cause, a.Answer, a.MessageID = v.Result, v.Cause, v.Answer, ""
	a.Last = v.Result == delivery.ResultNotSent && last && !errors.Is(v, engine.ErrLate)
	a.Retryable = v.Result == delivery.ResultRefused && v.Retryable
	d.q.again = d.q.again || a.Retryable
	d.x.stopFor(v)
}
