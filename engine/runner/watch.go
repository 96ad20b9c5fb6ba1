package runner

import (
	"context"

	"waybill/engine"
	"waybill/engine/delivery"
)

// watch follows what any process learns of the run while it is under way: messages that failed after they were accepted, and what a
// person orders. It returns when ctx ends.
func (x *execution) watch(ctx context.Context) {
	cursor := int64(0)
	for {
		news, err := x.engine.Ledger.Watch(ctx, x.run.ID, cursor)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			x.fail(err)
			return
		}
		cursor = news.Cursor
		for i := range news.Failures {
			x.failedLate(&news.Failures[i])
		}
		if o := news.Order; o != nil {
			x.stop(&stopError{reason: "stopped by " + nameOf(o.By), ordered: true})
		}
	}
}

// nameOf names who gave an order, for people.
func nameOf(a engine.Actor) string {
	switch {
	case a.User == "" && a.Host == "":
		return "a person's order"
	case a.Host == "":
		return a.User
	}
	return a.User + " on " + a.Host
}

// failedLate takes in that a message of this run failed after it was accepted. A fault of the account ends the run: every later
// message would fail alike. Any other counts for the stopAfter of its forEach, unless the job bears it or asks about it itself.
func (x *execution) failedLate(d *delivery.Delivery) {
	s := x.req.Job.StepNamed(d.Key.Step)
	if s == nil {
		return
	}
	x.tell(engine.Event{Kind: engine.Undelivered, Step: s, Item: d.Key.Item, Row: d.Row, Delivery: d})
	if d.Cause == delivery.CauseAccount {
		x.stop(&stopError{reason: x.redact(d.Answer.Message)})
		return
	}
	if s.ContinueOnError || x.asksAbout(s) {
		return
	}
	if l := x.loopOf(s); l != nil {
		l.failedLate()
	}
}

// loopOf is the forEach at work around a step; nil: there is none.
func (x *execution) loopOf(s *engine.Step) *loop {
	x.loopsMu.Lock()
	defer x.loopsMu.Unlock()
	return x.loops[x.forEachOf[s]]
}

// failedLate counts an item that had succeeded as failed, and sees whether too many did.
func (l *loop) failedLate() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.late++
	if reached(l.step.ForEach.StopAfter, l.judged()) {
		l.tripped.Store(true)
	}
}

// judged are the items that stopAfter looks at: those that this run decided, and what became of their messages.
func (l *loop) judged() engine.Counts {
	c := l.decided
	c.Failed += l.late
	return c
}
