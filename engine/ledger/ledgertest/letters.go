package ledgertest

import (
	"reflect"
	"testing"

	"waybill/engine"
)

// testLetters keeps what is still to be told.
func testLetters(t *testing.T, newStore NewStore) {
	t.Helper()
	d := newDesk(t, newStore)
	put := func(l engine.Letter) engine.Letter {
		id, err := d.PutLetter(t.Context(), l)
		d.must(err)
		l.ID = id
		return l
	}
	wantLetters := func(job string, want ...engine.Letter) {
		t.Helper()
		got, err := d.Letters(t.Context(), job)
		if d.must(err); !reflect.DeepEqual(got, want) {
			t.Errorf("letters of %s: %+v, want %+v", job, got, want)
		}
	}
	wantLetters("welcome")
	first := put(engine.Letter{ID: 7, Job: "welcome", Target: "$<URL>", Event: []byte(`{"run":"ñ"}`), At: at(5)})
	second := put(engine.Letter{Job: "welcome", Target: "$<OTHER>", Event: []byte(`{}`), At: at(3)})
	other := put(engine.Letter{Job: "goodbye", Target: "$<URL>", Event: []byte(`{}`), At: at(4)})
	wantLetters("welcome", first, second)
	wantLetters("goodbye", other)
	for range 2 {
		d.must(d.DropLetter(t.Context(), second.ID))
	}
	wantLetters("welcome", first)
	third := put(engine.Letter{Job: "welcome", Target: "$<OTHER>", Event: []byte(`{}`), At: at(6)})
	if d.must(d.DropLetter(t.Context(), second.ID)); third.ID == second.ID {
		t.Errorf("number %d is used twice", third.ID)
	}
	wantLetters("welcome", first, third)
}
