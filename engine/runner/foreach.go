package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/rows"
	"waybill/engine/wording"
)

// loop is a forEach at work.
type loop struct {
	w     walker
	x     *execution
	outer *sequence
	step  *engine.Step
	crew  crew
	wave  *wave // whose items it does; nil: all

	portion *portion // of a run that is divided: which items are this process's; nil: all

	parked *parked // items whose messages wait for a later hour
	again  *parked // the only items that are done: those that waited before; nil: all

	messages  []*engine.Step // that reach a person, once for each item
	sendsOnly bool           // there are no other steps

	next  int       // the index of the first item that was not read; the goroutine that begins them alone touches it, and asked
	asked candidate // what nothingToDo asks the rules about, kept so that it is not made anew for each item

	mu       sync.Mutex    // of counts, decided, why and foreseen
	counts   engine.Counts // of the items that ended
	decided  engine.Counts // of the items that this run decided
	late     *lateItems    // items whose message failed after it was accepted
	tripped  atomic.Bool   // stopAfter was reached: nothing new begins
	why      string        // how many items had failed then, in words
	foreseen bool          // of a plan: it warned that stopAfter will be reached
	cut      atomic.Bool   // the run ended before all items did
}

// forEach does a step for every item of its source. Items stream: those that are done are forgotten.
func (w walker) forEach(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	var counts engine.Counts
	ending, err := w.items(ctx, q, s, nil, &counts)
	switch {
	case err != nil:
		return w.v.broken(q, s, counts, err)
	case ending == engine.EndedSkipped:
		return nil, ending
	}
	values := groupValues(counts, ending)
	w.x.finished(q, s, ending, values)
	return values, ending
}

// whole does the items of one wave (nil: of all), and then those whose messages had to wait, as often as their time comes soon enough.
func (w walker) whole(ctx context.Context, q *sequence, s *engine.Step, now *wave, counts *engine.Counts) (engine.Ending, error) {
	waiting := &parked{}
	ending, err := w.pass(ctx, q, s, now, nil, waiting, counts)
	for err == nil && w.again(ctx, s, waiting, counts) {
		w.x.portionFor(s).again()
		due := waiting
		waiting = &parked{}
		ending, err = w.pass(ctx, q, s, now, due, waiting, counts)
		err = errors.Join(err, due.places.Err(), due.places.Close())
	}
	return ending, errors.Join(err, waiting.places.Err(), waiting.places.Close())
}

// pass does the items of one wave (nil: of all), or those of them that are due (nil: all), parks those that wait, and adds all to counts.
// Its error is the source's.
func (w walker) pass(
	ctx context.Context, q *sequence, s *engine.Step, now *wave, due, waiting *parked, counts *engine.Counts,
) (engine.Ending, error) {
	l := &loop{w: w, x: w.x, outer: q, step: s, wave: now, again: due, parked: waiting, counts: *counts, crew: w.v.crew(q, s)}
	if l.crew == nil {
		return engine.EndedSkipped, nil
	}
	l.messages, l.sendsOnly = senders(s)
	l.portion = w.x.portionFor(s)
	w.x.follow(l)
	err := l.run(ctx)
	l.crew.wait()
	if !w.x.outcomes.wait() {
		l.cut.Store(true)
	}
	*counts = l.counts
	if err != nil {
		return engine.EndedFailed, err
	}
	switch tripped := (l.tripped.Load() || l.portion.stopped() != "") && ctx.Err() == nil; {
	case l.cut.Load() && !tripped:
		return engine.EndedEarly, nil
	case tripped && l.portion != nil:
		l.portion.stop(l.whyStopped()) // all processes end it together
	case tripped:
		w.trip(q, s, l.whyStopped())
	}
	return endingOf(l.counts), nil
}

// trip ends a group early, and its sequence with it; what asks for failed() or always() still follows.
func (w walker) trip(q *sequence, s *engine.Step, reason string) {
	w.x.tally.stopped(reason)
	if !s.ContinueOnError {
		q.close(failedEnd)
	}
}

// run begins items until the source ends or no more may begin. Its error is the source's.
func (l *loop) run(ctx context.Context) error {
	if (l.x.looking || l.x.req.Mode != engine.ModeRun) && l.step.ForEach.Key == nil && l.x.reaches(l.step) {
		l.x.warn(noKey(l.step))
	}
	var recent recentKeys
	limited := l.limit()
	for batch := range l.batches(ctx) {
		recent.mark(batch)
		known, err := l.lookup(ctx, batch)
		if err != nil {
			l.x.fail(err)
			l.cut.Store(true)
			return nil
		}
		for _, e := range batch {
			if fatal := e.fatal(); fatal != nil {
				return fatal
			}
			if !limited.takes(ctx, e) {
				return nil
			}
			if !l.mayBegin(ctx) {
				l.countRest(ctx)
				return nil
			}
			l.tellGuess(e.Guess)
			l.next = e.Index + 1
			if !l.again.holds(l.step, e) || !l.wave.holds(l.step, e) || !l.portion.begin(e) {
				continue
			}
			l.x.remarks.meetItem(l.portion, l.step, e)
			if l.leavesOut(ctx, e, known) {
				l.portion.end(e)
				continue
			}
			l.begin(ctx, e, known)
		}
		l.x.writeNotes(ctx)
		if !l.x.looking {
			l.x.updateOptOuts(ctx)
		}
	}
	return nil
}

// tellGuess says in a plan which encoding was guessed of a file that only an expression names. Of a file that the job names, the check of
// the job says it.
func (l *loop) tellGuess(g *rows.Guess) {
	if g == nil || !l.x.looking || l.step.ForEach.Source.Origin(l.step.ForEach).File {
		return
	}
	w := engine.GuessedEncoding(g.File, g.Line, g.Word)
	w.Range = l.step.ForEach.FromRange
	l.x.warn(w)
}

func noKey(s *engine.Step) diag.Diagnostic {
	return diag.Diagnostic{
		Code: "no-item-key", Range: s.ForEach.Range,
		Summary: fmt.Sprintf("the items of %s have no key: each is told by a hash of all its cells", s.Path),
		Detail:  "When one cell changes, the row is a new item and its person is messaged again.",
		Hint:    "add key: ${{ " + s.ForEach.As + ".id }} with a column that stays",
	}
}

func stopsAfter(s *engine.Step, reason string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: "run-stopped", Range: s.ForEach.Range,
		Summary: "apply will stop before the last row: " + reason,
		Hint:    "mend the rows that cannot be sent first",
	}
}

// begin starts one item.
func (l *loop) begin(ctx context.Context, e element, known map[delivery.KeyHash]delivery.Delivery) {
	if e.err != nil {
		l.badRow(e)
		l.portion.end(e)
		return
	}
	idle := func() bool { return !e.again && l.nothingToDo(ctx, e.item, known) }
	l.crew.start(ctx, l.queuesOf(ctx, e), idle, func(p *permit) {
		defer l.portion.end(e)
		if l.tripped.Load() { // while it waited
			l.countUnreached(ctx, e, true, known)
			return
		}
		now, err := l.known(ctx, e, known)
		if err != nil {
			l.x.fail(err)
			l.cut.Store(true)
			return
		}
		l.item(ctx, e, now, p)
	}, func() { l.giveUp(ctx, e, known) })
}

// giveUp ends an item before which the run ended.
func (l *loop) giveUp(ctx context.Context, e element, known map[delivery.KeyHash]delivery.Delivery) {
	defer l.portion.end(e)
	l.cut.Store(true)
	if l.x.wasCutShort(ctx) {
		l.countUnreached(ctx, e, true, known)
	}
}

// item does the step for one item.
func (l *loop) item(ctx context.Context, it element, known map[delivery.KeyHash]delivery.Delivery, p *permit) {
	q := newSequence(it.Names, it.Key, it.Row, l.outer.steps)
	q.number, q.loop, q.permit, q.known, q.recipientCounted, q.unsure = it.Known, l, p, known, new(bool), l.outer.unsure
	q.part, q.leftOut = it.part, maps.Clone(l.outer.leftOut)
	if l.step.Operation != nil {
		_, ending := l.w.once(ctx, q, l.step)
		q.done, q.failed, q.inDoubt = ending != engine.EndedSkipped, ending == engine.EndedFailed, ending == engine.EndedInDoubt
		q.notSent, q.waiting = ending == engine.EndedNotSent, ending == engine.EndedWaiting
		if ending == engine.EndedEarly {
			q.close(interrupted)
		}
	} else {
		l.w.steps(ctx, q, l.step.Steps)
	}
	if q.end == interrupted {
		l.cut.Store(true)
		return
	}
	ending := q.ending()
	if q.lateFailure != nil {
		l.x.tally.error(q.lateFailure)
		if ending == engine.EndedSucceeded {
			ending = engine.EndedFailed
		}
	}
	l.ended(it, ending, q.fromEarlierRun)
}

// badRow ends an item that could not be read: it fails, and the others go on.
func (l *loop) badRow(e element) {
	l.w.v.fail(&sequence{item: e.Key, row: e.Row, names: e.Names, part: e.part}, l.step, e.err)
	if l.x.sends == l.x.reaches(l.step) {
		l.x.tally.count(engine.EndedFailed)
	}
	l.ended(e, engine.EndedFailed, false)
}

// ended counts an item, and sees whether too many failed. What an earlier run decided does not count for stopAfter: else the next run would
// stop at once where the last one did.
func (l *loop) ended(e element, ending engine.Ending, fromEarlierRun bool) {
	l.mu.Lock()
	l.counts.Add(ending)
	if !fromEarlierRun {
		l.decided.Add(ending)
	}
	l.portion.count(e, ending, !fromEarlierRun)
	if ending == engine.EndedFailed {
		l.late.ended(e.Key)
	}
	switch {
	case !reached(l.step.ForEach.StopAfter, l.judged()):
	case !l.x.looking:
		l.trip()
	case !l.foreseen: // a plan looks at every row all the same
		l.foreseen = true
		l.x.warn(stopsAfter(l.step, l.reason()))
	}
	l.mu.Unlock()
	l.x.tell(engine.Event{Kind: engine.ItemFinished, Step: l.step, Item: e.Key, Row: e.Row, Ending: ending})
}

// trip notes that stopAfter was reached.
func (l *loop) trip() {
	if l.why == "" {
		l.why = l.reason()
	}
	l.tripped.Store(true)
}

// whyStopped is reason for whoever does not hold l.mu.
func (l *loop) whyStopped() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reason()
}

// reason says why the group ended early; l.mu is held.
func (l *loop) reason() string {
	if l.why != "" {
		return l.why
	}
	d := l.judged()
	if d.InDoubt == 0 {
		return fmt.Sprintf("stopAfter: %d of %d items of %s failed", d.Failed, d.Total, l.step.Path)
	}
	return fmt.Sprintf("stopAfter: of %d items of %s %d failed and %d %s in doubt", d.Total, l.step.Path, d.Failed, d.InDoubt,
		wording.Agree(d.InDoubt, "is", "are"))
}

// endingOf says how a forEach ended as a whole.
func endingOf(c engine.Counts) engine.Ending {
	switch {
	case c.InDoubt > 0:
		return engine.EndedInDoubt
	case c.Failed > 0:
		return engine.EndedFailed
	case c.NotSent > 0:
		return engine.EndedNotSent
	case c.Waiting > 0:
		return engine.EndedWaiting
	}
	return engine.EndedSucceeded
}

// reached says whether so many items failed that the group must end. One in doubt counts: when answers are lost one after the
// other, a person should look before more are left in doubt.
func reached(t engine.Threshold, c engine.Counts) bool {
	failed := c.Failed + c.InDoubt
	if t.Count > 0 {
		return failed >= t.Count
	}
	const enough = 20 // finished items before a share means anything
	return t.Share > 0 && c.Total >= enough && float64(failed) >= t.Share*float64(c.Total)
}
