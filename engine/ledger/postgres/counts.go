package postgres

import (
	"cmp"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// part is what a count is of. Those from zero on are stored in run_count.
type part int64

const (
	ofMet        part = -1 // deliveries of a row of met
	ofDeliveries part = 0  // that a run made attempts for
	ofNotes      part = 1  // rows of a run that became no request
	ofPartNotes  part = 2  // such rows of the first part of a run that is divided; the next numbers are those of its other parts
)

// notesOf is what counts the rows that became no request of a part of a stage.
func notesOf(stage, number int) part { return ofPartNotes + part(stage*engine.Parts+number) }

// shards is how many rows a count is spread over.
const shards = 64

// counts are the changes that a group makes to the counts of outcomes, summed up so that each count is written once.
type counts map[countKey]int64

type countKey struct {
	part    part
	of      int64 // the row of the run, or of the set
	outcome delivery.Outcome
}

func (k countKey) compare(o countKey) int {
	return cmp.Or(cmp.Compare(k.part, o.part), cmp.Compare(k.of, o.of), cmp.Compare(k.outcome, o.outcome))
}

// count notes that so many deliveries of a run have an outcome more or less.
func (t *transaction) count(run int64, o delivery.Outcome, n int64) {
	t.counts[countKey{ofDeliveries, run, o}] += n
}

// writeCounts writes the sums before the end of the group, for what is read in between.
func (t *transaction) writeCounts() error {
	b := &pgx.Batch{}
	t.queueWrites(b, t.sums())
	return t.ask(b)
}

// sums takes what writes the sums, in an order that is the same for all.
func (t *transaction) sums() []call {
	var of, parts, outcomes, sums [2][]int64
	for _, k := range slices.SortedFunc(maps.Keys(t.counts), countKey.compare) {
		if n := t.counts[k]; n != 0 {
			table := 0
			if k.part == ofMet {
				table = 1
			}
			of[table], parts[table] = append(of[table], k.of), append(parts[table], int64(k.part))
			outcomes[table], sums[table] = append(outcomes[table], int64(k.outcome)), append(sums[table], n)
		}
	}
	clear(t.counts)
	runs, charges, charged := t.chargeSums()
	if len(of[0])+len(of[1])+len(runs) == 0 {
		return nil
	}
	return []call{{"add_counts", []any{
		t.w.shard(), of[0], parts[0], outcomes[0], sums[0], of[1], outcomes[1], sums[1], runs, charges, charged,
	}}}
}

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
			if err := t.tell(c.Run, run, &l.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c counts) clone() counts { return maps.Clone(c) }
