package ledgertest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// movedAway is a desk at which a person moved from numberA to numberB, and another has numberA since: each got a message and wrote one, and the
// second one said stop.
func movedAway(t *testing.T, newStore NewStore) (d *desk, moved time.Time) {
	t.Helper()
	d = newDesk(t, newStore)
	send := func(item, to string) time.Time {
		i := intent(item)
		i.Recipient = to
		ticket := d.intend(i)
		d.settle(ticket, accepted(wamid(len(item))))
		return ticket.At
	}
	write := func(id, from, user string, at time.Time) {
		d.must(d.Record(t.Context(), engine.Report{
			ReceivedAt: at, Body: []byte(`{"from":"` + from + `","id":"` + id + `"}`),
			Inbound:    []engine.Inbound{{ID: id, NumberID: "1", From: from[1:], UserID: user, At: at, Text: "hello"}},
			Identities: []engine.Identity{{WaID: from, UserID: user, NumberID: "1", At: at}},
		}))
	}
	moved = send("before", numberA).Truncate(time.Second).Add(time.Hour)
	write("in-before", numberA, userA, moved.Add(-90*time.Minute))
	d.tell(engine.Moved{WasNumber: numberA, WasUserID: userA, Number: numberB, UserID: userB, At: moved})
	write("in-after", numberA, "ES.9", moved.Add(time.Hour))
	d.hear(numberA, moved.Add(2*time.Hour))
	return d, moved
}

func testForgottenMoved(t *testing.T, newStore NewStore) {
	t.Helper()
	for _, asked := range []string{numberA, numberB, userA} {
		t.Run(asked, func(t *testing.T) {
			d, moved := movedAway(t, newStore)
			done := d.forget(engine.Forget{IDs: []string{asked}})
			var covered []string
			for _, h := range done.Covered {
				text := h.ID
				if h.Until.Equal(moved) {
					text += " until then"
				}
				covered = append(covered, text)
			}
			slices.Sort(covered)
			want := []string{numberA + " until then", userA + " until then", numberB, userB}
			if slices.Sort(want); !slices.Equal(covered, want) || done.Deliveries != 1 || done.Inbound != 1 {
				t.Errorf("covered %q, %+v", covered, done)
			}
			for range 2 {
				if got := d.wantState("before", delivery.Accepted); !engine.IsForgotten(got.Recipient) || got.Recipient != d.Known(numberB) {
					t.Errorf("the delivery is %+v", got)
				}
				if d.Known(numberA) != numberA {
					t.Errorf("whoever has %s now is forgotten", numberA)
				}
				d.wantInbound(numberA, 1)
				d.wantInbound(numberB, 0)
				d.wantLeft([]string{numberA}, d.Known(numberB))
				for m, err := range d.Moves(t.Context()) {
					d.must(err)
					if strings.HasPrefix(m.WasNumber+m.Number+m.WasUserID+m.UserID, "+") {
						t.Errorf("a number is left in %+v", m)
					}
				}
				d.reopen()
				d.lock()
			}
			once := intent("again")
			once.Recipient, once.Reach = numberB, delivery.Reach{Once: true}
			if _, err := d.Intend(t.Context(), once); err == nil {
				t.Error("who was forgotten gets a second message")
			}
			// It is told once more, and a word of before comes late.
			d.tell(engine.Moved{WasNumber: numberA, WasUserID: userA, Number: numberB, UserID: userB, At: moved})
			if d.Known(numberA) != numberA {
				t.Errorf("told again, whoever has %s now is forgotten", numberA)
			}
			d.hear(userA, moved.Add(-time.Minute))
			d.wantLeft([]string{d.Known(numberB)})
			if again := d.forget(engine.Forget{IDs: []string{asked}}); again.Deliveries != 0 || again.Known == 0 {
				t.Errorf("forgotten again: %+v", again)
			}
			last := d.forget(engine.Forget{IDs: []string{numberA}, NewOwner: true})
			if last.Inbound != 1 || d.Known(numberA) == numberA {
				t.Errorf("the new owner is forgotten: %+v", last)
			}
		})
	}
	t.Run("new owner", func(t *testing.T) {
		d, _ := movedAway(t, newStore)
		if done := d.forget(engine.Forget{IDs: []string{numberA}, NewOwner: true}); done.Inbound != 1 || done.Deliveries != 0 || done.OptOuts != 1 {
			t.Errorf("forgotten: %+v", done)
		}
		if got := d.wantState("before", delivery.Accepted); got.Recipient != numberA {
			t.Errorf("the delivery is %+v", got)
		}
		d.wantInbound(numberB, 1)
	})
}
