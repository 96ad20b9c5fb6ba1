package ledgertest

import (
	"reflect"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testCharges counts how messages were charged, each once, whatever their statuses say again and when they come.
func testCharges(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	utility := delivery.Charge{Category: "utility", Type: "regular", Model: "PMP", Country: "ES"}
	free := delivery.Charge{Category: "service", Type: "free_customer_service", Model: "PMP", Country: "ES"}
	want := func(want ...engine.Charged) {
		t.Helper()
		got, err := d.Charges(t.Context(), theRun)
		d.must(err)
		if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("charged %+v, want %+v", got, want)
		}
	}
	told := func(message, callback string, state delivery.State, n int, c *delivery.Charge) {
		t.Helper()
		s := delivery.Status{MessageID: message, Callback: callback, State: state, At: at(n), Charge: c}
		d.must(d.Record(t.Context(), engine.Report{ReceivedAt: at(n), Body: []byte(message + state.String()), Statuses: []delivery.Status{s}}))
	}
	want()
	ana := d.intend(intent("ana"))
	d.settle(ana, accepted(wamid(1)))
	told(wamid(1), "", delivery.Sent, 10, nil)
	want()
	told(wamid(1), "", delivery.Delivered, 11, &utility)
	told(wamid(1), "", delivery.Delivered, 11, &utility) // once more
	told(wamid(1), "", delivery.Read, 12, &utility)
	want(engine.Charged{Charge: utility, Messages: 1})
	eva := d.intend(intent("eva"))
	told(wamid(2), "", delivery.Delivered, 13, &utility) // before the answer, and without what would tell whose it is
	d.settle(eva, accepted(wamid(2)))
	zoe := d.intend(intent("zoe"))
	told(wamid(3), zoe.Callback, delivery.Read, 14, &free)
	d.settle(zoe, accepted(wamid(3)))
	told("wamid.foreign", "", delivery.Delivered, 15, &utility)
	d.reopen()
	want(engine.Charged{Charge: utility, Messages: 2}, engine.Charged{Charge: free, Messages: 1})
	if got, err := d.Charges(t.Context(), "no run"); err != nil || len(got) != 0 {
		t.Errorf("of no run: %+v, %v", got, err)
	}
}
