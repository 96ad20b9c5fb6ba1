package ledgertest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testHandles has two handles of one store: what one of them changes, the other sees, and the rules hold for both together.
func testHandles(t *testing.T, newStore NewStore) {
	t.Helper()
	t.Run("a status before the answer", func(t *testing.T) {
		d := newDesk(t, newStore)
		ticket, s := d.intend(intent("ana")), status(delivery.Delivered, 4)
		s.Callback = ticket.Callback
		d.must(d.open().Record(t.Context(), engine.Report{ReceivedAt: at(30), Statuses: []delivery.Status{s}}))
		d.wantState("ana", delivery.Delivered)
		d.held(intent("ana"))
		if got := d.settle(ticket, accepted(wamid(1))); got.State != delivery.Delivered || got.MessageID != wamid(1) {
			t.Errorf("settled as %+v", got)
		}
	})
	t.Run("a status without a delivery", func(t *testing.T) {
		d := newDesk(t, newStore)
		ticket := d.intend(intent("ana"))
		d.must(d.open().Record(t.Context(), engine.Report{ReceivedAt: at(30), Statuses: []delivery.Status{status(delivery.Read, 4)}}))
		d.wantState("ana", delivery.Intended)
		if got := d.settle(ticket, accepted(wamid(1))); got.State != delivery.Read {
			t.Errorf("settled as %s", got.State)
		}
	})
	t.Run("the user's word", func(t *testing.T) { testWordBeside(t, newStore) })
	t.Run("a reader", func(t *testing.T) { testReaderBeside(t, newStore) })
}

func testOneSender(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	further := d.open()
	wantLocked := func(l engine.Ledger) {
		t.Helper()
		_, err := l.Lock(t.Context(), "another")
		locked, ok := errors.AsType[*engine.LockedError](err)
		if !ok {
			t.Fatalf("%v, want a LockedError", err)
		}
		if !strings.Contains(locked.Holder, "the test") || locked.Ledger == "" {
			t.Errorf("%+v does not name who sends from where", locked)
		}
		if who, err := l.Holder(t.Context()); err != nil || who != locked.Holder {
			t.Errorf("holder %q, %v, want %q", who, err, locked.Holder)
		}
	}
	wantLocked(further)
	wantLocked(d.Ledger)
	if _, err := further.Intend(t.Context(), intent("ana")); !errors.Is(err, engine.ErrNotLocked) {
		t.Errorf("%v, want ErrNotLocked", err)
	}
	ticket := d.intend(intent("ana"))
	d.must(d.release())
	d.must(d.release())
	if who, err := further.Holder(t.Context()); err != nil || who != "" {
		t.Errorf("holder %q, %v, want none", who, err)
	}
	release, err := further.Lock(t.Context(), "another")
	d.must(err)
	d.wantState("ana", delivery.InDoubt) // the sender before left it
	if _, err := d.Intend(t.Context(), intent("eva")); !errors.Is(err, engine.ErrNotLocked) {
		t.Errorf("%v, want ErrNotLocked", err)
	}
	if got := d.settle(ticket, accepted(wamid(1))); got.State != delivery.Accepted {
		t.Errorf("a late acceptance made it %s", got.State)
	}
	d.must(release())
}

// testWordBeside has a user decide while a sender sends.
func testWordBeside(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	further := d.open()
	refused := func(id delivery.ID) {
		t.Helper()
		if got, err := further.Resolve(t.Context(), id, false, engine.Actor{}); err == nil {
			t.Errorf("resolved what is under way: %+v", got)
		} else if _, held := errors.AsType[*delivery.DecidedError](err); !held {
			t.Errorf("%v, want a DecidedError", err)
		}
	}
	first := d.intend(intent("ana"))
	refused(first.Delivery)
	d.settle(first, delivery.Attempt{Result: delivery.ResultInDoubt})
	again := intent("ana")
	again.Allowed.Resend = true
	second := d.intend(again)
	for i, state := range []delivery.State{delivery.Sent, delivery.Failed} {
		s := status(state, i)
		s.Callback, s.Retryable = first.Callback, true
		d.must(further.Record(t.Context(), engine.Report{ReceivedAt: at(30), Statuses: []delivery.Status{s}}))
		d.held(again)
		refused(first.Delivery)
	}
	d.settle(second, delivery.Attempt{Result: delivery.ResultInDoubt})
	got, err := further.Resolve(t.Context(), first.Delivery, false, engine.Actor{})
	d.must(err)
	if got.State != delivery.Planned {
		t.Errorf("planned by hand: %s", got.State)
	}
	d.record(status(delivery.Sent, 9)) // late, of the first: it failed, and the user's word on the second stands
	d.wantState("ana", delivery.Planned)
	if third := d.intend(intent("ana")); third.Attempt != 3 {
		t.Errorf("attempt %d, want 3", third.Attempt)
	}
	if _, err := further.Resolve(t.Context(), 99, true, engine.Actor{}); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
}

// testReaderBeside reads while another handle writes.
func testReaderBeside(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	reader := &desk{TB: t, Ledger: d.open()}
	const items = 3
	for n := range items {
		item := fmt.Sprint(n)
		ticket := d.intend(intent(item))
		reader.wantState(item, delivery.Intended)
		d.settle(ticket, accepted(wamid(n)))
		reader.wantState(item, delivery.Accepted)
	}
	n := 0
	for r, err := range reader.Deliveries(t.Context(), engine.DeliveryFilter{}) {
		d.must(err)
		if r.State != delivery.Accepted {
			t.Errorf("%s is %s, and was accepted when reading began", r.Key.Item, r.State)
		}
		d.intend(intent(fmt.Sprint("new", n)))
		last := status(delivery.Read, 4)
		last.MessageID = wamid(items - 1)
		d.record(last)
		n++
	}
	if n != items {
		t.Errorf("%d deliveries, want the %d of the moment in which reading began", n, items)
	}
	reader.wantState(fmt.Sprint(items-1), delivery.Read)
}
