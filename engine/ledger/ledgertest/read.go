package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

const anotherRun = "20260325-100000-cccc"

// stock fills a ledger with one delivery of each kind.
func stock(d *desk) {
	d.Helper()
	d.must(d.StartRun(d.Context(), engine.Run{ID: anotherRun, Job: "job", StartedAt: at(60)}))
	for i, c := range []struct {
		item, recipient, step, run string
		end                        delivery.Attempt
	}{
		{"ana", "+34612345678", "a/remind", theRun, accepted(wamid(1))},
		{"eva_1", "+34699999999", "a/remind", theRun, delivery.Attempt{
			Result: delivery.ResultRefused,
			Answer: delivery.Answer{Status: 400, Code: 131026},
		}},
		{"evax1", "US.13491208655302741918", "a/remind", anotherRun, delivery.Attempt{Result: delivery.ResultInDoubt}},
		{"", "+00123", "b", anotherRun, delivery.Attempt{Result: delivery.ResultNotSent, Answer: delivery.Answer{Code: 130429}}},
		{"ñandú ✓", "+491701234567", "b", anotherRun, accepted("strange id")},
	} {
		k := delivery.Key{Job: "job", Scope: "ever", Step: c.step, Item: c.item}
		ticket := d.intend(delivery.Intent{Key: k, Run: c.run, Recipient: c.recipient, Row: i})
		d.settle(ticket, c.end)
	}
	s := status(delivery.Failed, 4)
	s.Answer.Code = 131049
	d.record(s)
}

func testRead(t *testing.T, newStore NewStore) {
	t.Helper()
	t.Run("lookup", func(t *testing.T) {
		d := newDesk(t, newStore)
		stock(d)
		var keys []delivery.Key
		for n := range 1000 {
			keys = append(keys, delivery.Key{Job: "job", Scope: "ever", Step: "a/remind", Item: fmt.Sprint("nobody", n)})
		}
		keys = append(keys, delivery.Key{Job: "job", Scope: "ever", Step: "b"}, delivery.Key{
			Job: "job", Scope: "ever",
			Step: "b", Item: "ñandú ✓",
		},
			delivery.Key{Job: "job", Scope: "once", Step: "b"}, delivery.Key{Job: "job", Scope: "ever", Step: "a/remind", Item: "ana"})
		got, err := d.Lookup(t.Context(), keys)
		d.must(err)
		if len(got) != 3 {
			t.Errorf("%d found, want 3", len(got))
		}
		for _, r := range got {
			if got[r.Key.Hash()] != r {
				t.Errorf("%v is under another hash", r.Key)
			}
		}
		if r := got[delivery.Key{Job: "job", Scope: "ever", Step: "b"}.Hash()]; r.Recipient != "+00123" || r.Run != anotherRun {
			t.Errorf("delivery %+v", r)
		}
	})
	t.Run("filters", func(t *testing.T) { testFilters(t, newStore) })
	t.Run("pages", func(t *testing.T) {
		d := newDesk(t, newStore)
		stock(d)
		var after delivery.ID
		var got []string
		for range 9 {
			for r, err := range d.Deliveries(t.Context(), engine.DeliveryFilter{After: after, Limit: 2}) {
				d.must(err)
				got, after = append(got, r.Key.Item), r.ID
			}
		}
		if want := []string{"ana", "eva_1", "evax1", "", "ñandú ✓"}; !reflect.DeepEqual(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
	t.Run("attempts of no delivery", func(t *testing.T) {
		d := newDesk(t, newStore)
		if _, err := d.Attempts(t.Context(), 99); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
	})
	t.Run("stops with its context", func(t *testing.T) {
		d := newDesk(t, newStore)
		stock(d)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, err := range d.Deliveries(ctx, engine.DeliveryFilter{}) {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v, want context.Canceled", err)
			}
		}
		if _, err := d.Intend(ctx, intent("zoe")); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want context.Canceled", err)
		}
	})
	t.Run("writes while it reads", func(t *testing.T) {
		d := newDesk(t, newStore)
		stock(d)
		n := 0
		for r, err := range d.Deliveries(t.Context(), engine.DeliveryFilter{}) {
			d.must(err)
			d.intend(intent(fmt.Sprint("new", n)))
			if _, err := d.Attempts(t.Context(), r.ID); err != nil {
				t.Error(err)
			}
			n++
		}
		if n != 5 {
			t.Errorf("%d deliveries, want the 5 of the moment in which reading began", n)
		}
	})
	t.Run("digests", func(t *testing.T) {
		d := newDesk(t, newStore)
		a := d.Digest([]byte("hello"))
		if a == 0 || a != d.Digest([]byte("hello")) || a == d.Digest([]byte("hello ")) || d.Digest(nil) == 0 {
			t.Error("digests of contents are not told apart")
		}
		d.crash()
		if d.Digest([]byte("hello")) != a {
			t.Error("another digest after reopening")
		}
		other := newStore(t)()
		if other.Digest([]byte("hello")) == a {
			t.Error("two ledgers give the same digest")
		}
	})
}

func testFilters(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	stock(d)
	ana, eva1, evax1, empty, strange := "ana", "eva_1", "evax1", "", "ñandú ✓"
	for _, c := range []struct {
		filter engine.DeliveryFilter
		want   []string
	}{
		{engine.DeliveryFilter{}, []string{ana, eva1, evax1, empty, strange}},
		{engine.DeliveryFilter{Run: theRun}, []string{ana, eva1}},
		{engine.DeliveryFilter{Run: "nobody's"}, nil},
		{engine.DeliveryFilter{Job: "job", Scope: "ever", Step: "b"}, []string{empty, strange}},
		{engine.DeliveryFilter{Job: "jo"}, nil},
		{engine.DeliveryFilter{Scope: "once"}, nil},
		{engine.DeliveryFilter{States: []delivery.State{delivery.Failed, delivery.InDoubt}}, []string{ana, evax1}},
		{engine.DeliveryFilter{States: []delivery.State{delivery.Planned, delivery.InDoubt}, Run: anotherRun}, []string{evax1, empty}},
		{engine.DeliveryFilter{States: []delivery.State{delivery.Intended}}, nil},
		{engine.DeliveryFilter{Recipient: "+34612345678"}, []string{ana}},
		{engine.DeliveryFilter{Recipient: "+00123"}, []string{empty}},
		{engine.DeliveryFilter{Recipient: "US.13491208655302741918"}, []string{evax1}},
		{engine.DeliveryFilter{Code: 131026}, []string{eva1}},
		{engine.DeliveryFilter{Code: 131049}, []string{ana}},
		{engine.DeliveryFilter{Search: "eva_"}, []string{eva1}},
		{engine.DeliveryFilter{Search: "EVA"}, []string{eva1, evax1}},
		{engine.DeliveryFilter{Search: "12345678"}, []string{ana}},
		{engine.DeliveryFilter{Search: "+34 612-345"}, []string{ana}},
		{engine.DeliveryFilter{Search: wamid(1)}, []string{ana}},
		{engine.DeliveryFilter{Search: "strange"}, []string{strange}},
		{engine.DeliveryFilter{Search: "%"}, nil},
		{engine.DeliveryFilter{
			Search: "eva", Run: theRun, States: []delivery.State{delivery.Rejected}, Code: 131026,
			Limit: 3,
		}, []string{eva1}},
		{engine.DeliveryFilter{Limit: 2}, []string{ana, eva1}},
	} {
		var got []string
		states := make(map[delivery.State]int)
		for r, err := range d.Deliveries(t.Context(), c.filter) {
			d.must(err)
			got = append(got, r.Key.Item)
			states[r.State]++
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.filter, got, c.want)
		}
		tally, err := d.Tally(t.Context(), c.filter)
		d.must(err)
		if !reflect.DeepEqual(tally, states) {
			t.Errorf("%+v: tally %v, want %v", c.filter, tally, states)
		}
	}
}
