package runner

import (
	"sync"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
)

// maxWarnings bounds what a run remembers of its warnings.
const maxWarnings = 200

// book keeps the run's counts, and the first of its errors and warnings. It is shared by all items.
type book struct {
	mu       sync.Mutex
	counts   engine.Counts
	reason   string         // why a group ended early
	doubts   []delivery.Key // of deliveries that were left in doubt, the first maxDoubts
	rest     bool           // steps behind one in doubt were left undone
	errors   []engine.StepError
	warnings diag.List
	fatal    error // of the ledger
}

// count adds one delivery, or one step where a job has no delivery.
func (b *book) count(e engine.Ending) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.counts.Add(e)
}

func (b *book) error(err *engine.StepError) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.errors) < engine.MaxErrors {
		b.errors = append(b.errors, *err)
	}
}

// warn keeps a warning, and says whether there was room: past it they are not told either.
func (b *book) warn(d diag.Diagnostic) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.warnings) >= maxWarnings {
		return false
	}
	b.warnings = append(b.warnings, d)
	return true
}

func (b *book) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fatal == nil {
		b.fatal = err
	}
}

// firstErrors gives the errors as the ledger keeps them.
func (b *book) firstErrors() []engine.RunError {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []engine.RunError
	for _, e := range b.errors[:min(len(b.errors), engine.MaxRunErrors)] {
		list = append(list, engine.RunError{Step: e.Step.Path, Item: e.Item, Row: e.Row, Code: e.Code, Message: e.Err.Error()})
	}
	return list
}

// stopped notes that a group ended early.
func (b *book) stopped(reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.reason == "" {
		b.reason = reason
	}
}

// maxDoubts bounds how many deliveries in doubt are looked at again when a run ends.
const maxDoubts = 100_000

// doubted notes a delivery that was left in doubt.
func (b *book) doubted(k delivery.Key) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.doubts) < maxDoubts {
		b.doubts = append(b.doubts, k)
	}
}

// leaveRest notes that steps behind one in doubt were left undone.
func (b *book) leaveRest() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rest = true
}
