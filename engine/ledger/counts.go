package ledger

import (
	"maps"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// part is what a count is of. The first two are stored in run_count.
type part int64

const (
	ofDeliveries part = 0 // that a run made attempts for
	ofNotes      part = 1 // rows of a run that became no request
	ofMet        part = 2 // deliveries of a row of met
)

// counts are the changes that a group makes to the counts of outcomes, summed up so that each count is written once.
type counts map[countKey]int64

type countKey struct {
	part    part
	of      int64 // the row of the run, or of the set
	outcome delivery.Outcome
}

// count notes that so many deliveries of a run have an outcome more or less.
func (t *transaction) count(run int64, o delivery.Outcome, n int64) {
	t.counts[countKey{ofDeliveries, run, o}] += n
}

// writeCounts writes the sums.
func (t *transaction) writeCounts() error {
	for k, n := range t.counts {
		if n == 0 {
			continue
		}
		var err error
		if k.part == ofMet {
			_, _, err = t.exec(`INSERT INTO met_count (met, outcome, n) VALUES (?, ?, ?)
				ON CONFLICT DO UPDATE SET n = n + excluded.n`, k.of, int64(k.outcome), n)
		} else {
			_, _, err = t.exec(`INSERT INTO run_count (run, part, outcome, n) VALUES (?, ?, ?, ?)
				ON CONFLICT DO UPDATE SET n = n + excluded.n`, k.of, int64(k.part), int64(k.outcome), n)
		}
		if err != nil {
			return err
		}
	}
	clear(t.counts)
	return nil
}

func (c counts) clone() counts { return maps.Clone(c) }

// countChange counts what a transition made of a delivery, for each run by the last attempt that it made.
func (t *transaction) countChange(l *loaded) error {
	for c := range form.Changes(&l.Record, l.before) {
		if c.Moved() {
			if err := t.countMet(l.ID, c.Attempt, c.Before, c.After); err != nil {
				return err
			}
		}
		if !c.Counted && !c.Counts {
			continue
		}
		run, err := t.runOf(c.Run)
		if err != nil {
			return err
		}
		if c.Counted {
			t.count(run, c.Before, -1)
		}
		if !c.Counts {
			continue
		}
		t.count(run, c.After, 1)
		if c.After == delivery.OutcomeUndelivered {
			if err := t.tell(c.Run, run, int64(l.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}
