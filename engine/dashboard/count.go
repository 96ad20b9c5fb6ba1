package dashboard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waybill/engine"
)

// countBudget is for counts beside what a page is about: a page without them is better than none.
const countBudget = 2 * time.Second

// uncounted is a count that took too long.
const uncounted = -1

// count returns how many deliveries a list has, or uncounted, for as long as another count is kept. The figures of a run are
// not counted here: they are Run.Counts.
func (d *dashboard) count(ctx context.Context, f engine.DeliveryFilter) (int, error) {
	f.After, f.Limit = 0, 0
	return d.totals.get(ctx, fmt.Sprintf("%#v", f), func(ctx context.Context, _ int) (int, error) {
		short, cancel := context.WithTimeout(ctx, countBudget)
		defer cancel()
		states, err := d.Ledger.Tally(short, f)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return uncounted, nil
		}
		n := 0
		for _, of := range states {
			n += of
		}
		return n, err
	})
}

// find returns a run with its counts, or what is kept of it: the ledger may have to count for it.
func (d *dashboard) find(ctx context.Context, id string) (engine.Run, error) {
	return d.found.get(ctx, id, func(ctx context.Context, _ engine.Run) (engine.Run, error) { return d.Ledger.Run(ctx, id) })
}

// list returns runs with their counts, or what is kept of them.
func (d *dashboard) list(ctx context.Context, f engine.RunFilter) ([]engine.Run, error) {
	return d.listed.get(ctx, fmt.Sprintf("%#v", f), func(ctx context.Context, _ []engine.Run) ([]engine.Run, error) {
		var runs []engine.Run
		for run, err := range d.Ledger.Runs(ctx, f) {
			if err != nil {
				return nil, err
			}
			runs = append(runs, run)
		}
		return runs, nil
	})
}
