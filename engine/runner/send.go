package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// sendWithin is how long after its intent a request may still be written. Past it the process may have been
// stopped, and the delivery settled by somebody else.
const sendWithin = 5 * time.Second

// send makes one delivery, unless it was made or decided before.
func (x *execution) send(ctx context.Context, q *sequence, s *engine.Step, op engine.Sender) (map[string]any, engine.Ending) {
	key := x.deliveryKey(s, q.item)
	was, ok := q.knows(key)
	if ok && !x.action(was).Sends() {
		return x.before(q, s, was)
	}
	call, err := x.call(ctx, q, s)
	if err == nil {
		call.Message, err = x.compose(s, op, call)
	}
	if err != nil && ctx.Err() != nil {
		return nil, engine.EndedEarly
	}
	if err != nil {
		return x.failedStep(q, s, &engine.Verdict{Judgement: engine.JudgedRefused, Err: err}, 0)
	}
	d := &dispatch{execution: x, q: q, step: s, op: op, call: call, key: key, allowed: x.allowed(was)}
	if was.State == delivery.InDoubt && x.ToResend != nil && x.redact(call.Message.Recipient) != was.Recipient {
		return d.conclude(d.elsewhere(was), 0)
	}
	verdict, tries := x.try(ctx, q, s, func(n int, last bool) *engine.Verdict { return d.once(ctx, n, last) })
	return d.conclude(verdict, tries)
}

// dispatch is one delivery under way.
type dispatch struct {
	*execution
	q       *sequence
	step    *engine.Step
	op      engine.Sender
	call    *engine.Call
	key     delivery.Key
	allowed delivery.Allowed

	admitted bool              // its recipient is counted
	delivery delivery.Delivery // as the ledger has it after the last try
	earlier  bool              // it was decided before this step came to it
	extra    map[string]any    // outputs beside those that the delivery gives
}

// once is one try. A request that came too late to its gate was no try: nothing left, and more than sendWithin has
// passed each time.
func (d *dispatch) once(ctx context.Context, n int, last bool) *engine.Verdict {
	for {
		v := d.attempt(ctx, n, last)
		if v == nil || !errors.Is(v, engine.ErrLate) || ctx.Err() != nil {
			return v
		}
	}
}

// attempt prepares a message, waits for its turn, intends it on disk, sends it and settles it.
func (d *dispatch) attempt(ctx context.Context, n int, last bool) *engine.Verdict {
	d.call.Try = n
	flight := context.WithoutCancel(ctx) // what was begun ends and is recorded
	message, err := d.op.Prepare(flight, d.call)
	if err != nil {
		v := judge(err, engine.JudgedRefused)
		d.stopFor(v)
		return v
	}
	d.call.Message = message
	if err := d.turn(ctx); err != nil {
		return errCut
	}
	if !d.admit() {
		return errCut
	}
	claimed := d.Now()
	ticket, err := d.Ledger.Intend(flight, delivery.Intent{
		Key: d.key, Run: d.run.ID, Recipient: d.redact(message.Recipient), Digest: d.Ledger.Digest(message.Body), Row: d.q.row,
		Allowed: d.allowed, Began: d.began,
	})
	var decided *delivery.DecidedError
	switch {
	case errors.As(err, &decided):
		return d.decided(decided.Delivery)
	case err != nil:
		d.fail(err)
		return errCut
	}
	d.call.Ticket, d.call.Gate = ticket, d.gate(claimed)
	outcome, err := d.op.Do(flight, d.call)
	return d.settle(flight, outcome, err, last)
}

// admit keeps limits.recipients, also where nobody could count the items before. It says whether one more person
// may be messaged.
func (d *dispatch) admit() bool {
	person := d.q.person // of the item
	if d.admitted || person != nil && *person {
		return true
	}
	if most := d.job.Limits.Recipients; most > 0 && d.people.Add(1) > int64(most) {
		d.stop(&stopError{reason: fmt.Sprintf("limits.recipients: %d people were messaged or were about to be, and no more may be", most)})
		return false
	}
	d.admitted = true
	if person != nil {
		*person = true
	}
	return true
}

// turn waits for a place in line that holds.
func (d *dispatch) turn(ctx context.Context) error {
	for {
		turn := d.op.Turn(d.call)
		d.q.slot.turned(turn)
		if err := d.q.slot.wait(ctx, turn.Wait, turn.Own); err != nil {
			return err
		}
		if !turn.Void() {
			return nil
		}
	}
}

// gate lets a request out only for a while after its intent. Both clocks are asked: the monotonic one stands still
// while a machine is suspended, the other may be set.
func (d *dispatch) gate(intended time.Time) func() error {
	return func() error {
		now := d.Now()
		if now.Sub(intended) > sendWithin || now.Round(0).Sub(intended.Round(0)).Abs() > sendWithin {
			return engine.ErrLate
		}
		return nil
	}
}

// settle writes down what became of a try, and gives the verdict on it: nil when WhatsApp took the message.
func (d *dispatch) settle(ctx context.Context, out engine.Outcome, err error, last bool) *engine.Verdict {
	a := delivery.Attempt{
		Delivery: d.call.Ticket.Delivery, Run: d.run.ID, Number: d.call.Ticket.Attempt, At: d.call.Ticket.At,
		Ended: d.Now(), Result: delivery.ResultAccepted, MessageID: out.MessageID, HeldBack: out.HeldBack, Answer: out.Answer,
	}
	var verdict *engine.Verdict
	switch {
	case err != nil:
		verdict = d.judged(err)
	case out.MessageID == "":
		verdict = &engine.Verdict{Judgement: engine.JudgedInDoubt, Answer: out.Answer, Err: errors.New("the answer holds no message id")}
	}
	if verdict != nil {
		d.record(&a, verdict, last)
	}
	a.MessageID, a.HeldBack, a.Answer.TraceID = d.redact(a.MessageID), d.redact(a.HeldBack), d.redact(a.Answer.TraceID)
	now, err := d.Ledger.Settle(ctx, a)
	if err != nil {
		d.fail(err)
		return errCut
	}
	d.delivery, d.extra = now, out.Values
	if now.State.Succeeded() {
		return nil // also when a status came before the answer
	}
	if verdict == nil {
		return &engine.Verdict{Judgement: engine.JudgedRefused, Answer: now.Answer, Err: errors.New(now.Answer.Message)}
	}
	return verdict
}

// judged gives the meaning of a send's error under the job's policy.
func (d *dispatch) judged(err error) *engine.Verdict {
	v := *judge(err, engine.JudgedInDoubt)
	if v.Judgement == engine.JudgedUnclear && d.job.OnUncertain == engine.Strict {
		v.Judgement = engine.JudgedInDoubt
	}
	v.Answer.Message = d.redact(v.Answer.Message)
	return &v
}

// record puts a verdict into the attempt's words. last: no further try follows.
func (d *dispatch) record(a *delivery.Attempt, v *engine.Verdict, last bool) {
	a.Answer, a.MessageID = v.Answer, ""
	switch v.Judgement {
	case engine.JudgedRetry, engine.JudgedUnclear:
		a.Result, a.Last = delivery.ResultNotSent, last && !errors.Is(v, engine.ErrLate)
	case engine.JudgedRefused:
		a.Result, a.Retryable = delivery.ResultRefused, v.Retryable
	case engine.JudgedInDoubt:
		a.Result = delivery.ResultInDoubt
	}
	d.stopFor(v)
}

// conclude gives the step's outputs and ending, and tells of both.
func (d *dispatch) conclude(verdict *engine.Verdict, tries int) (map[string]any, engine.Ending) {
	switch verdict {
	case errCut:
		return nil, engine.EndedEarly
	case errTwin:
		return d.skipTwin(d.q, d.step, d.delivery)
	case nil:
		values := accepted(d.step, d.delivery, tries)
		maps.Copy(values, d.extra)
		d.tellSettled()
		d.finished(d.q, d.step, engine.EndedSucceeded, values, nil)
		return values, engine.EndedSucceeded
	}
	d.tellSettled()
	if verdict.Judgement == engine.JudgedInDoubt {
		d.book.doubted(d.key)
	}
	return d.failedStep(d.q, d.step, verdict, tries)
}

func (d *dispatch) tellSettled() {
	if d.delivery.ID != 0 && !d.earlier {
		d.tell(engine.Event{Kind: engine.Settled, Step: d.step, Item: d.q.item, Row: d.q.row, Delivery: &d.delivery})
	}
}

// accepted gives the outputs of a delivery that WhatsApp took.
func accepted(s *engine.Step, d delivery.Delivery, tries int) map[string]any {
	status := d.HeldBack
	if status == "" {
		status = "accepted"
	}
	values := blank(s)
	values["success"], values["attempts"] = true, tries
	values["messageId"], values["messageStatus"], values["recipient"] = d.MessageID, status, d.Recipient
	return values
}
