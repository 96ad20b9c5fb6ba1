package cli

import (
	"context"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/report"
	"waybill/engine/runner"
)

// neverBegun finds the messages that a run did not begin, since it ended early or a step before them failed: rows of its sources that the
// ledger has nothing of.
type neverBegun struct {
	ledger engine.Reader
	run    engine.Run
	lines  []report.Delivery // those that were found, in the order of their rows

	item  string            // of the message before
	batch []report.Delivery // not looked up yet
	met   map[delivery.KeyHash]bool
	err   error
}

// newNeverBegun is nil for a run that began all it meant to.
func newNeverBegun(l engine.Reader, run engine.Run) *neverBegun {
	early := run.Status == engine.RunRunning || run.Status == engine.RunInterrupted // it did not say how many are left
	if run.Counts.NotSent == 0 && !early || run.Asked.Limit > 0 || run.Asked.TestTo != "" {
		return nil
	}
	return &neverBegun{ledger: l, run: run, met: map[delivery.KeyHash]bool{}}
}

// misses says whether a message that is not in the list may be one that was not begun; nil: none is. One that makes up for another of its
// item, or follows from what became of it, is none: the other stands for its person. Nor is one to a person who gets nothing.
func (n *neverBegun) misses(m runner.MessageRow) bool {
	if n == nil || m.Item == "" {
		return false
	}
	first := m.Item != n.item
	n.item = m.Item
	return !m.LeftOut && (first || !m.Depends)
}

// meet notes a message that is not in the list.
func (n *neverBegun) meet(ctx context.Context, m runner.MessageRow, cells map[string]string) {
	const batchSize = 1000
	line := report.NewUnsent(n.run, engine.Unsent{Step: m.Step.Path, Item: m.Item, Row: m.Row, Outcome: delivery.OutcomeNotSent})
	line.Columns, line.Message = cells, "the run did not come to it"
	n.batch = append(n.batch, line)
	if len(n.batch) == batchSize && n.err == nil {
		n.err = n.lookUp(ctx)
	}
}

// lookUp asks the ledger about the rows that were met since, and keeps those that it does not have.
func (n *neverBegun) lookUp(ctx context.Context) error {
	if n.err != nil {
		return n.err
	}
	keys := make([]delivery.Key, len(n.batch))
	for i, line := range n.batch {
		keys[i] = delivery.Key{Job: n.run.Job, Scope: n.run.DeliveryScope(), Step: line.Step, Item: line.Item}
	}
	known, err := n.ledger.Lookup(ctx, keys)
	for i, line := range n.batch {
		hash := keys[i].Hash()
		if _, begun := known[hash]; !begun && !n.met[hash] && err == nil {
			n.met[hash] = true
			n.lines = append(n.lines, line)
		}
	}
	n.batch = n.batch[:0]
	return err
}
