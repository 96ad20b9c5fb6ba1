package ledgertest

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testUnsent keeps rows that became no request.
func testUnsent(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	invalid := engine.Unsent{
		Run: theRun, Step: "patients/remind", Item: "ana", Row: 7, File: "patients.csv", Cell: "phone", Outcome: delivery.OutcomeInvalid,
		Reason: "no-country-code", Message: "612 345 678 has no country code", At: at(3),
	}
	waiting := engine.Unsent{Run: theRun, Step: "patients/remind", Item: "eva", Row: 5, Outcome: delivery.OutcomeWaiting, At: at(4)}
	note := func(rows ...engine.Unsent) {
		t.Helper()
		d.must(d.Note(t.Context(), theRun, rows))
	}
	end := engine.Run{ID: theRun, Status: engine.RunFailed, FinishedAt: at(60)}
	note(invalid, waiting, engine.Unsent{Row: 9, Outcome: delivery.OutcomeSkipped}, engine.Unsent{Outcome: delivery.OutcomeNotSent, Count: 40})
	note(invalid)
	d.settle(d.intend(intent("zoe")), accepted(wamid(1)))
	d.must(d.FinishRun(t.Context(), end, nil))
	want := map[delivery.Outcome]int{
		delivery.OutcomeInvalid: 1, delivery.OutcomeWaiting: 1, delivery.OutcomeSkipped: 1, delivery.OutcomeNotSent: 40,
		delivery.OutcomeAccepted: 1,
	}
	d.wantCounts(theRun, want)
	wantUnsent := func(f engine.UnsentFilter, want ...engine.Unsent) {
		t.Helper()
		for _, l := range []engine.Ledger{d.Ledger, d.open()} {
			var got []engine.Unsent
			for u, err := range l.Unsent(t.Context(), f) {
				d.must(err)
				got = append(got, u)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%+v:\n got %+v\nwant %+v", f, got, want)
			}
		}
	}
	wantUnsent(engine.UnsentFilter{}, waiting, invalid)
	wantUnsent(engine.UnsentFilter{Run: theRun, Limit: 1}, waiting)
	wantUnsent(engine.UnsentFilter{Outcome: delivery.OutcomeInvalid}, invalid)
	wantUnsent(engine.UnsentFilter{Run: anotherRun})

	waiting.Outcome, waiting.Message = delivery.OutcomeInvalid, strings.Repeat("ñ", 5000) // it is looked at anew
	note(waiting)
	d.must(d.FinishRun(t.Context(), end, nil))
	want[delivery.OutcomeInvalid], want[delivery.OutcomeWaiting] = 2, 0
	d.wantCounts(theRun, want)
	for u, err := range d.Unsent(t.Context(), engine.UnsentFilter{Limit: 1}) {
		d.must(err)
		if u.Outcome != delivery.OutcomeInvalid || len(u.Message) > 1000 || !strings.HasPrefix(u.Message, "ññ") {
			t.Errorf("noted again: %d, with %d bytes", u.Outcome, len(u.Message))
		}
	}

	note(engine.Unsent{Row: 11, Outcome: delivery.OutcomeInvalid}) // and before anything else is written the run is taken up again
	d.must(d.StartRun(t.Context(), engine.Run{ID: theRun, StartedAt: at(0)}))
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeAccepted: 1})
	wantUnsent(engine.UnsentFilter{})
	if err := d.Note(t.Context(), "nobody's", []engine.Unsent{invalid}); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("of an unknown run: %v, want ErrNotFound", err)
	}
	if err := d.Note(t.Context(), theRun, []engine.Unsent{{Outcome: delivery.OutcomeRead}}); err == nil {
		t.Error("what was read is no row that was not sent")
	}
	var many []engine.Unsent
	for n := range 2000 {
		many = append(many, engine.Unsent{Row: n, Outcome: delivery.OutcomeInvalid})
	}
	note(many...)
	d.wantCounts(theRun, map[delivery.Outcome]int{delivery.OutcomeAccepted: 1, delivery.OutcomeInvalid: 2000})
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
	cursor := int64(0)
	watch := func(run string, then func()) engine.News {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		time.AfterFunc(200*time.Millisecond, then) // not before Watch, when it watches from now on
		begun := time.Now()
		news, err := d.Watch(ctx, run, cursor)
		d.must(err)
		if took := time.Since(begun); took > time.Second {
			t.Errorf("woken after %s", took)
		}
		cursor = news.Cursor
		return news
	}
	if got := watch(theRun, func() { fail(further, 3); fail(further, 1) }); len(got.Failures) != 1 || got.Failures[0].Key.Item != "ana" {
		t.Errorf("told by another process: %+v", got)
	}
	fail(d, 1) // nothing new
	if got := watch(theRun, func() { fail(d, 2) }); len(got.Failures) != 1 || got.Failures[0].Key.Item != "eva" || got.Order != nil {
		t.Errorf("told by this one: %+v", got)
	}
	order := engine.Order{Kind: engine.OrderStop, By: engine.Actor{User: "ana", Host: "clinic-1"}, At: at(40)}
	give := func() { d.must(further.Give(t.Context(), theRun, order)) }
	if got := watch(theRun, give); got.Order == nil || *got.Order != order {
		t.Errorf("ordered: %+v", got)
	}
	cursor = 0 // a watch that begins late is told, too
	if got := watch(theRun, func() {}); got.Order == nil || *got.Order != order {
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
	d.must(d.StartRun(t.Context(), engine.Run{ID: theRun, StartedAt: at(0)}))
	wantOrder(theRun, nil)
	if err := d.Give(t.Context(), "nobody's", order); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("to an unknown run: %v, want ErrNotFound", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if got, err := d.Watch(ctx, theRun, cursor); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing happened, and it was told %+v, %v", got, err)
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
