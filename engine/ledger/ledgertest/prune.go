package ledgertest

import (
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testPrune: what is old goes, and with it nothing by which a message would be sent again.
func testPrune(t *testing.T, newStore NewStore) {
	t.Helper()
	d, _ := forgetful(t, newStore)
	i := intent("tried")
	i.Recipient = "+34611111111"
	d.settle(d.intend(i), delivery.Attempt{Result: delivery.ResultNotSent, Answer: delivery.Answer{Status: 429, Message: "too many"}})
	d.settle(d.intend(i), accepted(wamid(5)))
	doubt := intent("doubt")
	doubt.Recipient = "+34622222222"
	d.settle(d.intend(doubt), delivery.Attempt{Result: delivery.ResultInDoubt})
	failed := engine.Run{ID: SecondRun, Job: "job", StartedAt: at(1)}
	d.must(d.StartRun(t.Context(), failed))
	failed.Status, failed.FinishedAt, failed.Errors = engine.RunFailed, at(2), []engine.RunError{{Step: "patients", Message: "Eva is not there"}}
	d.must(d.FinishRun(t.Context(), failed, nil))
	run, err := d.Run(t.Context(), theRun)
	d.must(err)
	long := at(0).AddDate(100, 0, 0)
	if none, err := d.Prune(t.Context(), at(-3600), false); err != nil || none.Statuses+none.Webhooks+none.Inbound+none.Rows != 0 {
		t.Errorf("what is not old: %+v, %v", none, err)
	}
	look, err := d.Prune(t.Context(), long, true)
	d.must(err)
	d.must(d.release())
	done, err := d.Prune(t.Context(), long, false)
	d.must(err)
	if done.Statuses != 1 || done.Webhooks != 1 || done.Inbound != 1 || done.Rows != 1 || done.Runs != 1 || done.Attempts != 1 || look.Statuses != done.Statuses || look.Inbound != 1 {
		t.Errorf("it took out %+v, and was to take out %+v", done, look)
	}
	if failed, err = d.Run(t.Context(), SecondRun); err != nil || len(failed.Errors) > 0 {
		t.Errorf("the run of long ago has the errors %v, %v", failed.Errors, err)
	}
	d.lock()
	for range 2 { // as this process knows it, and as another does
		d.wantKept(i, run.Counts)
		d.crash()
	}
	d.record(delivery.Status{MessageID: wamid(1), State: delivery.Read, Word: "read", At: at(40)})
	d.wantState(eva, delivery.Read)
	d.record(delivery.Status{MessageID: wamid(5), State: delivery.Delivered, Word: "delivered", At: at(40)})
	d.wantState("tried", delivery.Delivered)
	for _, err := range d.Inbound(t.Context(), engine.InboundFilter{}) {
		t.Errorf("what she wrote is there (%v)", err)
	}
}

// wantKept: nothing is sent again, who left stays out, and what is counted is counted on.
func (d *desk) wantKept(tried delivery.Intent, counts engine.Counts) {
	d.Helper()
	if got := d.wantState(eva, delivery.Sent); got.Recipient != eva || got.MessageID != wamid(1) || got.Key.Item != eva {
		d.Errorf("the delivery is %+v", got)
	}
	d.held(intent(eva))
	d.held(tried)
	d.wantState("doubt", delivery.InDoubt)
	ids, err := d.Person(d.Context(), evaUser)
	d.must(err)
	words := 0
	for _, err := range d.OptOuts(d.Context(), engine.OptOutFilter{Persons: ids}) {
		d.must(err)
		words++
	}
	if len(ids) != 2 || words != 1 {
		d.Errorf("she is %v, with %d words", ids, words)
	}
	reached := 0
	for _, err := range d.Reached(d.Context(), engine.ReachFilter{}) {
		d.must(err)
		reached++
	}
	if reached != 4 {
		d.Errorf("%d count for how often people were messaged", reached)
	}
	again, err := d.Run(d.Context(), theRun)
	d.must(err)
	if again.Counts != counts {
		d.Errorf("the run counted %+v, and now %+v", counts, again.Counts)
	}
	wrong, err := d.Examine(d.Context())
	d.must(err)
	if len(wrong) > 0 {
		d.Errorf("it is not whole: %q", wrong)
	}
}
