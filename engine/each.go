package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

const (
	batchSize = 256  // items looked up in the ledger at once
	maxLive   = 4096 // items begun and not ended: those that wait give back their seats, not their memory
)

// each does a step for every item of its source. Items stream: those that are done are forgotten.
func (x *execution) each(ctx context.Context, q *sequence, s *Step) (map[string]any, Ending) {
	g := x.gang(q, s)
	err := g.run(ctx)
	g.items.Wait()
	if err != nil {
		return x.failedStep(q, s, &Verdict{Judgement: Refused, Err: err}, 0)
	}
	if g.cut.Load() {
		q.cut = true
		values := groupValues(g.counts, Unfinished)
		x.finished(q, s, Unfinished, values, nil)
		return values, 0
	}
	if g.tripped.Load() {
		// The group ends, and its sequence with it; what asks for failed() or always() still follows.
		x.book.stopped(fmt.Sprintf("stopAfter: %d of %d items of %s failed", g.fresh.Failed, g.fresh.Total, s.Path))
		q.over = q.over || !s.ContinueOnError
	}
	ending := g.ending()
	values := groupValues(g.counts, ending)
	x.finished(q, s, ending, values, nil)
	return values, ending
}

// gang makes a forEach ready for work.
func (x *execution) gang(q *sequence, s *Step) *gang {
	g := &gang{execution: x, outer: q, step: s, table: newSeats(x.concurrency(s)), live: newSeats(maxLive)}
	g.messages, g.sendsOnly = senders(s)
	return g
}

// gang is a forEach at work.
type gang struct {
	*execution
	outer     *sequence
	step      *Step
	messages  []*Step // that reach a person, once for each item
	sendsOnly bool    // there are no other steps
	table     seats   // items that work
	live      seats   // items begun and not ended
	items     sync.WaitGroup

	mu      sync.Mutex
	counts  Counts
	fresh   Counts      // of the items that this run decided
	tripped atomic.Bool // stopAfter was reached: nothing new begins
	cut     atomic.Bool // the run ended before all items did
}

// run begins items until the source, the limit or the run ends. Its error is the source's.
func (g *gang) run(ctx context.Context) error {
	begun := 0
	if g.Mode != ModeRun && g.step.ForEach.Key == nil && g.reaches(g.step) {
		g.warn(noKey(g.step))
	}
	for batch := range g.batches(ctx) {
		known, err := g.lookup(ctx, batch)
		if err != nil {
			g.fail(err)
			g.cut.Store(true)
			return nil
		}
		for _, b := range batch {
			if fatal := b.fatal(); fatal != nil {
				return fatal
			}
			if g.Limit > 0 && begun == g.Limit || g.tripped.Load() {
				return nil
			}
			if ctx.Err() != nil {
				g.cut.Store(true)
				return nil
			}
			begun++
			g.begin(ctx, b, known)
		}
	}
	return nil
}

// begin starts one item: beside the others, or at once when nothing of it is left to do.
func (g *gang) begin(ctx context.Context, b element, known map[KeyHash]Delivery) {
	if b.err != nil {
		g.bad(b)
		return
	}
	if g.nothingToDo(b.Item, known) {
		g.item(ctx, b.Item, known, &seat{})
		return
	}
	place, life := &seat{table: g.table}, &seat{table: g.live}
	if life.take(ctx) != nil || place.take(ctx) != nil {
		life.leave()
		g.cut.Store(true)
		return
	}
	if g.tripped.Load() { // while it waited for its seat
		place.leave()
		life.leave()
		return
	}
	g.items.Go(func() {
		defer life.leave()
		defer place.leave()
		g.item(ctx, b.Item, known, place)
	})
}

// item does the step for one item.
func (g *gang) item(ctx context.Context, it Item, known map[KeyHash]Delivery, place *seat) {
	q := newSequence(it.Names, it.Key, it.Row, g.outer.steps)
	q.seat, q.known, q.person = place, known, new(bool)
	if g.step.Operation != nil {
		_, ending := g.once(ctx, q, g.step)
		q.did = 1
		q.failed, q.doubt = ending == FailedEnding, ending == InDoubtEnding
	} else {
		g.walk(ctx, q, g.step.Steps)
	}
	if q.cut {
		g.cut.Store(true)
		return
	}
	g.ended(it.Key, it.Row, q.ending(), q.old)
}

// bad ends an item that could not be read: it fails, and the others go on.
func (g *gang) bad(b element) {
	err := &StepError{Step: g.step, Item: b.Key, Row: b.Row, Err: redactedError{g.redact(b.err.Error()), b.err}}
	g.book.error(err)
	if g.sends == g.reaches(g.step) {
		g.book.count(FailedEnding)
	}
	g.tell(Event{Kind: StepFinished, Step: g.step, Item: b.Key, Row: b.Row, Ending: FailedEnding, Err: err})
	g.ended(b.Key, b.Row, FailedEnding, false)
}

// ended counts an item, and sees whether too many failed. What an earlier run decided is no reason to stop this one,
// or nothing would ever go on behind it.
func (g *gang) ended(key string, row int, ending Ending, old bool) {
	g.mu.Lock()
	g.counts.add(ending)
	if !old {
		g.fresh.add(ending)
	}
	if g.step.ForEach.StopAfter.reached(g.fresh) {
		g.tripped.Store(true)
	}
	g.mu.Unlock()
	g.tell(Event{Kind: ItemFinished, Step: g.step, Item: key, Row: row, Ending: ending})
}

// ending says how the forEach ended as a whole.
func (g *gang) ending() Ending {
	switch {
	case g.counts.InDoubt > 0:
		return InDoubtEnding
	case g.counts.Failed > 0:
		return FailedEnding
	}
	return Succeeded
}

// reached says whether so many items failed that the group must end.
func (t Threshold) reached(c Counts) bool {
	if t.Count > 0 {
		return c.Failed >= t.Count
	}
	const enough = 20 // finished items before a share means anything
	return t.Share > 0 && c.Total >= enough && float64(c.Failed) >= t.Share*float64(c.Total)
}

// concurrency is how many items work at the same time: what the file says, else enough for the number's
// throughput while an answer takes up to half a second.
func (x *execution) concurrency(s *Step) int {
	if n := s.ForEach.Concurrency; n > 0 {
		return n
	}
	const least, most = 32, 512
	rate := x.fastest([]*Step{s})
	return min(max(int(rate/2), least), most)
}

// fastest is the highest throughput of the steps and of those inside them.
func (x *execution) fastest(steps []*Step) float64 {
	rate := 0.0
	for _, s := range steps {
		rate = max(rate, x.connections[s].Throughput, x.fastest(s.Steps))
	}
	return rate
}

// element is an item, or why there is none at that place.
type element struct {
	Item
	err error
}

// fatal gives the error that ends the source, nil for an item and for one that is merely bad.
func (b element) fatal() error {
	if _, bad := errors.AsType[*itemError](b.err); bad {
		return nil
	}
	return b.err
}
