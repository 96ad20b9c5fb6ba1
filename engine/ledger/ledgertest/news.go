package ledgertest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// watch wants a run to be told of something within a second, and moves the cursor.
func (d *desk) watch(cursor *int64, then func()) engine.News {
	d.Helper()
	const before = 200 * time.Millisecond // until then it watches
	ctx, cancel := context.WithTimeout(d.Context(), before+time.Second)
	defer cancel()
	time.AfterFunc(before, then)
	news, err := d.Watch(ctx, theRun, *cursor)
	d.must(err)
	*cursor = news.Cursor
	return news
}

// testNews has one handle learn of what another did to a run under way.
func testNews(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	further := d.open()
	d.must(d.StartRun(t.Context(), engine.Run{ID: anotherRun, Job: "job", StartedAt: at(60)}))
	for n, item := range []string{"ana", "eva", "zoe"} {
		i := intent(item)
		i.Run = map[bool]string{true: anotherRun, false: theRun}[item == "zoe"]
		d.settle(d.intend(i), accepted(wamid(n+1)))
	}
	fail := func(l engine.Ledger, n int) {
		t.Helper()
		s := status(delivery.Failed, 5)
		s.MessageID = wamid(n)
		d.must(l.Record(t.Context(), engine.Report{ReceivedAt: at(30), Statuses: []delivery.Status{s}}))
	}
	var cursor int64
	got := d.watch(&cursor, func() { fail(further, 3); fail(further, 1) })
	if len(got.Failures) != 1 || got.Failures[0].Key.Item != "ana" {
		t.Errorf("told by another process: %+v", got)
	}
	fail(d, 1) // nothing new
	if got := d.watch(&cursor, func() { fail(d, 2) }); len(got.Failures) != 1 || got.Failures[0].Key.Item != "eva" || got.Order != nil {
		t.Errorf("told by this one: %+v", got)
	}
	early := status(delivery.Failed, 5) // it comes before the answer that tells whose it is
	early.MessageID = wamid(4)
	d.record(early)
	ticket := d.intend(intent("leo"))
	got = d.watch(&cursor, func() { d.settle(ticket, accepted(wamid(4))) })
	if len(got.Failures) != 1 || got.Failures[0].Key.Item != "leo" {
		t.Errorf("told before the answer: %+v", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if got, err := d.Watch(ctx, theRun, cursor); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing happened, and it was told %+v, %v", got, err)
	}
}

// testGiven has a person order a run from another process.
func testGiven(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	further := d.open()
	d.must(d.StartRun(t.Context(), engine.Run{ID: anotherRun, Job: "job", StartedAt: at(60)}))
	order := engine.Order{Kind: engine.OrderStop, By: engine.Actor{User: "ana", Host: "clinic-1"}, At: at(40)}
	var cursor int64
	give := func() { d.must(further.Give(t.Context(), theRun, order)) }
	if got := d.watch(&cursor, give); got.Order == nil || *got.Order != order {
		t.Errorf("ordered: %+v", got)
	}
	cursor = 0 // a watch that begins late is told, too
	if got := d.watch(&cursor, func() {}); got.Order == nil || *got.Order != order {
		t.Errorf("ordered before: %+v", got)
	}
	wantOrder := func(run string, want *engine.Order) {
		t.Helper()
		for _, l := range []engine.Ledger{d.Ledger, further} {
			if got, err := l.Ordered(t.Context(), run); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
		}
	}
	wantOrder(theRun, &order)
	wantOrder(anotherRun, nil)
	drop := order
	drop.Kind = engine.OrderCancel
	d.must(further.Give(t.Context(), theRun, drop))
	wantOrder(theRun, &order) // it is stopped all the same
	d.must(further.Give(t.Context(), anotherRun, drop))
	wantOrder(anotherRun, &drop)
	d.must(d.StartRun(t.Context(), engine.Run{ID: theRun, StartedAt: at(0)}))
	wantOrder(theRun, nil)
	if err := d.Give(t.Context(), "nobody's", order); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("to an unknown run: %v, want ErrNotFound", err)
	}
}

// testListening has a receiver say that it is alive.
func testListening(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	further := d.open()
	var want time.Time
	for _, until := range []time.Time{{}, at(10), at(30), at(20)} { // of two receivers the one that lives longer counts
		if !until.IsZero() {
			d.must(further.Listen(t.Context(), until))
		}
		if until.After(want) {
			want = until
		}
		if got, err := d.Listening(t.Context()); err != nil || !got.Equal(want) {
			t.Errorf("%v, %v, want %v", got, err, want)
		}
	}
}
