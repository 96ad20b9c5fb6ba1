package ledger

import (
	"maps"

	"waybill/engine/delivery"
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

// outcomes are what became of a delivery by each of its attempts.
func (l *loaded) outcomes() []delivery.Outcome {
	out := make([]delivery.Outcome, len(l.Attempts))
	for n := range out {
		out[n] = l.OutcomeAt(n + 1)
	}
	return out
}

// countChange counts what a transition made of a delivery, for each run by the last attempt that it made.
func (t *transaction) countChange(l *loaded) error {
	after := l.outcomes()
	for n, o := range after {
		known := n < len(l.before)
		if known && l.before[n] != o {
			if err := t.countMet(l.ID, n+1, l.before[n], o); err != nil {
				return err
			}
		}
		wasLast := known && l.lastOfRun(n, len(l.before))
		isLast := l.lastOfRun(n, len(after))
		if wasLast == isLast && (!isLast || l.before[n] == o) {
			continue
		}
		run, err := t.runOf(l.Attempts[n].Run)
		if err != nil {
			return err
		}
		if wasLast {
			t.count(run, l.before[n], -1)
		}
		if !isLast {
			continue
		}
		t.count(run, o, 1)
		if o == delivery.OutcomeUndelivered {
			if err := t.tell(l.Attempts[n].Run, run, int64(l.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}

// lastOfRun says whether an attempt is the last of its run among the first so many.
func (l *loaded) lastOfRun(n, among int) bool {
	for _, a := range l.Attempts[n+1 : among] {
		if a.Run == l.Attempts[n].Run {
			return false
		}
	}
	return true
}
