package runner

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"waybill/engine"
	"waybill/engine/delivery"
)

const (
	batchSize = 256  // items looked up in the ledger at once
	maxBegun  = 4096 // items begun and not ended: those that wait give back their slots, not their memory
)

// each does a step for every item of its source. Items stream: those that are done are forgotten.
func (x *execution) each(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	l := &loop{
		itemSource: x.source(q, s), workers: newWorkers(), working: newSlots(x.concurrency(s)), begun: newSlots(maxBegun, maxBegun),
		keys: newKeyQueue(),
	}
	err := l.run(ctx)
	l.workers.finish()
	if err != nil {
		return x.failedKnowing(q, s, &engine.Verdict{Judgement: engine.JudgedRefused, Err: err}, 0, groupValues(l.counts, engine.EndedFailed))
	}
	if l.cut.Load() {
		values := groupValues(l.counts, engine.EndedEarly)
		x.finished(q, s, engine.EndedEarly, values, nil)
		return values, engine.EndedEarly
	}
	if l.tripped.Load() {
		// The group ends, and its sequence with it; what asks for failed() or always() still follows.
		x.book.stopped(l.reason())
		q.over = q.over || !s.ContinueOnError
	}
	ending := l.ending()
	values := groupValues(l.counts, ending)
	x.finished(q, s, ending, values, nil)
	return values, ending
}

// loop is a forEach at work.
type loop struct {
	itemSource
	workers *workers
	working *slots // items that do something
	begun   *slots // items begun and not ended, also those that wait
	keys    *keyQueue

	mu      sync.Mutex
	counts  engine.Counts
	fresh   engine.Counts // of the items that this run decided
	tripped atomic.Bool   // stopAfter was reached: nothing new begins
	cut     atomic.Bool   // the run ended before all items did
}

// run begins items until the source, the limit or the run ends. Its error is the source's.
func (l *loop) run(ctx context.Context) error {
	n := 0
	if l.Mode != engine.ModeRun && l.step.ForEach.Key == nil && l.reaches(l.step) {
		l.warn(noKey(l.step))
	}
	for batch := range l.batches(ctx) {
		known, err := l.lookup(ctx, batch)
		if err != nil {
			l.fail(err)
			l.cut.Store(true)
			return nil
		}
		for _, e := range batch {
			if fatal := e.fatal(); fatal != nil {
				return fatal
			}
			if l.Limit > 0 && n == l.Limit || l.tripped.Load() {
				return nil
			}
			if ctx.Err() != nil {
				l.cut.Store(true)
				return nil
			}
			n++
			l.begin(ctx, e, known)
		}
	}
	return nil
}

// begin starts one item: beside the others, or at once when nothing of it is left to do.
func (l *loop) begin(ctx context.Context, e element, known map[delivery.KeyHash]delivery.Delivery) {
	if e.err != nil {
		l.bad(e)
		return
	}
	if l.nothingToDo(e.Item, known) {
		l.item(ctx, e.Item, known, &slot{})
		return
	}
	begun, working := &slot{of: l.begun}, &slot{of: l.working}
	if begun.take(ctx) != nil || working.take(ctx) != nil {
		begun.release()
		l.cut.Store(true)
		return
	}
	if l.tripped.Load() { // while it waited for its slot
		working.release()
		begun.release()
		return
	}
	turn := l.keys.enter(e.Key)
	l.workers.do(func() {
		defer begun.release()
		defer working.release()
		defer l.keys.leave(e.Key)
		if turn != nil && working.aside(ctx, func() error { return wait(ctx, turn) }) != nil {
			l.cut.Store(true)
			return
		}
		l.item(ctx, e.Item, known, working)
	})
}

// item does the step for one item.
func (l *loop) item(ctx context.Context, it Item, known map[delivery.KeyHash]delivery.Delivery, working *slot) {
	q := newSequence(it.Names, it.Key, it.Row, l.outer.steps)
	q.slot, q.known, q.person = working, known, new(bool)
	if l.step.Operation != nil {
		_, ending := l.once(ctx, q, l.step)
		q.did = 1
		q.failed, q.doubt, q.cut = ending == engine.EndedFailed, ending == engine.EndedInDoubt, ending == engine.EndedEarly
	} else {
		l.walk(ctx, q, l.step.Steps)
	}
	if q.cut {
		l.cut.Store(true)
		return
	}
	ending := q.ending()
	if q.lost != nil {
		l.book.error(q.lost)
		if ending == engine.EndedSucceeded {
			ending = engine.EndedFailed
		}
	}
	l.ended(it.Key, it.Row, ending, q.old)
}

// bad ends an item that could not be read: it fails, and the others go on.
func (l *loop) bad(e element) {
	err := &engine.StepError{Step: l.step, Item: e.Key, Row: e.Row, Err: redactedError{l.redact(e.err.Error()), e.err}}
	l.book.error(err)
	if l.sends == l.reaches(l.step) {
		l.book.count(engine.EndedFailed)
	}
	l.tell(engine.Event{Kind: engine.StepFinished, Step: l.step, Item: e.Key, Row: e.Row, Ending: engine.EndedFailed, Err: err})
	l.ended(e.Key, e.Row, engine.EndedFailed, false)
}

// ended counts an item, and sees whether too many failed. What an earlier run decided is no reason to stop this one,
// or nothing would ever go on behind it.
func (l *loop) ended(key string, row int, ending engine.Ending, old bool) {
	l.mu.Lock()
	l.counts.Add(ending)
	if !old {
		l.fresh.Add(ending)
	}
	if reached(l.step.ForEach.StopAfter, l.fresh) {
		l.tripped.Store(true)
	}
	l.mu.Unlock()
	l.tell(engine.Event{Kind: engine.ItemFinished, Step: l.step, Item: key, Row: row, Ending: ending})
}

// reason says why the group ended early.
func (l *loop) reason() string {
	if l.fresh.InDoubt == 0 {
		return fmt.Sprintf("stopAfter: %d of %d items of %s failed", l.fresh.Failed, l.fresh.Total, l.step.Path)
	}
	return fmt.Sprintf("stopAfter: of %d items of %s %d failed and %d are in doubt", l.fresh.Total, l.step.Path, l.fresh.Failed, l.fresh.InDoubt)
}

// ending says how the forEach ended as a whole.
func (l *loop) ending() engine.Ending {
	switch {
	case l.counts.InDoubt > 0:
		return engine.EndedInDoubt
	case l.counts.Failed > 0:
		return engine.EndedFailed
	}
	return engine.EndedSucceeded
}

// reached says whether so many items failed that the group must end. One in doubt counts: when answers are lost one
// after the other, somebody should look before more people are left in doubt.
func reached(t engine.Threshold, c engine.Counts) bool {
	failed := c.Failed + c.InDoubt
	if t.Count > 0 {
		return failed >= t.Count
	}
	const enough = 20 // finished items before a share means anything
	return t.Share > 0 && c.Total >= enough && float64(failed) >= t.Share*float64(c.Total)
}

// concurrency is how many items work at the same time: what the file says; else enough for the number's throughput
// while an answer takes half a second, and when answers take longer more, up to what two seconds need.
func (x *execution) concurrency(s *engine.Step) (n, most int) {
	if n := s.ForEach.Concurrency; n > 0 {
		return n, n
	}
	const least, enough, limit = 32, 512, 1200
	rate := int(min(x.fastest([]*engine.Step{s}), limit))
	n = min(max(rate/2, least), enough)
	return n, max(n, min(2*rate, limit))
}

// fastest is the highest throughput of the steps and of those inside them.
func (x *execution) fastest(steps []*engine.Step) float64 {
	rate := 0.0
	for _, s := range steps {
		rate = max(rate, x.connections[s].Throughput, x.fastest(s.Steps))
	}
	return rate
}
