package runner

import (
	"context"
	"errors"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/wording"
)

// declined ends a step whose message was not admitted.
func (d *dispatch) declined(ctx context.Context, answer decision) (map[string]any, engine.Ending) {
	if d.known && d.was.Run != d.x.run.ID && answer.decidedBefore() { // else it counts as skipped or waiting from now on
		d.x.notes.meet(d.was.ID)
	}
	if d.known && !d.twin {
		d.q.loop.meet(d.q.item, &d.was)
	}
	switch answer.admission {
	case admitWait:
		return d.wait(ctx, answer)
	case admitInvalid:
		return d.invalid(answer)
	case admitGo, admitSkip, admitHold, admitStop:
	}
	switch answer.reason {
	case engine.ReasonCancelled:
		return d.x.leaveCancelled(&d.candidate)
	case underWayElsewhere:
		return d.leftElsewhere()
	case "duplicate-key":
		return d.x.skipDuplicate(&d.candidate)
	case "recipient-changed":
		d.warnRecipientChanged()
		return d.heldBefore(answer.reason)
	}
	switch {
	case answer.admission == admitStop:
		return nil, engine.EndedEarly
	case answer.admission == admitSkip && answer.action == 0 && d.known && d.was.Run == d.x.run.ID && !d.was.State.Succeeded() && answer.reason != "duplicate-key":
		return d.expiredUnsent(answer.reason)
	case answer.admission == admitSkip && answer.action == 0:
		d.x.changes.leaves(d.key)
		return d.x.leaveOut(&d.candidate, answer.reason)
	case answer.admission == admitHold:
		if d.x.req.ToResend != nil && d.x.req.ToResend(d.was) {
			d.warnNotResent(answer.reason)
		}
		return d.heldBefore("in-doubt") // whatever keeps it from being sent again
	case d.was.State.Succeeded():
		return d.takenBefore(answer.reason)
	case failedSinceAccepted(d.was):
		return d.failedSince(answer.reason)
	}
	d.q.fromEarlierRun = true
	return d.notAdmitted(answer.reason, &engine.Verdict{Result: delivery.ResultRefused, Answer: d.was.Answer, Err: refusalOf(d.was)})
}

// stands says how a message stands that is not to be sent now: the ledger has it as sent, or it may have been. What was refused, or never
// left, stands for nothing, and what another row of the item began in this run does not for this one.
func (x *execution) stands(ctx context.Context, c *candidate) (answer decision, stands bool) {
	switch {
	case !c.known, !duplicateItem(ctx, x, c).admits():
		return decision{}, false
	case c.was.Counting().State.Succeeded():
		return x.leaveSent(c), true
	case c.was.State == delivery.InDoubt, c.was.State == delivery.Intended:
		return decision{admission: admitHold, reason: "in-doubt", action: delivery.ActionHold}, true
	}
	return decision{}, false
}

// underWayElsewhere is the reason of a message whose request another process is making: it neither failed nor is it in doubt.
const underWayElsewhere = "under-way-elsewhere"

// leftElsewhere ends the step of a message that another process is sending. What follows it in its item is that process's, too.
func (d *dispatch) leftElsewhere() (map[string]any, engine.Ending) {
	values := skipped(d.step)
	d.x.finishedFor(underWayElsewhere, d.q, d.step, engine.EndedSkipped, values, nil)
	d.q.close(blocked)
	return values, engine.EndedSkipped
}

// decidedBefore says that a message was not admitted for what became of it before.
func (d decision) decidedBefore() bool {
	return d.admission == admitStop || d.admission == admitHold || d.action != 0 || d.reason == "duplicate-key"
}

// invalid ends the step of a message that cannot be sent, as its row stands.
func (d *dispatch) invalid(answer decision) (map[string]any, engine.Ending) {
	failure := d.x.stepError(d.q, d.step, answer.err)
	if !d.tried { // else it was tried in this run, and is counted
		d.x.noteInvalid(d.q, d.step, &failure)
	}
	return d.notAdmitted(answer.reason, refused(answer.err))
}

// expiredUnsent ends the step of a message that this run tried, and that expired before it was tried again. The ledger counts it as not
// sent already; a later apply leaves it out.
func (d *dispatch) expiredUnsent(reason string) (map[string]any, engine.Ending) {
	values := blank(d.step)
	values["skipped"] = true
	d.x.finishedFor(reason, d.q, d.step, engine.EndedNotSent, values, nil)
	return values, engine.EndedNotSent
}

// notAdmitted ends the step as failed or in doubt, with the reason.
func (d *dispatch) notAdmitted(reason string, v *engine.Verdict) (map[string]any, engine.Ending) {
	return d.x.failedFor(reason, d.q, d.step, v, 0, nil)
}

// takenBefore ends the step of a message that WhatsApp took before.
func (d *dispatch) takenBefore(reason string) (map[string]any, engine.Ending) {
	return d.took(reason, func() map[string]any { return accepted(d.step, &d.was, 0) }), engine.EndedSucceeded
}

// heldBefore ends the step of a delivery that may have been sent before.
func (d *dispatch) heldBefore(reason string) (map[string]any, engine.Ending) {
	d.q.fromEarlierRun = true
	d.x.tally.doubted(d.key)
	held := errors.New("it may have been sent before: its answer was lost")
	return d.notAdmitted(reason, &engine.Verdict{Result: delivery.ResultInDoubt, Answer: d.was.Answer, Err: held})
}

// failedSinceAccepted says whether WhatsApp took a delivery in an earlier run, and it failed later.
func failedSinceAccepted(d delivery.Delivery) bool {
	return d.State == delivery.Failed && d.MessageID != ""
}

// failedSince ends the step of a message that failed after an earlier run had sent it. To the steps behind it, it is what it was in
// that run: accepted. They ask what became of it.
func (d *dispatch) failedSince(reason string) (map[string]any, engine.Ending) {
	d.q.fromEarlierRun = true
	text := "WhatsApp took it, and it failed later"
	if d.was.Answer.Message != "" {
		text += ": " + d.was.Answer.Message
	}
	d.q.lateFailure = &engine.StepError{
		Step: d.step, Item: d.q.item, Row: d.q.row, Code: d.was.Answer.Code, Err: errors.New(d.x.redact(text)),
	}
	return d.takenBefore(reason)
}

// refusalOf is the error of a delivery that was refused before.
func refusalOf(d delivery.Delivery) error {
	if d.Answer.Message == "" {
		return fmt.Errorf("it was %s before", d.State)
	}
	return fmt.Errorf("it was %s before: %s", d.State, d.Answer.Message)
}

func (d *dispatch) warnRecipientChanged() {
	d.x.warn(diag.Diagnostic{
		Code: "recipient-changed", Range: d.step.Range, Private: []string{d.q.item, d.was.Recipient},
		Summary: fmt.Sprintf("item %q of row %d is not sent again: it may have reached %s, and its row names another recipient now",
			d.q.item, d.q.row, d.was.Recipient),
		Hint: "put the row back, or settle it with waybill resolve --mark-sent and give the new recipient a row of their own",
	})
}

// warnNotResent says why a message that a person wants sent again is not.
func (d *dispatch) warnNotResent(reason string) {
	d.x.warn(diag.Diagnostic{
		Code: reason, Range: d.step.Range, Private: []string{d.q.item},
		Summary: fmt.Sprintf("item %q of row %d is not sent again, and stays in doubt: %s", d.q.item, d.q.row, wording.Reason(reason)),
		Hint:    "a status webhook settles it, or your word: waybill resolve --mark-sent",
	})
}

// skipDuplicate ends the step of the second of two rows that are the same item.
func (x *execution) skipDuplicate(c *candidate) (map[string]any, engine.Ending) {
	x.remarks.duplicate(x, c)
	return x.leaveOut(c, "duplicate-key")
}

// leaveOut ends the step of a message that is left out for a reason.
func (x *execution) leaveOut(c *candidate, reason string) (map[string]any, engine.Ending) {
	x.notes.count(x.noteOf(c.q.part), c.step.Path, delivery.OutcomeSkipped, reason)
	values := c.q.leave(c.step, reason)
	x.finishedFor(reason, c.q, c.step, engine.EndedSkipped, values, nil)
	return values, engine.EndedSkipped
}
