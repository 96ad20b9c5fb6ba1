package dashboard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// tally counts deliveries by state.
type tally map[delivery.State]int

// of adds up the deliveries that are in one of the states.
func (t tally) of(states ...delivery.State) int {
	n := 0
	for _, s := range states {
		n += t[s]
	}
	return n
}

func (t tally) total() int { return t.of(delivery.States()...) }

// accepted and delivered count those that got at least so far. A delivery that was read was also delivered, whether or not
// WhatsApp said so.
func (t tally) accepted() int {
	return t.of(delivery.Accepted, delivery.Sent, delivery.Delivered, delivery.Read, delivery.Failed)
}
func (t tally) delivered() int { return t.of(delivery.Delivered, delivery.Read) }
func (t tally) failed() int    { return t.of(delivery.Rejected, delivery.Failed) }

// countBudget is for counts beside what a page is about: a page without them is better than none.
const countBudget = 2 * time.Second

// countWithin is count, unless it takes too long: then the tally is nil, for as long as another count is kept.
func (d *dashboard) countWithin(ctx context.Context, f engine.DeliveryFilter, budget time.Duration) (tally, error) {
	f.After, f.Limit = 0, 0
	return d.counts.get(ctx, fmt.Sprintf("within %#v", f), func(ctx context.Context, _ tally) (tally, error) {
		short, cancel := context.WithTimeout(ctx, budget)
		defer cancel()
		t, err := d.Ledger.Tally(short, f)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return nil, nil
		}
		return t, err
	})
}

// count asks the ledger for a tally, or remembers it.
func (d *dashboard) count(ctx context.Context, f engine.DeliveryFilter) (tally, error) {
	f.After, f.Limit = 0, 0
	return d.counts.get(ctx, fmt.Sprintf("%#v", f), func(ctx context.Context, _ tally) (tally, error) {
		t, err := d.Ledger.Tally(ctx, f)
		return t, err
	})
}
