package ledgertest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/mould"
)

// saying is an intent whose request says something that is to be kept.
func saying(item, body string, keep time.Duration) delivery.Intent {
	i := intent(item)
	maker := mould.New([]mould.Word{{Name: "type", Value: "text"}}, nil, []string{"Dear ", ", see you"})
	i.Text.Mould, i.Text.Values = maker.Split(body)
	i.Text.Keep = keep
	return i
}

// said returns a body that names a person.
func said(to, name string) string {
	return `{"to":"` + to + `","type":"text","text":{"body":"Dear ` + name + `, see you"}}`
}

const quarter = 90 * 24 * time.Hour

func testSentTexts(t *testing.T, newStore NewStore) {
	t.Helper()
	t.Run("Kept", func(t *testing.T) { testTextsKept(t, newStore) })
	t.Run("Overdue", func(t *testing.T) { testTextsOverdue(t, newStore) })
	t.Run("Forgotten", func(t *testing.T) { testTextsForgotten(t, newStore) })
}

// testTextsKept: each request's own words, from the moment at which its intent is durable.
func testTextsKept(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	first, second := said(eva, "Eva \\\"Luna\\\" ñ"), said(eva, "Eva")
	ana := d.intend(saying("ana", first, quarter))
	d.wantTexts(ana.Delivery, engine.SentText{Attempt: 1, Body: first})
	d.settle(ana, delivery.Attempt{Result: delivery.ResultNotSent})
	d.settle(d.intend(saying("ana", first, quarter)), delivery.Attempt{Result: delivery.ResultNotSent})
	d.settle(d.intend(saying("ana", second, quarter)), delivery.Attempt{Result: delivery.ResultNotSent})
	d.settle(d.intend(intent("ana")), accepted(wamid(1))) // not to be kept any more
	silent := d.intend(intent("silent"))
	others := d.intend(saying("otto", said(otto, "Otto"), quarter))
	for range 2 {
		d.wantTexts(ana.Delivery, engine.SentText{Attempt: 1, Body: first}, engine.SentText{Attempt: 2, Body: first},
			engine.SentText{Attempt: 3, Body: second}, engine.SentText{Attempt: 4, Why: engine.NotKeptOff})
		d.wantTexts(silent.Delivery, engine.SentText{Attempt: 1, Why: engine.NotKeptOff})
		d.wantTexts(others.Delivery, engine.SentText{Attempt: 1, Body: said(otto, "Otto")})
		d.crash()
	}
	if _, err := d.Texts(t.Context(), others.Delivery+1000); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("a delivery that is not there: %v", err)
	}
	wrong, err := d.Examine(t.Context())
	d.must(err)
	if len(wrong) > 0 {
		t.Errorf("it is not whole: %q", wrong)
	}
}

// testTextsOverdue: a text whose time is over is not shown, and goes; an older one goes with what is old; others stay.
func testTextsOverdue(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	short := d.intend(saying("short", said(eva, "Eva"), time.Microsecond)) // it is over at once
	long := d.intend(saying("long", said(otto, "Otto"), quarter))
	d.settle(short, accepted(wamid(1)))
	d.settle(long, accepted(wamid(2)))
	gone := engine.SentText{Attempt: 1, Why: engine.NotKeptTakenOut}
	d.wantTexts(short.Delivery, gone)
	look, err := d.Prune(t.Context(), at(-3600), true)
	d.must(err)
	done, err := d.Prune(t.Context(), at(-3600), false)
	d.must(err)
	if look.Texts != 1 || done.Texts != 1 {
		t.Errorf("it took out %d texts, and was to take out %d", done.Texts, look.Texts)
	}
	d.wantTexts(short.Delivery, gone)
	d.wantTexts(long.Delivery, engine.SentText{Attempt: 1, Body: said(otto, "Otto")})
	if again, err := d.Prune(t.Context(), at(-3600), true); err != nil || again.Texts != 0 {
		t.Errorf("%d texts are left to take out, %v", again.Texts, err)
	}
	old := at(0).AddDate(100, 0, 0)
	if look, err = d.Prune(t.Context(), old, true); err != nil || look.Texts != 1 {
		t.Errorf("%d texts are old, %v", look.Texts, err)
	}
	if done, err = d.Prune(t.Context(), old, false); err != nil || done.Texts != 1 {
		t.Errorf("it took out %d texts, %v", done.Texts, err)
	}
	d.wantTexts(long.Delivery, gone)
	d.held(intent("long"))
	d.wantState("long", delivery.Accepted)
}

// testTextsForgotten: what was said to a person goes, and where others were told of them; what is said to them later is not kept.
func testTextsForgotten(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	i := saying("ana", said(otto, "Otto"), quarter) // a row whose number was wrong, and was corrected
	i.Recipient = otto
	ana := d.intend(i)
	d.settle(ana, delivery.Attempt{Result: delivery.ResultNotSent})
	d.settle(d.intend(saying("ana", said(eva, "Eva"), quarter)), accepted(wamid(1)))
	d.intend(saying("unnamed", `{"to":"her"}`, quarter)) // it is hers by its delivery alone
	i = saying("c-17", said(otto, "Otto, or call "+eva), quarter)
	i.Recipient = otto
	named := d.intend(i)
	i = saying("c-18", said(otto, "Otto"), quarter)
	i.Recipient = otto
	other := d.intend(i)
	d.forget(engine.Forget{IDs: []string{eva}})
	d.wantTexts(ana.Delivery, engine.SentText{Attempt: 1, Why: engine.NotKeptForgotten}, engine.SentText{Attempt: 2, Why: engine.NotKeptForgotten})
	d.wantTexts(named.Delivery, engine.SentText{Attempt: 1, Why: engine.NotKeptTakenOut})
	d.wantTexts(other.Delivery, engine.SentText{Attempt: 1, Body: said(otto, "Otto")})
	later := d.intend(saying("later", said(eva, "Eva"), quarter))
	d.wantTexts(later.Delivery, engine.SentText{Attempt: 1, Why: engine.NotKeptForgotten})
	if left, err := d.Prune(t.Context(), at(0).AddDate(100, 0, 0), true); err != nil || left.Texts != 1 {
		t.Errorf("%d texts are left, %v: Otto's alone was to be", left.Texts, err)
	}
	d.forget(engine.Forget{IDs: []string{otto}})
	d.wantTexts(other.Delivery, engine.SentText{Attempt: 1, Why: engine.NotKeptForgotten})
}

// wantTexts: so many requests were made for a delivery, and they said this.
func (d *desk) wantTexts(id delivery.ID, want ...engine.SentText) {
	d.Helper()
	got, err := d.Texts(d.Context(), id)
	d.must(err)
	if !slices.Equal(got, want) {
		d.Errorf("delivery %d said %+v, and not %+v", id, got, want)
	}
}
