package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/eval"
)

// execution is one use of a job: what is the same for all of its steps and items, whether they are done, planned or counted.
type execution struct {
	engine  *Engine
	req     Request
	run     engine.Run
	only    string // path of the one step to do; empty: all
	limit   int    // items of each forEach at most; 0: all
	began   time.Time
	looking bool       // it is planned or counted, not done
	sends   bool       // some step that was asked for reaches a person
	names   eval.Names // what every expression sees
	rules   []rule     // of admission, in order

	share *share // in a run that is divided among processes; nil: all of it
	moved error  // the ledger moved since the plan was made, so that this process begins no run of it; it may still join one that others began. nil: it did not move

	connections map[*engine.Step][]engine.Connection // of the steps whose connection is the same for every item: one for each number
	writers     writers
	given       givenRows

	// What is known of the job's steps before the first is done.
	forEachOf map[*engine.Step]*engine.Step   // the forEach around each step; nil: none
	groups    map[*engine.Step]*engine.Step   // the group around each step, see groupsAround
	after     map[*engine.Step][]*engine.Step // the steps behind each in its sequence
	last      map[*engine.Step]bool           // those behind which nothing of their item follows
	hidden    map[*engine.Step]bool           // those whose recipient is a secret
	prospects map[*engine.Step]*prospects     // of each step that sends

	// What the run learns on its way. Each keeps its own lock.
	outcomes *outcomes
	tally    runTally
	people   people
	ahead    placesAhead
	repeated repeatedPeople
	remarks  remarks
	notes    notes
	texts    texts
	dropped  dropped
	accounts accounts
	waits    waits
	line     line
	paceless paceless
	changes  changes
	cost     costs
	stopped  sync.Map // run id → whether it was stopped early

	leftMu   sync.Mutex
	leftRows map[uint64]int // row of each delivery that was left as refused, or was to be sent once more, by half of its hash

	// Messages that fail after they were accepted: the watcher finds the forEach that an item is of.
	loopsMu sync.Mutex                  // of loops and late
	loops   map[*engine.Step]*loop      // forEachs at work, by their step
	late    map[*engine.Step]*lateItems // by the same, also of a forEach that ended
	told    map[string]bool             // ids of messages of which it was told that they failed late; the watcher's alone

	// How it ends.
	stop       context.CancelCauseFunc
	walked     atomic.Bool        // nothing is left to begin
	endWatch   func()             // ends the watcher
	enough     context.CancelFunc // ends the settling
	closeSpool func() error       // frees what was kept for this execution alone

	recipients atomic.Int64 // people that are messaged, or would be
	most       int64        // of recipients; 0: no limit
	bound      *bound       // see atMost; nil: nobody asked yet
	limitKept  bool         // limits.recipients was kept by counting before: nothing need be counted on the way
}

// begin makes everything that must be right before anything is written or sent.
func (e *Engine) begin(ctx context.Context, req Request, stop context.CancelCauseFunc) (*execution, error) {
	x := &execution{
		engine: e, req: req, only: req.Only, limit: req.Limit, began: e.Now(), rules: admissionRules(), stop: stop,
		forEachOf: forEachOf(req.Job.Steps, nil, map[*engine.Step]*engine.Step{}),
		after:     stepsAfter(req.Job.Steps, map[*engine.Step][]*engine.Step{}),
		last:      lastSteps(req.Job.Steps, false, map[*engine.Step]bool{}),
		outcomes:  newOutcomes(),
		loops:     map[*engine.Step]*loop{},
		late:      map[*engine.Step]*lateItems{},
		told:      map[string]bool{},
		endWatch:  func() {},
		leftRows:  map[uint64]int{},
		dropped:   dropped{given: make(chan struct{})},
		groups:    groupsAround(req.Job.Steps, nil, map[*engine.Step]*engine.Step{}),
		prospects: prospectsOf(req.Job.Steps, map[*engine.Step]*prospects{}),
	}
	x.hidden = x.hiddenRecipients(req.Job.Steps, map[*engine.Step]bool{})
	x.remarks = newRemarks(x)
	if err := x.identify(ctx); err != nil {
		return nil, err
	}
	x.sends = slices.ContainsFunc(req.Job.Steps, x.reaches)
	if err := x.bind(ctx); err != nil {
		return nil, err
	}
	x.closeSpool = func() error { return nil }
	if req.Spool == nil {
		x.req.Spool = engine.NewSpool(nil)
		x.closeSpool = x.req.Spool.Close
	}
	own := x.closeSpool
	x.closeSpool = func() error { return errors.Join(x.given.leave(), x.writers.first.Close(), own()) }
	if err := errors.Join(x.takeGiven(ctx), x.loadWriters(ctx)); err != nil {
		return nil, errors.Join(err, x.closeSpool())
	}
	if err := x.loadRates(); err != nil {
		return nil, errors.Join(err, x.closeSpool())
	}
	if err := x.loadPeople(ctx); err != nil {
		return nil, errors.Join(err, x.closeSpool())
	}
	return x, nil
}

// follow lets the watcher find a forEach that begins, and gives it the items that failed late in an earlier pass over the same rows.
func (x *execution) follow(l *loop) {
	x.loopsMu.Lock()
	defer x.loopsMu.Unlock()
	x.loops[l.step] = l
	if x.late[l.step] == nil {
		x.late[l.step] = &lateItems{failed: map[string]bool{}}
	}
	l.late = x.late[l.step]
}

// selected says whether --only leaves a step in.
func (x *execution) selected(s *engine.Step) bool { return s.Within(x.only) }

// reaches says whether a step, or one inside it, reaches a person, of those that were asked for.
func (x *execution) reaches(s *engine.Step) bool {
	if !x.selected(s) {
		return false
	}
	_, ok := s.Sender()
	return ok || slices.ContainsFunc(s.Steps, x.reaches)
}

// deliveryKey is the identity of a step's delivery for an item.
func (x *execution) deliveryKey(s *engine.Step, item string) delivery.Key {
	k := delivery.Key{Job: x.run.Job, Scope: x.run.DeliveryScope(), Step: s.Path, Item: item}
	if x.engine.Ledger == nil {
		return k
	}
	return x.engine.Ledger.KnownKey(k)
}

// inLedger is a recipient as the ledger has it: without what is secret, and of somebody who was forgotten what stands in their place.
func (x *execution) inLedger(recipient string) string {
	return x.known(x.redact(recipient))
}

// known is an id of a person as the ledger has it.
func (x *execution) known(id string) string {
	if x.engine.Ledger == nil {
		return id
	}
	return x.engine.Ledger.Known(id)
}

// tell reports an event to the observer.
func (x *execution) tell(ev engine.Event) {
	if x.engine.Observe == nil {
		return
	}
	ev.At = x.engine.Now()
	x.engine.Observe(ev)
}

// finished reports that a step ended.
func (x *execution) finished(q *sequence, s *engine.Step, e engine.Ending, values map[string]any) {
	x.finishedFor("", q, s, e, values, nil)
}

// atHand is an event's Values where the outputs are at hand. They cost something to make of a message that was taken, and are made there only
// for whoever asks: see dispatch.took.
func atHand(values map[string]any) func() map[string]any {
	return func() map[string]any { return values }
}

// finishedFor is finished with a reason, a code of `waybill explain`, where the step's message was left out or taken before; failure is that
// of a step that failed, nil of another. Nothing is reported of a run that was stopped and said to be.
func (x *execution) finishedFor(
	reason string, q *sequence, s *engine.Step, e engine.Ending, values map[string]any, failure *engine.StepError,
) {
	if x.share.countsRest() {
		return
	}
	x.tell(engine.Event{
		Kind: engine.StepFinished, Step: s, Item: q.item, Row: q.row, Ending: e, Values: atHand(values), Err: failure, Reason: reason,
	})
}

// warn reports a finding that stops nothing, and keeps it for the summary.
func (x *execution) warn(d diag.Diagnostic) {
	d.Severity = diag.Warning
	if x.tally.warn(d) {
		x.tell(engine.Event{Kind: engine.Warned, Finding: &d})
	}
}

// fail ends the run for an error of the ledger: without it nothing may be sent.
func (x *execution) fail(err error) {
	x.tally.fail(err)
	x.stop(fmt.Errorf("the ledger failed: %w", err))
}

// stopError is why a run begins nothing new: the account failed, more people would be messaged than the job allows, or a person ordered it.
type stopError struct {
	reason  string
	ordered bool // a person ordered it
}

func (e *stopError) Error() string { return e.reason }

// stopFor ends the run when every later call would fail alike.
func (x *execution) stopFor(v *engine.Verdict) {
	if v.Stop {
		x.stop(&stopError{reason: x.redact(v.Err.Error())})
	}
}
