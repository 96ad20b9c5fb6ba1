//go:build unix

package cli_test

import (
	"strings"
	"testing"
)

// earlier gives the ledger the format of some versions before: it takes back what the migrations since cannot do a second time.
func (m *many) earlier() {
	m.Helper()
	if _, err := m.database().Exec(m.Context(), `DROP TABLE waybill.moved, waybill.run_left_out; ALTER TABLE waybill.unsent DROP COLUMN recipient; ALTER TABLE waybill.ledger DROP COLUMN oldest; UPDATE waybill.ledger SET version = 12`); err != nil {
		m.Fatal(err)
	}
}

// TestEarlierFormatShared has commands come to a ledger of an earlier format that read it first and write to it then: they bring it to their own.
// Those that only read it say who does that.
func TestEarlierFormatShared(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 300, throughput: 50}, longLease)
	c := m.start(m.apply())
	m.awaitMessages(c, 30)
	m.start([]string{"stop", "last"}).want(0)
	c.want(5)
	m.earlier()
	reader := m.start([]string{"runs"})
	if reader.want(3); !strings.Contains(reader.errs.String(), "by the first command that writes to it") {
		t.Errorf("it says %s", &reader.errs)
	}
	worker, db := m.start([]string{"worker", m.job}), m.database()
	eventually(t, "the newest format", func() bool { return m.is(db, `(SELECT version FROM waybill.ledger) > 12`) }, &worker.errs)
	m.earlier()
	m.start([]string{"resume", "last", "--yes"}).want(0)
	m.nobodyTwice()
}
