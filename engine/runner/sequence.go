package runner

import (
	"maps"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/eval"
)

// end says how far a sequence may still go. A later one wins over an earlier one.
type end uint8

const (
	open        end = iota // every step follows
	failedEnd              // a step failed: only failed() and always() follow
	blocked                // a step is in doubt: only always() follows, since its message may yet arrive
	interrupted            // the run ended first: nothing follows
)

// sequence is a list of steps being done in order: the job's own, a group's, or an item's. One goroutine works on it.
type sequence struct {
	names  eval.Names         // what its expressions see; "steps" is the next field
	steps  map[string]any     // outputs of the steps that ended, by id: its own and those of the sequences around it
	item   string             // key of the item; empty outside a forEach
	row    int                // of the item; 0 outside
	part   int                // of a divided run, that the item is of; 0 outside
	number engine.KnownNumber // the item's recipient, where its key is one
	loop   *loop              // the forEach that the item is of; nil outside
	permit *permit            // the item's; outside a forEach one that never waits
	known  map[delivery.KeyHash]delivery.Delivery

	end     end
	failed  bool // a step failed that was not to be borne, or an item of one did
	inDoubt bool // a step is in doubt, or an item of one is
	notSent bool // a step's message never left, or that of an item of one
	waiting bool // a step's message waits for a later hour, or that of an item of one
	again   bool // a message was refused, and is tried again by a resume: what makes up for it may not be needed
	unread  bool // a step that reads failed: what is left behind it is sent once it answers
	done    bool // a step was not skipped
	counts  engine.Counts

	fromEarlierRun   bool              // a failure or a doubt in it is an earlier run's
	lateFailure      *engine.StepError // a message that an earlier run sent failed since, and none after it was sent
	recipientCounted *bool             // its person is counted: all sequences of one item share it; nil outside a forEach
	leftOut          map[string]string // by id of a step: why its message is left out, or what asks about that
	unsure           bool              // of a plan: whether the step is done depends on an answer
	awaiting         bool              // of a plan: something before would be asked or sent, and its answer is not known
}

// newSequence opens a sequence inside of another, or the first one with no outer steps. It keeps names for itself.
func newSequence(names eval.Names, item string, row int, outer map[string]any) *sequence {
	q := &sequence{names: names, item: item, row: row, permit: &permit{}}
	q.steps = make(map[string]any, len(outer)+4)
	maps.Copy(q.steps, outer)
	q.names["steps"] = q.steps
	return q
}

// within takes over from the sequence around it what belongs to the item of both.
func (q *sequence) within(outer *sequence) {
	q.loop, q.number, q.part = outer.loop, outer.number, outer.part
	q.permit, q.known, q.recipientCounted, q.lateFailure = outer.permit, outer.known, outer.recipientCounted, outer.lateFailure
	q.unsure, q.awaiting, q.unread = outer.unsure, outer.awaiting, outer.unread
	q.leftOut = maps.Clone(outer.leftOut)
}

// leave notes why the message of a step is left out, and returns the step's outputs.
func (q *sequence) leave(s *engine.Step, reason string) map[string]any {
	if q.leftOut == nil {
		q.leftOut = map[string]string{}
	}
	q.leftOut[s.ID] = reason
	values := blank(s)
	values["skipped"] = true
	return values
}

// leftOutBefore is why a step is left out that another one reads; empty: none is.
func (q *sequence) leftOutBefore(s *engine.Step) string {
	if len(q.leftOut) == 0 {
		return "" // nearly always
	}
	if s.Params == nil {
		return ""
	}
	for _, id := range s.Params.Steps() {
		if reason := q.leftOut[id]; reason != "" {
			return reason
		}
	}
	return ""
}

// foresees says whether a plan knows all that an expression reads of other steps: that they are not done.
func (q *sequence) foresees(t interface {
	Uses(name string) bool
	Steps() []string
},
) bool {
	if !t.Uses("steps") {
		return true
	}
	for _, id := range t.Steps() {
		if values, _ := q.steps[id].(map[string]any); values["skipped"] != true {
			return false
		}
	}
	return len(t.Steps()) > 0
}

// knows returns what the ledger had of a delivery when the sequence began.
func (q *sequence) knows(key delivery.Key) (delivery.Delivery, bool) {
	if len(q.known) == 0 {
		return delivery.Delivery{}, false // most often, and a hash is not free
	}
	d, ok := q.known[key.Hash()]
	return d, ok
}

// close notes that the sequence goes less far from here on.
func (q *sequence) close(e end) { q.end = max(q.end, e) }

// conclude notes what a step's ending means for its sequence. Failed items end their own sequences: what comes after their
// forEach is still done, and knows that something failed.
func (q *sequence) conclude(s *engine.Step, ending engine.Ending) {
	switch ending {
	case engine.EndedFailed:
		if s.ContinueOnError {
			return
		}
		q.failed = true
		if s.ForEach == nil {
			q.close(failedEnd)
		}
		if _, sends := s.Sender(); !sends && s.Operation != nil {
			q.unread = true
		}
	case engine.EndedInDoubt:
		q.inDoubt = true
		if s.ForEach == nil {
			q.close(blocked)
		}
	case engine.EndedNotSent, engine.EndedWaiting:
		q.notSent, q.waiting = q.notSent || ending == engine.EndedNotSent, q.waiting || ending == engine.EndedWaiting
		if s.ForEach == nil {
			q.close(blocked) // the message goes out later: nothing makes up for it now
		}
	case engine.EndedEarly:
		q.close(interrupted)
	case engine.EndedSucceeded, engine.EndedSkipped:
	}
}

// ending says how a sequence ended as a whole.
func (q *sequence) ending() engine.Ending {
	switch {
	case q.inDoubt:
		return engine.EndedInDoubt
	case q.failed:
		return engine.EndedFailed
	case q.notSent:
		return engine.EndedNotSent
	case q.waiting:
		return engine.EndedWaiting
	case !q.done:
		return engine.EndedSkipped
	}
	return engine.EndedSucceeded
}

// mayDo says whether what happened before a step leaves it to its `if`.
func (q *sequence) mayDo(s *engine.Step) bool {
	failed, always := false, false
	if s.If != nil {
		failed, always = s.If.UsesStatus()
	}
	switch q.end {
	case open:
		return true
	case failedEnd:
		return failed || always
	case blocked, interrupted:
	}
	return always
}
