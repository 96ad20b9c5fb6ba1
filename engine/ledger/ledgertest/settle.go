package ledgertest

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

func testSettle(t *testing.T, newStore NewStore) {
	t.Helper()
	for name, c := range map[string]struct {
		end   delivery.Attempt
		state delivery.State
		again bool
	}{
		"accepted": {delivery.Attempt{
			Result: delivery.ResultAccepted, MessageID: wamid(1), HeldBack: "paused",
			Answer: delivery.Answer{Status: 200, TraceID: "Bx"},
		}, delivery.Accepted, false},
		"accepted, odd id": {delivery.Attempt{Result: delivery.ResultAccepted, MessageID: "wamid.no base64 ✓"}, delivery.Accepted, false},
		"refused": {delivery.Attempt{Result: delivery.ResultRefused, Answer: delivery.Answer{
			Status: 400,
			Code:   131026, Message: "no such person", TraceID: "Bx",
		}}, delivery.Rejected, false},
		"refused, again": {delivery.Attempt{
			Result: delivery.ResultRefused, Retryable: true,
			Answer: delivery.Answer{Status: 401, Code: 190},
		}, delivery.Rejected, true},
		"not sent": {delivery.Attempt{
			Result: delivery.ResultNotSent,
			Answer: delivery.Answer{Message: "connection refused"},
		}, delivery.Planned, false},
		"not sent, the last": {delivery.Attempt{
			Result: delivery.ResultNotSent, Last: true,
			Answer: delivery.Answer{Status: 429, Code: 130429},
		}, delivery.Rejected, true},
		"in doubt": {
			delivery.Attempt{Result: delivery.ResultInDoubt, Answer: delivery.Answer{Message: "timeout"}},
			delivery.InDoubt, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, newStore)
			ticket := d.intend(intent("ana"))
			c.end.Ended = ticket.At.Add(1500 * time.Millisecond)
			got := d.settle(ticket, c.end)
			want := delivery.Delivery{
				ID: ticket.Delivery, Key: key("ana"), Run: theRun, Recipient: "+34612345678", NumberID: theNumber, Digest: 77, State: c.state,
				Retryable: c.again, Row: 2, Attempts: 1,
				MessageID: c.end.MessageID, HeldBack: c.end.HeldBack, Answer: c.end.Answer, IntendedAt: ticket.At, SettledAt: c.end.Ended,
			}
			for how, got := range map[string]delivery.Delivery{"returned": got, "read": d.look("ana")} {
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s\n got %+v\nwant %+v", how, got, want)
				}
			}
			attempts, err := d.Attempts(t.Context(), ticket.Delivery)
			d.must(err)
			wantAttempt := c.end
			wantAttempt.Delivery, wantAttempt.Number, wantAttempt.Run, wantAttempt.At = ticket.Delivery, 1, theRun, ticket.At
			if len(attempts) != 1 || !reflect.DeepEqual(attempts[0], wantAttempt) {
				t.Errorf("\n got %+v\nwant %+v", attempts, wantAttempt)
			}
		})
	}
	t.Run("soon", func(t *testing.T) { testSettleSoon(t, newStore) })
	t.Run("knows no other delivery", func(t *testing.T) {
		d := newDesk(t, newStore)
		ticket := d.intend(intent("ana"))
		for _, a := range []delivery.Attempt{
			{Delivery: ticket.Delivery + 7, Number: 1, Result: delivery.ResultNotSent},
			{Delivery: ticket.Delivery, Number: 2, Result: delivery.ResultNotSent},
			{Delivery: ticket.Delivery, Number: 0, Result: delivery.ResultNotSent},
		} {
			if _, err := d.Settle(t.Context(), a); !errors.Is(err, engine.ErrNotFound) {
				t.Errorf("%+v: %v, want ErrNotFound", a, err)
			}
		}
		d.wantState("ana", delivery.Intended)
	})
	t.Run("believes no acceptance without an id", func(t *testing.T) {
		d := newDesk(t, newStore)
		ticket := d.intend(intent("ana"))
		if _, err := d.Settle(t.Context(), delivery.Attempt{
			Delivery: ticket.Delivery, Number: 1,
			Result: delivery.ResultAccepted,
		}); err == nil {
			t.Error("it was taken")
		}
		d.wantState("ana", delivery.Intended)
	})
	t.Run("keeps every attempt", func(t *testing.T) {
		d := newDesk(t, newStore)
		first := d.intend(intent("ana"))
		d.settle(first, delivery.Attempt{Result: delivery.ResultNotSent, Answer: delivery.Answer{
			Status: 429, Code: 130429,
			Message: "slow down", TraceID: "T1",
		}})
		second := d.intend(intent("ana"))
		d.settle(second, delivery.Attempt{Result: delivery.ResultRefused, Retryable: true, Answer: delivery.Answer{Status: 401, Code: 190}})
		third := d.intend(intent("ana"))
		d.settle(third, accepted(wamid(3)))
		if first.Delivery != third.Delivery || third.Attempt != 3 || first.Callback == third.Callback {
			t.Errorf("tickets %+v, %+v", first, third)
		}
		got, err := d.Attempts(t.Context(), first.Delivery)
		d.must(err)
		if len(got) != 3 || got[0].Result != delivery.ResultNotSent || got[0].Answer.TraceID != "T1" ||
			got[1].Answer.Code != 190 || !got[1].Retryable ||
			got[2].MessageID != wamid(3) || got[2].Number != 3 || !got[1].At.Equal(second.At) {
			t.Errorf("attempts %+v", got)
		}
		if r := d.wantState("ana", delivery.Accepted); r.Attempts != 3 || r.Answer.Code != 0 || r.Retryable {
			t.Errorf("delivery %+v", r)
		}
	})
	t.Run("the first word stands", func(t *testing.T) {
		d := newDesk(t, newStore)
		ticket := d.intend(intent("ana"))
		d.settle(ticket, delivery.Attempt{Result: delivery.ResultRefused})
		for _, r := range []delivery.Result{delivery.ResultNotSent, delivery.ResultInDoubt} {
			if got := d.settle(ticket, delivery.Attempt{Result: r}); got.State != delivery.Rejected {
				t.Errorf("%s made it %s", r, got.State)
			}
		}
		attempts, err := d.Attempts(t.Context(), ticket.Delivery)
		d.must(err)
		if attempts[0].Result != delivery.ResultRefused {
			t.Errorf("the attempt was %s", attempts[0].Result)
		}
	})
	t.Run("a late answer ends the doubt", func(t *testing.T) {
		for r, want := range map[delivery.Result]delivery.State{
			delivery.ResultAccepted: delivery.Accepted, delivery.ResultNotSent: delivery.Planned,
			delivery.ResultRefused: delivery.Rejected, delivery.ResultInDoubt: delivery.InDoubt,
		} {
			d := newDesk(t, newStore)
			ticket := d.intend(intent("ana"))
			d.crash()
			d.wantState("ana", delivery.InDoubt)
			if got := d.settle(ticket, delivery.Attempt{
				Result:    r,
				MessageID: map[bool]string{true: wamid(1)}[r == delivery.ResultAccepted],
			}); got.State != want {
				t.Errorf("%s made it %s, want %s", r, got.State, want)
			}
		}
	})
	t.Run("a late acceptance counts always", func(t *testing.T) {
		d := newDesk(t, newStore)
		ticket := d.intend(intent("ana"))
		d.crash()
		if _, err := d.Resolve(t.Context(), ticket.Delivery, false, engine.Actor{}); err != nil {
			t.Fatal(err)
		}
		d.wantState("ana", delivery.Planned)
		d.settle(ticket, accepted(wamid(1)))
		d.held(intent("ana"))
	})
}

// testSettleSoon wants an outcome that nobody waits for to be written in its place, and answered once.
func testSettleSoon(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	answers := make(chan error, 8)
	soon := func(ticket delivery.Ticket, a delivery.Attempt) {
		a.Delivery, a.Number, a.At, a.Ended = ticket.Delivery, ticket.Attempt, ticket.At, ticket.At.Add(time.Second)
		d.SettleSoon(a, func(err error) { answers <- err })
	}
	ana := d.intend(intent("ana"))
	soon(ana, accepted(wamid(1)))
	eva := d.intend(intent("eva")) // is durable when it returns, and so is what was handed over before
	d.must(<-answers)
	got := d.wantState("ana", delivery.Accepted)
	want := intent("ana").Accepted(delivery.Attempt{
		Delivery: ana.Delivery, Number: 1, At: ana.At, Ended: ana.At.Add(time.Second), MessageID: wamid(1), Answer: accepted("").Answer,
	})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	soon(eva, delivery.Attempt{Result: delivery.ResultAccepted})
	if err := <-answers; err == nil {
		t.Error("an acceptance without an id was taken")
	}
	soon(delivery.Ticket{Delivery: eva.Delivery + 7, Attempt: 1}, accepted(wamid(2)))
	if err := <-answers; !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("no such delivery: %v, want ErrNotFound", err)
	}
	soon(eva, accepted(wamid(3))) // nothing comes after it
	closed := d.Ledger
	d.crash()
	d.must(<-answers)
	d.wantState("eva", delivery.Accepted)
	closed.SettleSoon(accepted(wamid(4)), func(err error) { answers <- err })
	if err := <-answers; !errors.Is(err, engine.ErrClosed) {
		t.Errorf("a closed ledger: %v, want ErrClosed", err)
	}
	if len(answers) > 0 {
		t.Errorf("it was answered once more: %v", <-answers)
	}
}
