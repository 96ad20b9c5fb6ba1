package ledgertest

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"waybill/engine"
	"waybill/engine/delivery"
)

// ledgerSubject drives a ledger.
type ledgerSubject struct{ *desk }

func (s ledgerSubject) Intend(i delivery.Intent) (delivery.Ticket, error) {
	return s.desk.Intend(s.Context(), i)
}

func (s ledgerSubject) Settle(a delivery.Attempt) error {
	_, err := s.desk.Settle(s.Context(), a)
	return err
}

func (s ledgerSubject) Resolve(id delivery.ID, sent bool) error {
	_, err := s.desk.Resolve(s.Context(), id, sent, engine.Actor{})
	return err
}

func (s ledgerSubject) Tell(st delivery.Status) error {
	return s.Record(s.Context(), engine.Report{ReceivedAt: at(30), Statuses: []delivery.Status{st}})
}

func (s ledgerSubject) Look(k delivery.Key, id delivery.ID) (delivery.Delivery, error) {
	return Find(s.Context(), s, k, id)
}

// Find returns a delivery of a ledger: the newest of its item by Lookup, another by its id.
func Find(ctx context.Context, l engine.Reader, k delivery.Key, id delivery.ID) (delivery.Delivery, error) {
	found, err := l.Lookup(ctx, []delivery.Key{k.First()})
	if got := found[k.First().Hash()]; err != nil || got.Key == k {
		return got, err
	}
	for got, err := range l.Deliveries(ctx, engine.DeliveryFilter{ID: id}) {
		return got, err
	}
	return delivery.Delivery{}, engine.ErrNotFound
}

func (s ledgerSubject) Crash() error {
	s.crash()
	return nil
}

// testModel drives a ledger; the checks share it.
func testModel(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	d.must(d.StartRun(t.Context(), engine.Run{ID: SecondRun, Job: "job", StartedAt: at(60)}))
	checks := 0
	rapid.Check(t, func(rt *rapid.T) {
		checks++
		History(rt, ledgerSubject{d}, fmt.Sprint(checks))
	})
	wrong, err := d.Examine(t.Context())
	d.must(err)
	if len(wrong) > 0 {
		t.Errorf("after all that the ledger is not whole: %q", wrong)
	}
}
