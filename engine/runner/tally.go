package runner

import (
	"slices"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
)

// maxWarnings bounds what a run remembers of its warnings.
const maxWarnings = 200

// maxDoubts bounds how many deliveries in doubt are looked at again when a run ends.
const maxDoubts = 100_000

// runTally keeps the run's counts, and the first of its errors and warnings. It is shared by all items.
type runTally struct {
	mu       sync.Mutex
	counts   engine.Counts
	reason   string         // why a group ended early
	doubts   []delivery.Key // of deliveries that were left in doubt, the first maxDoubts
	waiting  int            // messages that wait for longer than the run does
	until    time.Time      // when the first of them may go
	waitsFor string         // and for what
	rest     bool           // steps behind one in doubt were left undone
	errors   []engine.StepError
	warnings diag.List
	fatal    error // of the ledger
}

// count adds one delivery, or one step where a job has no delivery.
func (t *runTally) count(e engine.Ending) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.Add(e)
}

func (t *runTally) error(err *engine.StepError) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.errors) < engine.MaxErrors {
		t.errors = append(t.errors, *err)
	}
}

// warn keeps a warning, and says whether it is to be reported: it is new, and there was room.
func (t *runTally) warn(d diag.Diagnostic) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	same := func(w diag.Diagnostic) bool { return w.Code == d.Code && w.Range == d.Range && w.Summary == d.Summary }
	if len(t.warnings) >= maxWarnings || slices.ContainsFunc(t.warnings, same) { // a source may be read several times
		return false
	}
	t.warnings = append(t.warnings, d)
	return true
}

func (t *runTally) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fatal == nil {
		t.fatal = err
	}
}

// allSucceeded says whether there are messages, and each was taken.
func (t *runTally) allSucceeded() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts.Total > 0 && t.counts.Succeeded == t.counts.Total
}

// firstErrors returns the errors as the ledger keeps them.
func (t *runTally) firstErrors() []engine.RunError {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []engine.RunError
	for _, e := range t.errors[:min(len(t.errors), engine.MaxRunErrors)] {
		list = append(list, engine.RunError{Step: e.Step.Path, Item: e.Item, Row: e.Row, Code: e.Code, Message: e.Err.Error()})
	}
	return list
}

// stopped notes that a group ended early.
func (t *runTally) stopped(reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reason == "" {
		t.reason = reason
	}
}

// stopReason is why a group ended early; empty: none did.
func (t *runTally) stopReason() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reason
}

// doubted notes a delivery that was left in doubt.
func (t *runTally) doubted(k delivery.Key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.doubts) < maxDoubts {
		t.doubts = append(t.doubts, k)
	}
}

// leaveRest notes that steps behind one in doubt were left undone.
func (t *runTally) leaveRest() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rest = true
}
