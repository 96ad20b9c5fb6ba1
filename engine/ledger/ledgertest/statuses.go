package ledgertest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

func status(state delivery.State, seconds int) delivery.Status {
	return delivery.Status{MessageID: wamid(1), State: state, Word: state.String(), At: at(seconds)}
}

func testStatuses(t *testing.T, newStore NewStore) {
	t.Helper()
	t.Run("merge in any order", func(t *testing.T) { testOrders(t, newStore) })
	t.Run("of equal rank: the earlier one stays", func(t *testing.T) {
		read, played := status(delivery.Read, 4), status(delivery.Read, 9)
		played.Word = "played"
		for _, order := range [][]delivery.Status{{read, played}, {played, read}} {
			d := newDesk(t, newStore)
			d.settle(d.intend(intent("ana")), accepted(wamid(1)))
			for _, s := range order {
				d.record(s)
			}
			if got := d.wantState("ana", delivery.Read); !got.StatusAt.Equal(read.At) || !read.Outranks(played) {
				t.Errorf("read at %v, want %v", got.StatusAt, read.At)
			}
		}
	})
	t.Run("before the answer", func(t *testing.T) {
		for _, withCallback := range []bool{true, false} {
			d := newDesk(t, newStore)
			ticket := d.intend(intent("ana"))
			s := status(delivery.Delivered, 4)
			if withCallback {
				s.Callback = ticket.Callback
			}
			d.record(status(delivery.Sent, 3), s)
			if withCallback {
				if got := d.wantState("ana", delivery.Delivered); got.MessageID != wamid(1) || got.SettledAt.IsZero() ||
					!got.StatusAt.Equal(at(4)) {
					t.Errorf("delivery %+v", got)
				}
			}
			got := d.settle(ticket, accepted(wamid(1)))
			if got.State != delivery.Delivered || got.MessageID != wamid(1) {
				t.Errorf("settled as %+v", got)
			}
			d.wantState("ana", delivery.Delivered)
			d.held(intent("ana"))
		}
	})
	t.Run("repeated", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.settle(d.intend(intent("ana")), accepted(wamid(1)))
		for range 3 {
			d.record(status(delivery.Sent, 3), status(delivery.Sent, 3))
		}
		got, err := d.Statuses(t.Context(), wamid(1))
		d.must(err)
		if len(got) != 1 {
			t.Errorf("%d statuses, want 1", len(got))
		}
	})
	t.Run("come back as they were", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.settle(d.intend(intent("ana")), accepted(wamid(1)))
		raw := json.RawMessage(`{"id":"x","status":"played"}`)
		want := []delivery.Status{
			{MessageID: wamid(1), State: delivery.Sent, Word: "sent", At: at(1), Recipient: "34612345678"},
			{MessageID: wamid(1), State: delivery.Read, Word: "played", At: at(2), Recipient: "US.1", Raw: raw},
			{
				MessageID: wamid(1), State: delivery.Failed, Word: "failed", At: at(3), Retryable: true,
				Answer: delivery.Answer{Code: 131049, Message: "chosen not to deliver"}, Raw: json.RawMessage(`{"elsewhere":1}`),
			},
		}
		r := engine.Report{
			Body: []byte(`{"entry":[` + string(raw) + `]}`), ReceivedAt: at(9),
			Statuses: []delivery.Status{want[2], want[0], want[1]},
		}
		d.must(d.Record(t.Context(), r))
		got, err := d.Statuses(t.Context(), wamid(1))
		d.must(err)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("\n got %+v\nwant %+v", got, want)
		}
		if none, err := d.Statuses(t.Context(), wamid(2)); err != nil || len(none) != 0 {
			t.Errorf("of another message: %v, %v", none, err)
		}
	})
	t.Run("a failure gives its code", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.settle(d.intend(intent("ana")), accepted(wamid(1)))
		s := status(delivery.Failed, 4)
		s.Retryable, s.Answer = true, delivery.Answer{Code: 131049, Message: "chosen not to deliver"}
		d.record(s)
		if got := d.wantState("ana", delivery.Failed); !got.Retryable || got.Answer.Code != 131049 ||
			got.Answer.Message != "chosen not to deliver" || got.MessageID != wamid(1) {
			t.Errorf("delivery %+v", got)
		}
		attempts, err := d.Attempts(t.Context(), d.look("ana").ID)
		d.must(err)
		if attempts[0].Result != delivery.ResultAccepted || attempts[0].Answer.Status != 200 {
			t.Errorf("attempt %+v: the failure is no answer of it", attempts[0])
		}
		d.record(status(delivery.Delivered, 5))
		if got := d.wantState("ana", delivery.Delivered); got.Retryable || got.Answer.Code != 0 {
			t.Errorf("delivery %+v", got)
		}
	})
	t.Run("forged callbacks are not believed", func(t *testing.T) {
		d := newDesk(t, newStore)
		ana, eva := d.intend(intent("ana")), d.intend(intent("eva"))
		cut := strings.LastIndex(ana.Callback, ".")
		for i, c := range []string{
			"run-7/ana", "wb1", "wb1.1.1.", ana.Callback[:cut] + ".AAAAAAAAAAAAAA",
			ana.Callback[:cut] + eva.Callback[strings.LastIndex(eva.Callback, "."):],
			strings.Replace(ana.Callback, "wb1.", "wb2.", 1), strings.Replace(ana.Callback, ".1.", ".2.", 1), ana.Callback + "x",
		} {
			s := status(delivery.Delivered, 4)
			s.MessageID, s.Callback = wamid(100+i), c
			d.record(s)
			d.wantState("ana", delivery.Intended)
			d.wantState("eva", delivery.Intended)
		}
	})
	t.Run("wait for a delivery", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.record(status(delivery.Read, 4), status(delivery.Sent, 2))
		d.crash()
		got := d.settle(d.intend(intent("ana")), accepted(wamid(1)))
		if got.State != delivery.Read || !got.StatusAt.Equal(at(4)) {
			t.Errorf("delivery %+v", got)
		}
	})
}

// testOrders applies the same statuses in every order, with and without their callback, and wants the same end.
func testOrders(t *testing.T, newStore NewStore) {
	t.Helper()
	for name, c := range map[string]struct {
		words []delivery.State
		want  delivery.State
	}{
		"read":             {[]delivery.State{delivery.Sent, delivery.Delivered, delivery.Read}, delivery.Read},
		"failed":           {[]delivery.State{delivery.Accepted, delivery.Sent, delivery.Failed}, delivery.Failed},
		"failed, and read": {[]delivery.State{delivery.Sent, delivery.Failed, delivery.Read}, delivery.Read},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, newStore)
			n := 0
			for order := range permutations(c.words) {
				for _, withCallback := range []bool{true, false} {
					n++
					item := fmt.Sprintf("item-%d", n)
					ticket := d.intend(intent(item))
					d.settle(ticket, accepted(wamid(n)))
					for _, word := range order {
						s := status(word, int(word))
						s.MessageID = wamid(n)
						if withCallback {
							s.Callback = ticket.Callback
						}
						d.record(s)
					}
					if got := d.wantState(item, c.want); !got.StatusAt.Equal(at(int(c.want))) {
						t.Errorf("%v: at %s, want %s", order, got.StatusAt, at(int(c.want)))
					}
				}
			}
		})
	}
}

func permutations(words []delivery.State) func(func([]delivery.State) bool) {
	return func(yield func([]delivery.State) bool) {
		var walk func(int) bool
		walk = func(n int) bool {
			if n == len(words) {
				return yield(slices.Clone(words))
			}
			for i := n; i < len(words); i++ {
				words[n], words[i] = words[i], words[n]
				more := walk(n + 1)
				words[n], words[i] = words[i], words[n]
				if !more {
					return false
				}
			}
			return true
		}
		walk(0)
	}
}

func testDoubt(t *testing.T, newStore NewStore) {
	t.Helper()
	inDoubt := func(d *desk) delivery.Ticket {
		ticket := d.intend(intent("ana"))
		d.settle(ticket, delivery.Attempt{Result: delivery.ResultInDoubt, Answer: delivery.Answer{Message: "timeout"}})
		return ticket
	}
	t.Run("of a crash", func(t *testing.T) {
		d := newDesk(t, newStore)
		ticket := d.intend(intent("ana"))
		d.settle(d.intend(intent("eva")), accepted(wamid(9)))
		d.crash()
		d.wantState("ana", delivery.InDoubt)
		d.wantState("eva", delivery.Accepted)
		got, err := d.Attempts(t.Context(), ticket.Delivery)
		d.must(err)
		if len(got) != 1 || got[0].Result != 0 || !got[0].Ended.IsZero() {
			t.Errorf("attempts %+v", got)
		}
	})
	t.Run("ends with a status", func(t *testing.T) {
		d := newDesk(t, newStore)
		ticket := inDoubt(d)
		s := status(delivery.Sent, 4)
		s.Callback = ticket.Callback
		d.record(s)
		if got := d.wantState("ana", delivery.Sent); got.MessageID != wamid(1) {
			t.Errorf("delivery %+v", got)
		}
		d.held(delivery.Intent{Key: key("ana"), Run: theRun, Recipient: "+34612345678", Allowed: delivery.Allowed{
			Resend:  true,
			Refused: true,
		}})
	})
	t.Run("ends by hand", func(t *testing.T) {
		for _, sent := range []bool{true, false} {
			d := newDesk(t, newStore)
			ticket := inDoubt(d)
			got, err := d.Resolve(t.Context(), ticket.Delivery, sent, engine.Actor{})
			d.must(err)
			word := map[bool]string{true: "taken as sent by hand at ", false: "planned again by hand at "}[sent]
			if !strings.Contains(got.Answer.Message, word) {
				t.Errorf("answer %q, want %q in it", got.Answer.Message, word)
			}
			if tried, err := d.Attempts(t.Context(), ticket.Delivery); err != nil || len(tried) != 1 || tried[0].Answer != got.Answer {
				t.Errorf("attempts %+v, %v: want the answer %+v", tried, err, got.Answer)
			}
			if !sent {
				if got.State != delivery.Planned {
					t.Errorf("planned by hand: %s", got.State)
				}
				d.intend(intent("ana"))
				continue
			}
			if got.State != delivery.Accepted || got.MessageID != "" {
				t.Errorf("accepted by hand: %+v", got)
			}
			d.held(intent("ana"))
			byHand := func(want int) {
				t.Helper()
				tally, err := d.Tally(t.Context(), engine.DeliveryFilter{ByHand: true})
				if d.must(err); len(tally) != want || tally[delivery.Accepted] != want {
					t.Errorf("by hand: %v, want %d accepted", tally, want)
				}
			}
			byHand(1)
			s := status(delivery.Delivered, 4)
			s.Callback = ticket.Callback
			d.record(s)
			byHand(0)
			if got := d.wantState("ana", delivery.Delivered); got.MessageID != wamid(1) {
				t.Errorf("delivery %+v", got)
			}
			if _, err := d.Resolve(t.Context(), ticket.Delivery, false, engine.Actor{}); err == nil {
				t.Error("resolved what is delivered")
			}
		}
	})
	t.Run("of an attempt before", func(t *testing.T) { testFormerAttempt(t, newStore, inDoubt) })
}

// testFormerAttempt is about a status of an attempt that was followed by another.
func testFormerAttempt(t *testing.T, newStore NewStore, inDoubt func(*desk) delivery.Ticket) {
	t.Helper()
	again := intent("ana")
	again.Allowed.Resend = true
	of := func(ticket delivery.Ticket, state delivery.State, seconds int) delivery.Status {
		s := status(state, seconds)
		s.Callback, s.Retryable = ticket.Callback, state == delivery.Failed
		return s
	}
	t.Run("planned", func(t *testing.T) {
		d := newDesk(t, newStore)
		first := inDoubt(d)
		d.settle(d.intend(again), delivery.Attempt{Result: delivery.ResultNotSent})
		d.record(of(first, delivery.Sent, 4))
		d.wantState("ana", delivery.Sent)
		d.held(intent("ana"))
	})
	t.Run("on its way", func(t *testing.T) {
		d := newDesk(t, newStore)
		first := inDoubt(d)
		second := d.intend(again)
		d.held(again) // the second may be taken yet, also when the first failed
		d.record(of(first, delivery.Sent, 3))
		d.held(again)
		d.record(of(first, delivery.Failed, 4))
		d.held(again)
		d.record(of(first, delivery.Delivered, 5))
		d.wantState("ana", delivery.Delivered)
		got := d.settle(second, accepted(wamid(2)))
		if got.State != delivery.Delivered || got.MessageID != wamid(1) {
			t.Errorf("the first id is not kept: %+v", got)
		}
		attempts, err := d.Attempts(t.Context(), first.Delivery)
		d.must(err)
		if len(attempts) != 2 || attempts[0].MessageID != wamid(1) || attempts[1].MessageID != wamid(2) {
			t.Errorf("attempts %+v", attempts)
		}
		s := status(delivery.Read, 6)
		s.MessageID = wamid(2)
		d.record(s)
		d.wantState("ana", delivery.Read)
	})
	t.Run("failed beside one in doubt", func(t *testing.T) {
		d := newDesk(t, newStore)
		first := inDoubt(d)
		d.settle(d.intend(again), delivery.Attempt{Result: delivery.ResultInDoubt})
		d.record(of(first, delivery.Sent, 4))
		d.wantState("ana", delivery.Sent)
		d.record(of(first, delivery.Failed, 5))
		d.wantState("ana", delivery.InDoubt)
		d.held(intent("ana"))
	})
	t.Run("failed, and sent again", func(t *testing.T) {
		d := newDesk(t, newStore)
		first := d.intend(intent("ana"))
		d.settle(first, accepted(wamid(1)))
		d.record(of(first, delivery.Failed, 4))
		second := d.intend(intent("ana"))
		d.record(of(first, delivery.Sent, 3)) // late: it failed all the same
		d.wantState("ana", delivery.Intended)
		got := d.settle(second, accepted(wamid(2)))
		if got.State != delivery.Accepted || got.MessageID != wamid(2) {
			t.Errorf("delivery %+v", got)
		}
	})
}
