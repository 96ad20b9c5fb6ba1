package ledgertest

import (
	"errors"
	"slices"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

const (
	eva     = "+34612345678"
	evaUser = "ES.13491208655302741918"
	otto    = "+4915112345678"
)

// forgetful is a desk at which messages went to two people, who are known by more than their numbers.
func forgetful(t *testing.T, newStore NewStore) (d *desk, ottos delivery.Ticket) {
	t.Helper()
	d = newDesk(t, newStore)
	i := intent(eva)
	d.settle(d.intend(i), accepted(wamid(1)))
	i = intent("c-17")
	i.Recipient = otto
	ottos = d.intend(i)
	d.settle(ottos, accepted(wamid(2)))
	d.must(d.Record(t.Context(), engine.Report{
		ReceivedAt: at(3), Body: []byte(`{"statuses":[{"id":"` + wamid(1) + `","recipient_id":"34612345678"}],"name":"Eva Luna"}`),
		Statuses:   []delivery.Status{{MessageID: wamid(1), State: delivery.Sent, Word: "sent", At: at(2), Recipient: "34612345678"}},
		Inbound:    []engine.Inbound{{ID: "wamid.in", NumberID: "1", From: "34612345678", ProfileName: "Eva Luna", At: at(2), Type: "text", Text: "call me"}},
		Identities: []engine.Identity{{WaID: eva, UserID: evaUser, Username: "evaluna", NumberID: "1", At: at(2)}},
	}))
	d.must(d.OptOut(t.Context(), []engine.OptOut{{Person: evaUser, Scope: engine.ScopeMarketing, Source: engine.SourcePreference, At: at(3)}}))
	d.must(d.Note(t.Context(), theRun, []engine.Unsent{{Step: "patients/remind", Item: eva, Row: 9, Outcome: delivery.OutcomeInvalid, Cell: "name", Message: "Eva Luna is no name"}, {Step: "patients/remind", Item: "E-1", Person: eva, Row: 10, Outcome: delivery.OutcomeWaiting, Message: "it waits"}}))
	return d, ottos
}

func (d *desk) forget(f engine.Forget) engine.Erased {
	d.Helper()
	done, err := d.Forget(d.Context(), f)
	d.must(err)
	return done
}

func testForget(t *testing.T, newStore NewStore) {
	t.Helper()
	t.Run("StillMatches", func(t *testing.T) { testForgottenMatches(t, newStore) })
	t.Run("Later", func(t *testing.T) { testForgottenLater(t, newStore) })
	t.Run("InDoubt", func(t *testing.T) { testForgottenDoubt(t, newStore) })
	t.Run("UnderWay", func(t *testing.T) { testForgottenUnderWay(t, newStore) })
	t.Run("Moved", func(t *testing.T) { testForgottenMoved(t, newStore) })
	t.Run("ByKey", func(t *testing.T) { testForgottenByKey(t, newStore) })
	t.Run("NeedsLock", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.must(d.release())
		if _, err := d.Forget(t.Context(), engine.Forget{IDs: []string{eva}}); !errors.Is(err, engine.ErrNotLocked) {
			t.Errorf("Forget without the Lock returned %v", err)
		}
		d.lock()
		other := d.open()
		release, err := other.Lock(t.Context(), "another")
		var locked *engine.LockedError
		if errors.As(err, &locked) { // one sender at a time
			return
		}
		d.must(err)
		if _, err := d.Forget(t.Context(), engine.Forget{IDs: []string{eva}}); !errors.As(err, &locked) {
			t.Errorf("Forget beside another sender returned %v", err)
		}
		d.must(release())
		d.forget(engine.Forget{IDs: []string{eva}})
	})
}

// testForgottenMatches: what was sent is sent no more, who left stays out, and others are as they were.
func testForgottenMatches(t *testing.T, newStore NewStore) {
	t.Helper()
	d, _ := forgetful(t, newStore)
	done := d.forget(engine.Forget{IDs: []string{eva}})
	if done.People != 2 || done.Deliveries != 1 || done.Inbound != 1 || done.Webhooks != 1 || done.Rows != 2 || done.OptOuts != 1 {
		t.Errorf("Forget did %+v", done)
	}
	for range 2 { // as this process knows it, and as another does
		got := d.wantState(eva, delivery.Sent)
		if !engine.IsForgotten(got.Recipient) || !engine.IsForgotten(got.Key.Item) || !engine.IsForgotten(got.MessageID) {
			t.Errorf("the delivery is %+v", got)
		}
		if got.Recipient != d.Known(eva) || got.Key != d.KnownKey(key(eva)) {
			t.Errorf("it is known as %s and %s, and not as %s", got.Recipient, got.Key.Item, d.Known(eva))
		}
		if held := d.held(intent(eva)); held.ID != got.ID {
			t.Errorf("an intent meets delivery %d, and not %d", held.ID, got.ID)
		}
		d.wantState("c-17", delivery.Accepted)
		for _, id := range []string{eva, evaUser} {
			ids, err := d.Person(t.Context(), id)
			d.must(err)
			if len(ids) != 2 || !slices.Contains(ids, d.Known(eva)) || !slices.Contains(ids, d.Known(evaUser)) {
				t.Errorf("%s is %v", id, ids)
			}
			words := 0
			for w, err := range d.OptOuts(t.Context(), engine.OptOutFilter{Persons: []string{evaUser}}) {
				d.must(err)
				if words++; w.Person != d.Known(evaUser) {
					t.Errorf("the word is about %s", w.Person)
				}
			}
			if words != 1 {
				t.Errorf("%d words are about her", words)
			}
		}
		statuses, err := d.Statuses(t.Context(), wamid(1))
		d.must(err)
		if len(statuses) != 1 || statuses[0].Recipient != "" || statuses[0].Raw != nil {
			t.Errorf("her statuses are %+v", statuses)
		}
		d.crash()
	}
	if again := d.forget(engine.Forget{IDs: []string{eva}}); again.People != 0 || again.Known == 0 {
		t.Errorf("the second time did %+v", again)
	}
	if nobody := d.forget(engine.Forget{Item: "c-99"}); !nobody.Nothing() {
		t.Errorf("nobody's key did %+v", nobody)
	}
}

// testForgottenLater: what comes of them later moves what it is about, and says no more who they are.
func testForgottenLater(t *testing.T, newStore NewStore) {
	t.Helper()
	d, _ := forgetful(t, newStore)
	d.forget(engine.Forget{IDs: []string{eva}})
	second := d.open() // another process, which was there before
	report := engine.Report{
		ReceivedAt: at(9), Body: []byte(`{"recipient_id":"34612345678","id":"` + wamid(1) + `"}`),
		Statuses:   []delivery.Status{{MessageID: wamid(1), State: delivery.Read, Word: "read", At: at(8), Recipient: "34612345678", Raw: []byte(`{"recipient_id":"34612345678"`)}},
		Inbound:    []engine.Inbound{{ID: "wamid.in2", NumberID: "1", From: "34612345678", ProfileName: "Eva", At: at(8), Type: "text", Text: "hello?"}},
		Identities: []engine.Identity{{WaID: eva, UserID: "ES.999", Username: "evaluna", NumberID: "2", At: at(8)}},
		OptOuts:    []engine.OptOut{{Person: eva, Scope: engine.ScopeAll, Source: engine.SourceWord, Word: "STOP", At: at(8)}},
	}
	for range 2 { // the same again changes nothing
		d.must(second.Record(t.Context(), report))
	}
	d.wantState(eva, delivery.Read)
	for m, err := range d.Inbound(t.Context(), engine.InboundFilter{}) {
		d.must(err)
		if m.Text != "" || m.ProfileName != "" || !engine.IsForgotten(m.From) || !engine.IsForgotten(m.ID) {
			t.Errorf("what she wrote later is %+v", m)
		}
	}
	if known := second.Known("ES.999"); !engine.IsForgotten(known) {
		t.Errorf("her other id is known as %s", known)
	}
	words := 0
	for w, err := range d.OptOuts(t.Context(), engine.OptOutFilter{}) {
		d.must(err)
		if words++; !engine.IsForgotten(w.Person) {
			t.Errorf("a word is about %s", w.Person)
		}
	}
	if words != 2 {
		t.Errorf("there are %d words", words)
	}
	// A new message to her is allowed: forgetting is no opt-out. It is kept under her digest.
	i := intent("another key")
	i.Recipient = eva
	got := d.settle(d.intend(i), accepted(wamid(7)))
	if got.Recipient != d.Known(eva) || !engine.IsForgotten(got.MessageID) {
		t.Errorf("the new delivery is %+v", got)
	}
	d.record(delivery.Status{MessageID: wamid(7), State: delivery.Delivered, Word: "delivered", At: at(31)})
	d.wantState("another key", delivery.Delivered)
}

// testForgottenDoubt: a status settles what is in doubt by its callback, which was made before the key became a digest.
func testForgottenDoubt(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	ticket := d.intend(intent(eva))
	d.settle(ticket, delivery.Attempt{Result: delivery.ResultInDoubt})
	d.wantState(eva, delivery.InDoubt)
	d.forget(engine.Forget{IDs: []string{eva}})
	d.record(delivery.Status{MessageID: wamid(1), State: delivery.Delivered, Word: "delivered", At: at(8), Callback: ticket.Callback, Recipient: "34612345678"})
	got := d.wantState(eva, delivery.Delivered)
	if !engine.IsForgotten(got.MessageID) {
		t.Errorf("it has the message id %s", got.MessageID)
	}
	alarms, err := d.Alarms(t.Context())
	d.must(err)
	if alarms.ForeignCallbacks != 0 {
		t.Errorf("%d callbacks are foreign", alarms.ForeignCallbacks)
	}
}

// testForgottenUnderWay: the answer to a request that was made before comes after.
func testForgottenUnderWay(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	ticket := d.intend(intent(eva))
	d.forget(engine.Forget{IDs: []string{eva}})
	got := d.settle(ticket, accepted(wamid(1)))
	if !engine.IsForgotten(got.MessageID) || !engine.IsForgotten(got.Recipient) {
		t.Errorf("the delivery is %+v", got)
	}
	d.record(delivery.Status{MessageID: wamid(1), State: delivery.Read, Word: "read", At: at(8)})
	d.wantState(eva, delivery.Read)
}

// testForgottenByKey: a key names a person, who is forgotten with it, wherever the job has it.
func testForgottenByKey(t *testing.T, newStore NewStore) {
	t.Helper()
	d, ottos := forgetful(t, newStore)
	i := intent("c-17")
	i.Key.Scope = "2026-03-26"
	d.settle(d.intend(i), accepted(wamid(3))) // the key went to Eva that day
	other := intent("c-17")
	other.Key.Job, other.Recipient = "other", "+34699999999"
	d.settle(d.intend(other), accepted(wamid(4))) // and is somebody else's in another job
	done := d.forget(engine.Forget{Job: "job", Item: "c-17"})
	if done.Deliveries != 3 {
		t.Errorf("Forget did %+v", done)
	}
	if got := d.look("c-17"); got.ID != ottos.Delivery || got.Recipient != d.Known(otto) || !engine.IsForgotten(got.Recipient) {
		t.Errorf("the delivery is %+v", got)
	}
	if _, err := d.Intend(t.Context(), i); err == nil {
		t.Error("the key is sent again in another scope")
	}
	if known := d.KnownKey(other.Key); known != other.Key {
		t.Errorf("the key of another job is known as %s", known.Item)
	}
}
