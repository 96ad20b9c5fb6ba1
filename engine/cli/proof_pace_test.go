//go:build unix

package cli_test

import (
	"strings"
	"testing"
)

// TestPaceBroken has the database lose what keeps the pace of numbers while a run sends: it ends, and says why, and the next apply sends the rest.
func TestPaceBroken(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 300, throughput: 50}, longLease)
	c, db := m.start(m.apply()), m.database()
	m.awaitMessages(c, 30)
	rename := func(was, is string) {
		t.Helper()
		if _, err := db.Exec(t.Context(), `ALTER FUNCTION waybill.`+was+` RENAME TO `+is); err != nil {
			t.Fatal(err)
		}
	}
	rename("book", "gone")
	c.want(5)
	if said := c.out.String() + c.errs.String(); !strings.Contains(said, "the pace of number") || !strings.Contains(said, "waybill.book") {
		t.Errorf("it says\n%s", said)
	}
	if run := m.counts(); run.Counts.Failed > 0 || run.Counts.InDoubt > 0 {
		t.Errorf("the run is %+v", run)
	}
	rename("gone", "book")
	m.start(m.apply()).want(0)
	m.nobodyTwice()
}

// TestPaceHeld has the pace of a number kept by somebody for a while: that is said, and the run goes on then.
func TestPaceHeld(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 300, throughput: 50}, longLease)
	c := m.start(m.apply())
	m.awaitMessages(c, 30)
	tx, err := m.database().Begin(t.Context())
	if err == nil {
		_, err = tx.Exec(t.Context(), `SELECT 1 FROM waybill.number FOR UPDATE`)
	}
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is said", func() bool { return strings.Contains(c.errs.String(), "cannot be had from the ledger since") }, &c.errs)
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.want(0)
	m.nobodyTwice()
}
