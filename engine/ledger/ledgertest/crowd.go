package ledgertest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testCrowd has many callers fight for the same deliveries, with statuses coming beside the answers.
func testCrowd(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	const callers, items = 16, 40
	var granted [items]atomic.Int64
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for n := range items {
				item := (n + c*7) % items
				ticket, err := d.Intend(t.Context(), intent(fmt.Sprint(item)))
				var held *delivery.DecidedError
				switch {
				case errors.As(err, &held):
					continue
				case err != nil:
					t.Error(err)
					continue
				}
				granted[item].Add(1)
				s := status(delivery.Delivered, 5)
				s.MessageID, s.Callback = wamid(item), ticket.Callback
				wg.Go(func() {
					if err := d.Record(t.Context(), engine.Report{ReceivedAt: at(6), Statuses: []delivery.Status{s}}); err != nil {
						t.Error(err)
					}
				})
				a := accepted(wamid(item))
				a.Delivery, a.Number = ticket.Delivery, ticket.Attempt
				if _, err := d.Settle(t.Context(), a); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for item := range granted {
		if n := granted[item].Load(); n != 1 {
			t.Errorf("item %d was granted %d times", item, n)
		}
		d.wantState(fmt.Sprint(item), delivery.Delivered)
	}
}
