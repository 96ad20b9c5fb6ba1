package ledgertest

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"waybill/engine"
)

func testSettle(t *testing.T, open Open) {
	t.Helper()
	for name, c := range map[string]struct {
		end   engine.Attempt
		state engine.State
		again bool
	}{
		"accepted":           {engine.Attempt{Result: engine.ResultAccepted, MessageID: wamid(1), HeldBack: "paused", Answer: engine.Answer{Status: 200, TraceID: "Bx"}}, engine.Accepted, false},
		"accepted, odd id":   {engine.Attempt{Result: engine.ResultAccepted, MessageID: "wamid.no base64 ✓"}, engine.Accepted, false},
		"refused":            {engine.Attempt{Result: engine.ResultRefused, Answer: engine.Answer{Status: 400, Code: 131026, Message: "no such person", TraceID: "Bx"}}, engine.Rejected, false},
		"refused, again":     {engine.Attempt{Result: engine.ResultRefused, Again: true, Answer: engine.Answer{Status: 401, Code: 190}}, engine.Rejected, true},
		"not sent":           {engine.Attempt{Result: engine.ResultNotSent, Answer: engine.Answer{Message: "connection refused"}}, engine.Planned, false},
		"not sent, the last": {engine.Attempt{Result: engine.ResultNotSent, Last: true, Answer: engine.Answer{Status: 429, Code: 130429}}, engine.Rejected, true},
		"in doubt":           {engine.Attempt{Result: engine.ResultInDoubt, Answer: engine.Answer{Message: "timeout"}}, engine.InDoubt, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, open)
			ticket := d.intend(intent("ana"))
			c.end.Ended = ticket.At.Add(1500 * time.Millisecond)
			got := d.settle(ticket, c.end)
			want := engine.Delivery{
				ID: ticket.Delivery, Key: key("ana"), Run: theRun, Recipient: "+34612345678", Digest: 77, State: c.state, Again: c.again, Row: 2, Attempts: 1,
				MessageID: c.end.MessageID, HeldBack: c.end.HeldBack, Answer: c.end.Answer, IntendedAt: ticket.At, SettledAt: c.end.Ended,
			}
			for how, got := range map[string]engine.Delivery{"returned": got, "read": d.look("ana")} {
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
	t.Run("knows no other delivery", func(t *testing.T) {
		d := newDesk(t, open)
		ticket := d.intend(intent("ana"))
		for _, a := range []engine.Attempt{
			{Delivery: ticket.Delivery + 7, Number: 1, Result: engine.ResultNotSent},
			{Delivery: ticket.Delivery, Number: 2, Result: engine.ResultNotSent},
			{Delivery: ticket.Delivery, Number: 0, Result: engine.ResultNotSent},
		} {
			if _, err := d.Settle(t.Context(), a); !errors.Is(err, engine.ErrNotFound) {
				t.Errorf("%+v: %v, want ErrNotFound", a, err)
			}
		}
		d.wantState("ana", engine.Intended)
	})
	t.Run("believes no acceptance without an id", func(t *testing.T) {
		d := newDesk(t, open)
		ticket := d.intend(intent("ana"))
		if _, err := d.Settle(t.Context(), engine.Attempt{Delivery: ticket.Delivery, Number: 1, Result: engine.ResultAccepted}); err == nil {
			t.Error("it was taken")
		}
		d.wantState("ana", engine.Intended)
	})
	t.Run("keeps every attempt", func(t *testing.T) {
		d := newDesk(t, open)
		first := d.intend(intent("ana"))
		d.settle(first, engine.Attempt{Result: engine.ResultNotSent, Answer: engine.Answer{Status: 429, Code: 130429, Message: "slow down", TraceID: "T1"}})
		second := d.intend(intent("ana"))
		d.settle(second, engine.Attempt{Result: engine.ResultRefused, Again: true, Answer: engine.Answer{Status: 401, Code: 190}})
		third := d.intend(intent("ana"))
		d.settle(third, accepted(wamid(3)))
		if first.Delivery != third.Delivery || third.Attempt != 3 || first.Callback == third.Callback {
			t.Errorf("tickets %+v, %+v", first, third)
		}
		got, err := d.Attempts(t.Context(), first.Delivery)
		d.must(err)
		if len(got) != 3 || got[0].Result != engine.ResultNotSent || got[0].Answer.TraceID != "T1" || got[1].Answer.Code != 190 || !got[1].Again ||
			got[2].MessageID != wamid(3) || got[2].Number != 3 || !got[1].At.Equal(second.At) {
			t.Errorf("attempts %+v", got)
		}
		if r := d.wantState("ana", engine.Accepted); r.Attempts != 3 || r.Answer.Code != 0 || r.Again {
			t.Errorf("delivery %+v", r)
		}
	})
	t.Run("the first word stands", func(t *testing.T) {
		d := newDesk(t, open)
		ticket := d.intend(intent("ana"))
		d.settle(ticket, engine.Attempt{Result: engine.ResultRefused})
		for _, r := range []engine.Result{engine.ResultNotSent, engine.ResultInDoubt} {
			if got := d.settle(ticket, engine.Attempt{Result: r}); got.State != engine.Rejected {
				t.Errorf("%s made it %s", r, got.State)
			}
		}
		attempts, err := d.Attempts(t.Context(), ticket.Delivery)
		d.must(err)
		if attempts[0].Result != engine.ResultRefused {
			t.Errorf("the attempt was %s", attempts[0].Result)
		}
	})
	t.Run("a late answer ends the doubt", func(t *testing.T) {
		for r, want := range map[engine.Result]engine.State{
			engine.ResultAccepted: engine.Accepted, engine.ResultNotSent: engine.Planned, engine.ResultRefused: engine.Rejected, engine.ResultInDoubt: engine.InDoubt,
		} {
			d := newDesk(t, open)
			ticket := d.intend(intent("ana"))
			d.crash()
			d.wantState("ana", engine.InDoubt)
			if got := d.settle(ticket, engine.Attempt{Result: r, MessageID: map[bool]string{true: wamid(1)}[r == engine.ResultAccepted]}); got.State != want {
				t.Errorf("%s made it %s, want %s", r, got.State, want)
			}
		}
	})
	t.Run("a late acceptance counts always", func(t *testing.T) {
		d := newDesk(t, open)
		ticket := d.intend(intent("ana"))
		d.crash()
		if _, err := d.Resolve(t.Context(), ticket.Delivery, false); err != nil {
			t.Fatal(err)
		}
		d.wantState("ana", engine.Planned)
		d.settle(ticket, accepted(wamid(1)))
		d.held(intent("ana"))
	})
}
