package ledgertest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/delivery"
)

const (
	numberA, numberB, numberC = "+34600000001", "+34600000002", "+34600000003"
	userA, userB              = "ES.1", "ES.2"
)

// tell records that a person moved, with the identity that WhatsApp names with it.
func (d *desk) tell(m engine.Moved) {
	d.Helper()
	r := engine.Report{ReceivedAt: at(50), Moved: []engine.Moved{m}}
	if m.Number != "" && m.UserID != "" {
		r.Identities = []engine.Identity{{WaID: m.Number, UserID: m.UserID, NumberID: "1", At: m.At}}
	}
	d.must(d.Record(d.Context(), r))
}

// hear records a stop word.
func (d *desk) hear(person string, at time.Time) {
	d.Helper()
	d.must(d.Record(d.Context(), engine.Report{ReceivedAt: at.Add(time.Hour), OptOuts: []engine.OptOut{
		{Person: person, NumberID: "1", Scope: engine.ScopeAll, Source: engine.SourceWord, Word: "STOP", At: at},
	}}))
}

// wantLeft wants these to have left, and the others not.
func (d *desk) wantLeft(left []string, others ...string) {
	d.Helper()
	var o audience.OptOuts
	d.must(o.Load(audience.Reading(d.Context(), d.Ledger)))
	for _, id := range slices.Concat(left, others) {
		if _, all := o.Of(id, "1"); all != slices.Contains(left, id) {
			d.Errorf("%s left: %t", id, all)
		}
	}
}

// testMovedWords: what somebody said before they moved is theirs, whatever comes first; what is said under the old number since is of whoever
// has it.
func testMovedWords(t *testing.T, newStore NewStore) {
	t.Helper()
	aToB := engine.Moved{WasNumber: numberA, Number: numberB, UserID: userB, At: at(20)}
	bToC := engine.Moved{WasNumber: numberB, Number: numberC, At: at(30)}
	backToA := engine.Moved{WasNumber: numberB, Number: numberA, At: at(30)}
	for name, c := range map[string]struct {
		events       []any // engine.Moved; or a string: who said stop, at moment
		moment       int
		left, others []string
	}{
		"before, told before":            {[]any{numberA, aToB}, 10, []string{numberB, userB}, nil},
		"before, told after":             {[]any{aToB, numberA}, 10, []string{numberB, userB}, nil},
		"before, and told twice":         {[]any{aToB, numberA, aToB, numberA}, 10, []string{numberB, userB}, nil},
		"in that second":                 {[]any{aToB, numberA}, 20, []string{numberB}, nil},
		"after":                          {[]any{aToB, numberA}, 21, []string{numberA}, []string{numberB, userB}},
		"after, told before":             {[]any{numberA, aToB}, 21, []string{numberA}, []string{numberB, userB}},
		"moved twice":                    {[]any{aToB, bToC, numberA}, 10, []string{numberB, numberC}, nil},
		"moved twice, told late":         {[]any{numberA, bToC, aToB}, 10, []string{numberB, numberC}, nil},
		"in between":                     {[]any{bToC, aToB, numberB}, 25, []string{numberB, numberC}, []string{numberA}},
		"of the second number after":     {[]any{bToC, aToB, numberB}, 35, []string{numberB}, []string{numberA, numberC}},
		"moved back, said in between":    {[]any{aToB, backToA, numberB}, 25, []string{numberA, numberB}, nil},
		"moved back, told before":        {[]any{backToA, aToB, numberB}, 35, []string{numberB}, []string{numberA}},
		"by the user id of before":       {[]any{aToB, userA}, 10, []string{numberB}, nil},
		"by the user id, told at last":   {[]any{userA, aToB}, 10, []string{numberB}, nil},
		"by the user id, paired at last": {[]any{userA, aToB, engine.Identity{WaID: numberA, UserID: userA, NumberID: "1", At: at(5)}}, 10, []string{numberB}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, newStore)
			if _, late := c.events[len(c.events)-1].(engine.Identity); !late {
				d.learn(engine.Identity{WaID: numberA, UserID: userA, NumberID: "1", At: at(5)})
			}
			for _, e := range c.events {
				switch e := e.(type) {
				case engine.Moved:
					d.tell(e)
				case engine.Identity:
					d.learn(e)
				case string:
					d.hear(e, at(c.moment))
				}
			}
			d.reopen()
			d.wantLeft(c.left, c.others...)
		})
	}
}

// testMovedReach: what went to a person before they moved counts; what goes to the old number since counts for whoever has it.
func testMovedReach(t *testing.T, newStore NewStore) {
	t.Helper()
	to := func(item, recipient string, r delivery.Reach) delivery.Intent {
		i := intent(item)
		i.Recipient, i.Reach = recipient, r
		i.Key.Step, i.Template = "patients/template", true
		return i
	}
	refused := func(d *desk, i delivery.Intent) bool {
		d.Helper()
		_, err := d.Intend(t.Context(), i)
		taken, ok := errors.AsType[*engine.PlaceTakenError](err)
		if !ok {
			d.must(err)
		}
		return ok && (taken.By.Key.Item == "first" || taken.PerDay)
	}
	for name, reach := range map[string]delivery.Reach{
		"once": {Once: true}, "at most": {AtMost: 1, Per: 48 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, newStore)
			first := d.intend(to("first", numberA, reach))
			d.settle(first, accepted(wamid(1)))
			d.tell(engine.Moved{WasNumber: numberB, Number: numberC, UserID: userB, At: first.At.Add(2 * time.Hour)})
			d.tell(engine.Moved{WasNumber: numberA, WasUserID: userA, Number: numberB, At: first.At.Add(time.Hour)})
			d.reopen()
			d.lock()
			for _, id := range []string{numberC, userB, numberB} {
				if id != numberB && !refused(d, to("second "+id, id, reach)) {
					t.Errorf("a second message may go to %s", id)
				}
			}
			if refused(d, to("another", numberB, reach)) {
				t.Errorf("whoever has %s now has no place", numberB)
			}
			d = newDesk(t, newStore)
			d.tell(engine.Moved{WasNumber: numberA, Number: numberB, At: time.Now().Add(-time.Hour)})
			d.settle(d.intend(to("first", numberA, reach)), accepted(wamid(1)))
			if refused(d, to("second", numberB, reach)) {
				t.Errorf("what went to %s after the person gave it up counts for %s", numberA, numberB)
			}
		})
	}
	t.Run("people of a day", func(t *testing.T) {
		d := newDesk(t, newStore)
		one := delivery.Reach{PerDay: 1}
		first := d.intend(to("first", numberA, one))
		d.settle(first, accepted(wamid(1)))
		d.tell(engine.Moved{WasNumber: numberA, Number: numberB, At: first.At.Add(time.Second)})
		d.reopen()
		d.lock()
		if refused(d, to("second", numberB, one)) {
			t.Error("one person counts twice")
		}
		if !refused(d, to("third", numberC, one)) {
			t.Error("another person got a place of one")
		}
	})
}

// testMovedRows: what was sent to somebody and what they wrote is found by their ids of now, and not what is of whoever has the old ones.
func testMovedRows(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	i := intent("ana")
	i.Recipient = numberA
	first := d.intend(i)
	moved := first.At.Truncate(time.Second).Add(time.Second)
	d.must(d.Record(t.Context(), engine.Report{Inbound: []engine.Inbound{
		{ID: "before", NumberID: "1", From: numberA[1:], At: moved.Add(-time.Hour)},
		{ID: "after", NumberID: "1", From: numberA[1:], At: moved.Add(time.Hour)},
	}}))
	want := func(id string, deliveries, inbound int) {
		t.Helper()
		got, err := d.Tally(t.Context(), engine.DeliveryFilter{Recipient: id})
		d.must(err)
		if got[delivery.Intended] != deliveries {
			t.Errorf("%v deliveries to %s, want %d", got, id, deliveries)
		}
		d.wantInbound(id, inbound)
	}
	want(numberA, 1, 2)
	want(numberB, 0, 0)
	d.tell(engine.Moved{WasNumber: numberA, Number: numberB, UserID: userB, At: moved})
	want(numberA, 1, 2) // nobody is known to have it since: who asks means who had it
	want(numberB, 1, 1)
	want(userB, 1, 1)
	d.learn(engine.Identity{WaID: numberA, UserID: "ES.9", NumberID: "1", At: moved.Add(2 * time.Hour)})
	want(numberA, 0, 1)
	want("ES.9", 0, 1)
	want(numberB, 1, 1)
	d.reopen()
	var moves []engine.Moved
	for m, err := range d.Moves(t.Context()) {
		d.must(err)
		moves = append(moves, m)
	}
	if len(moves) != 1 || !moves[0].At.Equal(moved) || moves[0].WasNumber != numberA || moves[0].UserID != userB {
		t.Errorf("moves %+v", moves)
	}
}
