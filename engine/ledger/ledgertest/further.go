package ledgertest

import (
	"errors"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

// further is the intent of a delivery beyond the first of an item, as a user may ask for.
func further(again int) delivery.Intent {
	i := intent("ana")
	i.Key.Again, i.Allowed.Again = again, true
	return i
}

// testFurther: a further delivery of an item that was sent has a number and a story of its own.
func testFurther(t *testing.T, newStore NewStore) {
	t.Helper()
	t.Run("needs one that was sent, and a user who asks", func(t *testing.T) {
		d := newDesk(t, newStore)
		if _, err := d.Intend(t.Context(), further(1)); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound: there is none before it", err)
		}
		first := d.intend(intent("ana"))
		d.held(further(1))
		d.settle(first, accepted(wamid(1)))
		plain := further(1)
		plain.Allowed.Again = false
		if got := d.held(plain); got.Key != key("ana") || got.State != delivery.Accepted {
			t.Errorf("held by %+v", got)
		}
		d.held(further(2))
		second := d.intend(further(1))
		if second.Delivery == first.Delivery || second.Attempt != 1 || second.Callback == first.Callback {
			t.Errorf("the tickets are %+v and %+v", first, second)
		}
		d.held(further(1))
		d.held(further(2))
		if got := d.held(intent("ana")); got.ID != second.Delivery {
			t.Errorf("the first is held by %+v, want the second", got)
		}
	})
	t.Run("the item counts as sent while any is", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.settle(d.intend(intent("ana")), accepted(wamid(1)))
		second := d.intend(further(1))
		got := d.look("ana")
		if got.ID != second.Delivery || got.State != delivery.Intended || got.Sent == nil || got.Counting().MessageID != wamid(1) {
			t.Errorf("%+v: the second is the newest, and the first was sent", got)
		}
		d.settle(second, delivery.Attempt{Result: delivery.ResultRefused})
		if got := d.look("ana"); got.State != delivery.Rejected || got.Counting().State != delivery.Accepted {
			t.Errorf("%+v", got)
		}
		d.record(delivery.Status{MessageID: wamid(1), State: delivery.Failed, At: at(3)})
		if got := d.look("ana"); got.Sent != nil || got.State != delivery.Rejected {
			t.Errorf("%+v: none is sent any more", got)
		}
		again := further(1)
		again.Allowed.Refused = true
		d.settle(d.intend(again), accepted(wamid(2)))
		if got := d.look("ana"); got.State != delivery.Accepted || got.Sent != nil || got.Key.Number() != 2 || got.Attempts != 2 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("each hears of its own messages", func(t *testing.T) {
		d := newDesk(t, newStore)
		first := d.intend(intent("ana"))
		d.settle(first, accepted(wamid(1)))
		second := d.intend(further(1))
		d.record(
			delivery.Status{MessageID: wamid(2), Callback: second.Callback, State: delivery.Read, At: at(4)},
			delivery.Status{MessageID: wamid(1), Callback: first.Callback, State: delivery.Delivered, At: at(5)},
		)
		var got []delivery.State
		var keys []delivery.Key
		for x, err := range d.Deliveries(t.Context(), engine.DeliveryFilter{Run: theRun}) {
			d.must(err)
			got, keys = append(got, x.State), append(keys, x.Key)
		}
		if len(got) != 2 || got[0] != delivery.Delivered || got[1] != delivery.Read || keys[0] != key("ana") || keys[1] != further(1).Key {
			t.Errorf("%v of %v", got, keys)
		}
	})
	t.Run("outlives a crash as any other", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.settle(d.intend(intent("ana")), accepted(wamid(1)))
		d.intend(further(1))
		d.crash()
		if got := d.look("ana"); got.State != delivery.InDoubt || got.Key.Number() != 2 || got.Sent == nil {
			t.Errorf("%+v", got)
		}
		d.held(further(1))
		d.held(further(2))
	})
	t.Run("what was found unchanged is known until the next run", func(t *testing.T) {
		d := newDesk(t, newStore)
		run := engine.Run{ID: theRun, Job: "job", Mode: engine.ModeApply, Scope: "ever", StartedAt: at(0), Status: engine.RunSucceeded}
		wantUnchanged := func(scope, want string) {
			t.Helper()
			if got, err := d.Unchanged(t.Context(), "job", scope); err != nil || got != want {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		}
		wantUnchanged("ever", "")
		run.Unchanged = "abc"
		d.must(d.FinishRun(t.Context(), run, nil))
		wantUnchanged("ever", "abc")
		wantUnchanged("name/x", "")
		d.must(d.StartRun(t.Context(), engine.Run{ID: anotherRun, Job: "job", Mode: engine.ModeRun, Scope: anotherRun, StartedAt: at(60)}))
		wantUnchanged("ever", "abc")
		d.must(d.StartRun(t.Context(), run)) // of the same rows
		wantUnchanged("ever", "abc")
		run.Unchanged = ""
		d.must(d.StartRun(t.Context(), run))
		wantUnchanged("ever", "")
	})
}
