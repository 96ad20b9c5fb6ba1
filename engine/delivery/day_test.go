package delivery_test

import (
	"testing"
	"time"

	"waybill/engine/delivery"
)

func TestPeople(t *testing.T) {
	start := time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC)
	at := func(h int) time.Time { return start.Add(time.Duration(h) * time.Hour) }
	p := delivery.NewPeople(func(yield func(string, time.Time) bool) {
		_ = yield("ana", at(0)) && yield("eva", at(2)) && yield("ana", at(1)) && yield("zoe", at(5))
	})
	want := func(person string, most int, now, until time.Time) {
		t.Helper()
		if got := p.Until(person, most, now); !got.Equal(until) {
			t.Errorf("%s of %d at %s may at %s, want %s", person, most, now, got, until)
		}
	}
	free := time.Time{}
	if n := p.Count(at(6)); n != 3 {
		t.Errorf("%d people", n)
	}
	want("leo", 4, at(6), free)
	want("leo", 3, at(6), at(25))
	want("leo", 2, at(6), at(26)) // the limit was lowered: two must go
	want("leo", 3, at(6), at(25))
	want("ana", 1, at(6), free) // who got one today may get another
	want("leo", 0, at(6), free) // no limit
	p.Meet("ana", at(7))
	want("leo", 3, at(8), at(26))
	p.Meet("ana", at(3)) // an older one changes nothing
	want("leo", 3, at(8), at(26))
	p.Meet("leo", at(4)) // between others
	want("kim", 4, at(8), at(26))
	want("kim", 4, at(26), free)
	if n := p.Count(at(26)); n != 3 {
		t.Errorf("%d people, want 3", n)
	}
	var none delivery.People
	if !none.Until("ana", 1, at(0)).IsZero() || none.Count(at(0)) != 0 {
		t.Error("nobody takes a place")
	}
	none.Meet("ana", at(0))
	if none.Until("eva", 1, at(0)).IsZero() {
		t.Error("the place is taken")
	}
}
