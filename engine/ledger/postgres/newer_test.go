//go:build unix

package postgres_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/postgres"
)

// TestNewerFormat has a newer program bring the ledger to its format while this one has it open: where that only added something, this one goes on
// with all that it does, and can be started anew; where it did not, it says what to do.
func TestNewerFormat(t *testing.T) {
	t.Parallel()
	s, database := theServer(t), newDatabase(t)
	exec := func(sql string) {
		t.Helper()
		if err := s.Exec(database, sql); err != nil {
			t.Fatal(err)
		}
	}
	receives := func(l engine.Ledger, n int) error {
		at := time.UnixMilli(1_750_000_000_000 + int64(n)).UTC()
		status := delivery.Status{MessageID: idOf("34612345678", n), State: delivery.Read, At: at}
		return l.Record(t.Context(), engine.Report{ReceivedAt: at, Body: []byte(time.Duration(n).String()), Statuses: []delivery.Status{status}})
	}
	before, err := postgres.Open(s.URL(database), options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = before.Close() })
	exec(`ALTER TABLE waybill.inbox ADD COLUMN more text; UPDATE waybill.ledger SET version = 99`)
	after := sending(t, s.URL(database))
	ahead := sendOne(t, after)
	for n, l := range []engine.Ledger{before, after} {
		if err := receives(l, n); err != nil {
			t.Error(err)
		}
	}
	if got := number(t, s.URL(database), `SELECT count(*) FROM waybill.inbox`); got != 2 || ahead != nil {
		t.Errorf("%d webhooks were kept; %v", got, ahead)
	}
	if got := number(t, s.URL(database), `SELECT version FROM waybill.ledger`); got != 99 {
		t.Errorf("its format is version %d", got)
	}
	exec(`DROP FUNCTION waybill.read_webhooks; UPDATE waybill.ledger SET version = 100, oldest = 100`)
	if err := receives(before, 2); !errors.Is(err, engine.ErrNewer) || !strings.Contains(err.Error(), "upgrade waybill") {
		t.Errorf("it says %v", err)
	}
}

// sendOne intends and settles one message.
func sendOne(t *testing.T, l engine.Ledger) error {
	t.Helper()
	ticket, err := l.Intend(t.Context(), intent("item-0"))
	if err == nil {
		_, err = l.Settle(t.Context(), delivery.Attempt{Delivery: ticket.Delivery, Number: 1, Result: delivery.ResultAccepted, MessageID: idOf("34612345678", 0)})
	}
	return err
}

// TestOldestFormat holds which migrations older programs bear: those alone that say so.
func TestOldestFormat(t *testing.T) {
	t.Parallel()
	files := []string{"a", "b", "-- expands\nc", "-- expands\nd"}
	for _, c := range []struct{ version, oldest, thenVersion, thenOldest int64 }{
		{0, 0, 4, 2},
		{1, 1, 4, 2},
		{2, 2, 4, 2},
		{3, 2, 4, 2},
		{4, 4, 4, 4},
		{9, 5, 9, 5},
	} {
		if version, oldest := postgres.FormatAfter(c.version, c.oldest, files); version != c.thenVersion || oldest != c.thenOldest {
			t.Errorf("from %d it is version %d, and takes %d", c.version, version, oldest)
		}
	}
}
