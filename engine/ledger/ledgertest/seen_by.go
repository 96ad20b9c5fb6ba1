package ledgertest

import (
	"fmt"
	"slices"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testSeenBy lists what a run counts: what it made attempts for, and what it met and left, whether that lies together or apart.
func testSeenBy(t *testing.T, newStore NewStore) {
	t.Helper()
	const many = 100
	for name, every := range map[string]int{"together": 1, "some apart": 20, "apart": 2} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, newStore)
			met := new(delivery.IDs)
			var want []delivery.ID
			for n := range many {
				ticket := d.intend(intent(fmt.Sprint(n)))
				d.settle(ticket, accepted(wamid(n)))
				if n%every == 0 {
					met.Add(ticket.Delivery)
					want = append(want, ticket.Delivery)
				}
			}
			d.must(d.StartRun(t.Context(), engine.Run{ID: anotherRun, Job: "job", StartedAt: at(60)}))
			own := intent("own")
			own.Run = anotherRun
			ticket := d.intend(own)
			d.settle(ticket, accepted(wamid(many)))
			want = append(want, ticket.Delivery)
			d.must(d.FinishRun(t.Context(), engine.Run{ID: anotherRun, Status: engine.RunSucceeded, FinishedAt: at(90)}, met))
			var got []delivery.ID
			for found, err := range d.Deliveries(t.Context(), engine.DeliveryFilter{SeenBy: anotherRun}) {
				d.must(err)
				got = append(got, found.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("it lists %v, want %v", got, want)
			}
			tally, err := d.Tally(t.Context(), engine.DeliveryFilter{SeenBy: anotherRun})
			if d.must(err); tally[delivery.Accepted] != len(want) {
				t.Errorf("it counts %v, want %d", tally, len(want))
			}
		})
	}
}
