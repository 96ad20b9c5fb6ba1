package runner

import (
	"context"
	"fmt"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/spill"
	"waybill/engine/wording"
)

// sitOut is the longest wait for which a run stays. For a longer one it ends, and goes on when it is taken up again; see sits.
const sitOut = 10 * time.Minute

// parked are the items of a forEach whose messages wait for a later hour: they keep no worker, and no memory.
type parked struct {
	mu     sync.Mutex
	places spill.Table
	until  time.Time // when the first of them may go
	reason string    // of that one
}

// park notes an item that waits.
func (p *parked) park(step, key string, until time.Time, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.places.Meet(placeOf(step, key), 0)
	if p.until.IsZero() || until.Before(p.until) {
		p.until, p.reason = until, reason
	}
}

// holds says whether an item is one of them; nil holds every item.
func (p *parked) holds(s *engine.Step, e element) bool {
	if p == nil {
		return true
	}
	_, waits := p.places.Row(placeOf(s.Path, e.Key))
	return e.err == nil && waits
}

// sitsOut waits outside of a forEach for a message that may go soon, and says whether its time has come.
func (d *dispatch) sitsOut(ctx context.Context, answer decision) bool {
	return d.q.loop == nil && answer.admission == admitWait && !answer.until.IsZero() && d.x.sits(ctx, d.step, 1, answer.until, answer.reason)
}

// wait ends the step of a message that may go later.
func (d *dispatch) wait(ctx context.Context, answer decision) (map[string]any, engine.Ending) {
	q, x := d.q, d.x
	switch {
	case ctx.Err() != nil:
		return nil, engine.EndedEarly
	case x.dropped.by() != nil && !d.tried:
		return x.leaveCancelled(&d.candidate)
	case q.loop != nil:
		q.loop.parked.park(q.loop.step.Path, q.item, answer.until, answer.reason)
	default:
		x.tally.waits(1, answer.until, answer.reason)
	}
	if !d.tried { // else it was tried in this run, and counts as not sent
		x.noteWaiting(&d.candidate, answer)
	}
	values := blank(d.step)
	values["waiting"] = true
	x.finishedFor(answer.reason, q, d.step, engine.EndedWaiting, values, nil)
	return values, engine.EndedWaiting
}

// noteWaiting notes a row that waits, and until when.
func (x *execution) noteWaiting(c *candidate, answer decision) {
	u := engine.Unsent{
		Step: c.step.Path, Item: c.q.item, Row: c.q.row, Outcome: delivery.OutcomeWaiting, Reason: answer.reason, Until: answer.until,
		Message: fmt.Sprintf("it waits until %s: %s", answer.until.Format(time.RFC3339), wording.Reason(answer.reason)),
	}
	x.placed(&u, c)
	x.notes.row(x.noteOf(c.q.part), u)
}

// placed says of a note where its row stands, and whom its message is for, as far as that is known.
func (x *execution) placed(u *engine.Unsent, c *candidate) {
	if each := x.forEachOf[c.step]; each != nil {
		u.File = each.ForEach.Source.Origin(each.ForEach).Name
	}
	if c.call != nil {
		u.Person = x.redact(c.call.Message.Recipient)
	}
}

// sits waits for messages that may go soon, and says whether their time has come. It is the one place that decides whether a run sits a wait
// out: where others need the ledger meanwhile (Request.Yields) it does not.
func (x *execution) sits(ctx context.Context, s *engine.Step, messages int, until time.Time, reason string) bool {
	wait := until.Sub(x.engine.Now())
	if wait > sitOut || ctx.Err() != nil || wait > longWait && x.req.Yields != nil && x.req.Yields(until) {
		return false
	}
	if wait > longWait {
		x.tell(engine.Event{
			Kind: engine.Waiting, Step: s, Reason: reason, Count: messages, Wait: wait,
			Message: fmt.Sprintf("waiting until %s: %s; %s", until.Format(time.TimeOnly), wording.Reason(reason), wording.Plural(messages, "message")),
		})
	}
	t := time.NewTimer(max(wait, 0))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-x.dropped.given:
	}
	return false
}

// again says whether items that wait are to be done now: their time has come, or a person cancelled them. counts loses them, for they are
// counted anew.
func (w walker) again(ctx context.Context, s *engine.Step, p *parked, counts *engine.Counts) bool {
	if p.places.Len() == 0 || w.x.looking {
		return false
	}
	if w.x.dropped.by() == nil && !w.x.sits(ctx, s, p.places.Len(), p.until, p.reason) && w.x.dropped.by() == nil {
		if ctx.Err() == nil {
			w.x.tally.waits(p.places.Len(), p.until, p.reason)
		}
		return false
	}
	counts.Total -= counts.Waiting
	counts.Waiting = 0
	return true
}

// waits notes that messages wait for longer than the run does.
func (t *runTally) waits(messages int, until time.Time, reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting += messages
	if t.until.IsZero() || until.Before(t.until) {
		t.until, t.waitsFor = until, reason
	}
}

// waitsUntil is when the first of the run's messages that wait may go; zero: none waits.
func (t *runTally) waitsUntil() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.until
}

// waitReason says until when the run's messages wait, for people, and Run.Told how many they are; empty: none does.
func (t *runTally) waitReason() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting == 0 {
		return ""
	}
	return fmt.Sprintf("waiting until %s: %s", t.until.Format(time.RFC3339), wording.Reason(t.waitsFor))
}
