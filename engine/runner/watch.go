package runner

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// newsAgainAfter is the pause before a ledger that was busy is asked for news again.
const newsAgainAfter = time.Second

// startWatch begins to watch. end stops it, and tells first what it was not told of yet.
func (x *execution) startWatch(ctx context.Context) (end func()) {
	flight := context.WithoutCancel(ctx)
	watching, done := context.WithCancel(flight)
	var watcher sync.WaitGroup
	watcher.Go(func() { x.watch(watching) })
	watcher.Go(func() { x.watchOthers(watching) })
	return sync.OnceFunc(func() {
		done()
		watcher.Wait()
		kept, err := x.engine.Ledger.Run(flight, x.run.ID)
		if err != nil {
			x.tally.fail(err)
		}
		if kept.Counts.Undelivered == 0 { // else the run's deliveries are looked through, which may be many
			return
		}
		for d, err := range x.engine.Ledger.Deliveries(flight, engine.DeliveryFilter{Run: x.run.ID, States: []delivery.State{delivery.Failed}}) {
			if err != nil {
				x.tally.fail(err)
				return
			}
			x.failedLate(&d)
		}
	})
}

// watch follows what any process learns of the run while it is under way and settles: messages that failed after they were accepted, and
// what a person orders. It returns when ctx ends.
func (x *execution) watch(ctx context.Context) {
	cursor := int64(0)
	for {
		news, err := x.engine.Ledger.Watch(ctx, x.run.ID, cursor)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, engine.ErrBusy): // nothing begins while its intent cannot be written, and that waits, too, or fails
			if rest(ctx, newsAgainAfter) != nil {
				return
			}
			continue
		case err != nil:
			x.fail(err)
			return
		}
		cursor = news.Cursor
		for i := range news.Failures {
			x.failedLate(&news.Failures[i])
		}
		if news.OptOuts {
			x.updateOptOuts(ctx)
		}
		if len(news.Persons) > 0 {
			x.repairOptOuts(ctx, news.Persons)
		}
		if o := news.Order; o != nil && o.Kind == engine.OrderCancel {
			x.dropped.cancel(*o)
		}
		if o := news.Order; o != nil && o.Kind == engine.OrderStop {
			if !x.walked.Load() {
				x.stop(&stopError{reason: o.Said(), ordered: true})
			}
			x.enough()
		}
	}
}

// failedLate takes in that a message of this run failed after it was accepted. A fault of the account ends the run: every later
// message would fail alike. Any other counts for the stopAfter of its forEach, unless the job bears it or asks about it itself.
func (x *execution) failedLate(d *delivery.Delivery) {
	s := x.req.Job.StepNamed(d.Key.Step)
	if s == nil || x.told[d.MessageID] {
		return
	}
	x.told[d.MessageID] = true
	x.tell(engine.Event{Kind: engine.Undelivered, Step: s, Item: d.Key.Item, Row: d.Row, Delivery: d})
	if d.Cause == delivery.CauseAccount && !x.walked.Load() {
		x.stop(&stopError{reason: x.redact(d.Answer.Message)})
	}
	if s.ContinueOnError || asksAbout(x.after[s]) {
		return
	}
	if l := x.loopOf(s); l != nil {
		l.failedLate(d.Key.Item)
	}
}

// loopOf is the forEach at work around a step; nil: there is none.
func (x *execution) loopOf(s *engine.Step) *loop {
	x.loopsMu.Lock()
	defer x.loopsMu.Unlock()
	return x.loops[x.forEachOf[s]]
}

// lateItems are the items of a forEach that had succeeded, and whose message failed since.
type lateItems struct {
	mu     sync.Mutex
	failed map[string]bool // items that failed, at once (false) or late
	n      int
}

// fail takes in that an item's message failed late. An item fails once.
func (t *lateItems) fail(item string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, failed := t.failed[item]; !failed {
		t.failed[item] = true
		t.n++
	}
}

// ended takes in that an item ended as failed, by itself.
func (t *lateItems) ended(item string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failed[item] {
		t.n--
	}
	t.failed[item] = false
}

func (t *lateItems) count() int {
	if t == nil {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.n
}

// failedLate counts an item that had succeeded as failed, and sees whether too many did.
func (l *loop) failedLate(item string) {
	l.late.fail(item)
	l.mu.Lock()
	defer l.mu.Unlock()
	if reached(l.step.ForEach.StopAfter, l.judged()) {
		l.trip()
	}
}

// judged are the items that stopAfter looks at: those that this run decided, and what became of their messages.
func (l *loop) judged() engine.Counts {
	c := l.decided
	if l.portion != nil {
		c = l.portion.decided()
	}
	c.Failed += l.late.count()
	return c
}

// withLate puts into the outputs of a job's own groups which of their items failed late.
func (x *execution) withLate(top *sequence) {
	for _, s := range x.req.Job.Steps {
		values, ok := top.steps[s.ID].(map[string]any)
		n := x.late[s].count()
		if !ok || n == 0 {
			continue
		}
		values = maps.Clone(values)
		succeeded, _ := values["succeeded"].(int)
		failed, _ := values["failed"].(int)
		n = min(n, succeeded)
		values["succeeded"], values["failed"], values["success"] = succeeded-n, failed+n, false
		top.steps[s.ID] = values
	}
}
