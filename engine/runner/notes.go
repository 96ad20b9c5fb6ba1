package runner

import (
	"context"
	"sync"

	"waybill/engine"
	"waybill/engine/delivery"
)

// notes gathers the rows of a run that become no request, until they are written down together.
type notes struct {
	mu      sync.Mutex
	rows    []engine.Unsent
	counted map[skip]int
	skipped map[string]int // by the reason, of the whole run
	met     delivery.IDs
}

// skip is what messages that were left out have in common.
type skip struct {
	step    string
	outcome delivery.Outcome
	reason  string
}

// invalid notes a row that cannot be sent.
func (n *notes) invalid(u engine.Unsent) {
	n.mu.Lock()
	defer n.mu.Unlock()
	u.Outcome = delivery.OutcomeInvalid
	n.rows = append(n.rows, u)
}

// waiting notes a row that waits for a later hour.
func (n *notes) waiting(u engine.Unsent) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rows = append(n.rows, u)
}

// cancelled notes a row that waited until a person cancelled that.
func (n *notes) cancelled(u engine.Unsent) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rows = append(n.rows, u)
	n.skip(u.Reason)
}

// skip counts a message that was left out, for the end of the run.
func (n *notes) skip(reason string) {
	if n.skipped == nil {
		n.skipped = map[string]int{}
	}
	n.skipped[reason]++
}

// begun takes back that a row waits: its time has come.
func (n *notes) begun(q *sequence, s *engine.Step) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rows = append(n.rows, engine.Unsent{Step: s.Path, Item: q.item, Row: q.row})
}

// count notes a message that was left out or not reached.
func (n *notes) count(step string, o delivery.Outcome, reason string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.counted == nil {
		n.counted = map[skip]int{}
	}
	n.counted[skip{step, o, reason}]++
	if o == delivery.OutcomeSkipped {
		n.skip(reason)
	}
}

// meet notes a delivery that an earlier run decided.
func (n *notes) meet(id delivery.ID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.met.Add(id)
}

// take returns what is not written down yet.
func (n *notes) take() []engine.Unsent {
	n.mu.Lock()
	defer n.mu.Unlock()
	rows := n.rows
	for s, messages := range n.counted {
		rows = append(rows, engine.Unsent{Step: s.step, Outcome: s.outcome, Reason: s.reason, Count: messages})
	}
	n.rows, n.counted = nil, nil
	return rows
}

// writeNotes writes down what was noted so far.
func (x *execution) writeNotes(ctx context.Context) {
	if x.looking || !x.sends {
		return
	}
	rows := x.notes.take()
	if len(rows) == 0 {
		return
	}
	if err := x.engine.Ledger.Note(context.WithoutCancel(ctx), x.run.ID, rows); err != nil {
		x.fail(err)
	}
}

// noteInvalid notes that a step's message cannot be made of its item.
func (x *execution) noteInvalid(q *sequence, s *engine.Step, failure *engine.StepError) {
	u := engine.Unsent{Step: s.Path, Item: q.item, Row: q.row, Cell: failure.Cell, Reason: "invalid-row", Message: failure.Err.Error()}
	if each := x.forEachOf[s]; each != nil {
		u.File = each.ForEach.Source.Origin(each.ForEach).Name
	}
	x.notes.invalid(u)
}

// forEachOf finds the forEach around each step.
func forEachOf(steps []*engine.Step, around *engine.Step, into map[*engine.Step]*engine.Step) map[*engine.Step]*engine.Step {
	for _, s := range steps {
		each := around
		if s.ForEach != nil {
			each = s
		}
		into[s] = each
		forEachOf(s.Steps, each, into)
	}
	return into
}
