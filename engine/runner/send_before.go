package runner

import (
	"errors"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
)

// before ends a step whose delivery was made, held or refused in an earlier run.
func (x *execution) before(q *sequence, s *engine.Step, was delivery.Delivery) (map[string]any, engine.Ending) {
	d := &dispatch{execution: x, q: q, step: s, key: was.Key}
	return d.conclude(d.decided(was), 0)
}

// decided is the verdict on a delivery that is not this step's to send: nil when WhatsApp took it.
func (d *dispatch) decided(was delivery.Delivery) *engine.Verdict {
	d.delivery, d.earlier = was, true
	switch {
	case d.twin(d.q, was):
		return errTwin
	case was.State.Succeeded():
		return nil
	case was.State == delivery.Intended || was.State == delivery.InDoubt:
		d.q.old = true
		return &engine.Verdict{Judgement: engine.JudgedInDoubt, Answer: was.Answer, Err: errHeld}
	}
	d.q.old = true
	if was.State == delivery.Failed && was.MessageID != "" {
		// To the steps behind it, it is what it was in the run that sent it: accepted. They ask what became of it.
		message := d.redact(failedSince(was).Error())
		d.q.lost = &engine.StepError{Step: d.step, Item: d.q.item, Row: d.q.row, Code: was.Answer.Code, Err: errors.New(message)}
		return nil
	}
	return &engine.Verdict{Judgement: engine.JudgedRefused, Answer: was.Answer, Err: refusedBefore(was)}
}

// elsewhere is the verdict on a delivery that was to go out again, and whose row names another person by now: nobody
// said that this one should be messaged.
func (d *dispatch) elsewhere(was delivery.Delivery) *engine.Verdict {
	d.delivery, d.earlier, d.q.old = was, true, true
	d.warn(diag.Diagnostic{
		Code: "recipient-changed", Range: d.step.Range,
		Summary: fmt.Sprintf("item %q of row %d is not sent again: it may have reached %s, and its row names another recipient now", d.q.item, d.q.row, was.Recipient),
		Hint:    "put the row back, or settle it with waybill resolve --mark-sent and give the new recipient a row of their own",
	})
	return &engine.Verdict{Judgement: engine.JudgedInDoubt, Answer: was.Answer, Err: errHeld}
}

var errHeld = errors.New("it may have been sent before: its answer was lost")

func failedSince(d delivery.Delivery) error {
	if d.Answer.Message == "" {
		return errors.New("WhatsApp took it, and it failed later")
	}
	return fmt.Errorf("WhatsApp took it, and it failed later: %s", d.Answer.Message)
}

func refusedBefore(d delivery.Delivery) error {
	if d.Answer.Message == "" {
		return fmt.Errorf("it was %s before", d.State)
	}
	return fmt.Errorf("it was %s before: %s", d.State, d.Answer.Message)
}

// errTwin is the verdict on the second of two rows that are the same item.
var errTwin = &engine.Verdict{Judgement: engine.JudgedRefused, Err: errors.New("another row is the same item")}

// twin says whether a delivery was begun for another row of this very run.
func (x *execution) twin(q *sequence, was delivery.Delivery) bool {
	return delivery.Intent{Run: x.run.ID, Row: q.row, Began: x.began}.Twin(was)
}

// skipTwin ends the step of the second of two rows that are the same item, with a warning.
func (x *execution) skipTwin(q *sequence, s *engine.Step, first delivery.Delivery) (map[string]any, engine.Ending) {
	x.warn(diag.Diagnostic{
		Code: "duplicate-key", Range: s.Range,
		Summary: fmt.Sprintf("rows %d and %d are the same item %q", min(first.Row, q.row), max(first.Row, q.row), q.item),
		Detail:  "One message is sent for both. What makes an item the same is its key.",
		Hint:    "remove one of the rows, or choose a key that tells them apart",
	})
	values := blank(s)
	values["skipped"] = true
	x.finished(q, s, engine.EndedSkipped, values, nil)
	return values, engine.EndedSkipped
}
