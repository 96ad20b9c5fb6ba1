package ledgertest

import "testing"

// testBegun holds that a ledger is begun when somebody says so, and by nothing else.
func testBegun(t *testing.T, newStore NewStore) {
	t.Helper()
	open := newStore(t)
	l := open()
	want := func(want bool) {
		t.Helper()
		if got, err := l.Begun(t.Context()); err != nil || got != want {
			t.Errorf("begun: %v, %v, want %v", got, err, want)
		}
	}
	want(false)
	for range 2 {
		if err := l.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		want(true)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open()
	want(true)
}
