package runner

import (
	"context"
	"sync"

	"waybill/engine"
	"waybill/engine/delivery"
)

// notes gathers the rows of a run that become no request, until they are written down together.
type notes struct {
	writing sync.Mutex // held from when they are taken until the ledger has them: what is done after is after them
	mu      sync.Mutex
	rows    map[noteOf][]engine.Unsent
	counted map[skip]int
	met     delivery.IDs
	metTold int // how many of met the ledger was told of with the end of a part
}

// noteOf is whose a note is: of a part of a divided run, which whoever does that part notes anew. The zero value is the run.
type noteOf struct {
	parted      bool
	stage, part int
}

// noteOf is whose the notes of a sequence are.
func (x *execution) noteOf(part int) noteOf {
	if x.share == nil {
		return noteOf{}
	}
	now := x.share.now.Load()
	if now == nil {
		return noteOf{}
	}
	return noteOf{parted: true, stage: now.stage.Number, part: part}
}

// skip is what messages that were left out have in common.
type skip struct {
	of      noteOf
	step    string
	outcome delivery.Outcome
	reason  string
}

// invalid notes a row that cannot be sent.
func (n *notes) invalid(of noteOf, u engine.Unsent) {
	u.Outcome = delivery.OutcomeInvalid
	n.row(of, u)
}

// row notes a row.
func (n *notes) row(of noteOf, u engine.Unsent) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.rows == nil {
		n.rows = map[noteOf][]engine.Unsent{}
	}
	n.rows[of] = append(n.rows[of], u)
}

// begun takes back that a row waits: its time has come.
func (n *notes) begun(of noteOf, q *sequence, s *engine.Step) {
	n.row(of, engine.Unsent{Step: s.Path, Item: q.item, Row: q.row})
}

// count notes a message that was left out or not reached.
func (n *notes) count(of noteOf, step string, o delivery.Outcome, reason string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.counted == nil {
		n.counted = map[skip]int{}
	}
	n.counted[skip{of, step, o, reason}]++
}

// meet notes a delivery that an earlier run decided.
func (n *notes) meet(id delivery.ID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.met.Add(id)
}

// metSince returns what was met, where that is more than when it was asked before; nil: it is not.
func (n *notes) metSince() *delivery.IDs {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.met.Len() == n.metTold {
		return nil
	}
	n.metTold = n.met.Len()
	return &n.met
}

// take returns what is not written down yet.
func (n *notes) take() map[noteOf][]engine.Unsent {
	n.mu.Lock()
	defer n.mu.Unlock()
	rows := n.rows
	if rows == nil && len(n.counted) > 0 {
		rows = map[noteOf][]engine.Unsent{}
	}
	for s, messages := range n.counted {
		rows[s.of] = append(rows[s.of], engine.Unsent{Step: s.step, Outcome: s.outcome, Reason: s.reason, Count: messages})
	}
	n.rows, n.counted = nil, nil
	return rows
}

// writeNotes writes down what was noted so far.
func (x *execution) writeNotes(ctx context.Context) {
	if x.looking || !x.sends {
		return
	}
	x.notes.writing.Lock()
	defer x.notes.writing.Unlock()
	ctx = context.WithoutCancel(ctx)
	for of, rows := range x.notes.take() {
		var err error
		if of.parted {
			err = x.share.ledger.NotePart(ctx, x.run.ID, of.stage, of.part, rows)
		} else {
			err = x.engine.Ledger.Note(ctx, x.run.ID, rows)
		}
		if err != nil {
			x.fail(err)
			return
		}
	}
}

// noteInvalid notes that a step's message cannot be made of its item.
func (x *execution) noteInvalid(q *sequence, s *engine.Step, failure *engine.StepError) {
	u := engine.Unsent{Step: s.Path, Item: q.item, Row: q.row, Cell: failure.Cell, Reason: "invalid-row", Message: failure.Err.Error()}
	if each := x.forEachOf[s]; each != nil {
		u.File = each.ForEach.Source.Origin(each.ForEach).Name
	}
	x.notes.invalid(x.noteOf(q.part), u)
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
