package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"waybill/engine"
)

const (
	oldBodies  = 5_500 // little more than a slice, for the race detector
	oldClaimed = 100
)

// oldRows puts old webhooks into a ledger, each with one status. Some are of a message that the ledger sent.
func oldRows(t *testing.T, path string) {
	t.Helper()
	db := openRaw(t, path)
	defer closed(t, db)
	_, err := db.ExecContext(t.Context(), fmt.Sprintf(`BEGIN;
		WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < %[1]d)
			INSERT INTO inbox (received_at, digest, body) SELECT 1000, CAST(n AS BLOB), zeroblob(9) FROM number;
		INSERT INTO status (message, message_hash, delivery, attempt, state, at, received_at, again, inbox, raw_from, raw_size)
			SELECT 'wamid.' || seq, seq, iif(seq <= %[2]d, 1, NULL), iif(seq <= %[2]d, 1, NULL), 6, 1000, 1000, 0, seq, 0, 9 FROM inbox;
		COMMIT`, oldBodies, oldClaimed))
	if err != nil {
		t.Fatal(err)
	}
}

// TestCompactGivesWay wants others to see, and so to be let in, while much is taken away.
func TestCompactGivesWay(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	ready(t, l)
	send(t, l, 1)
	oldRows(t, path)
	db := openRaw(t, path)
	if _, err := db.ExecContext(t.Context(),
		`UPDATE status SET received_at = 2000 WHERE message = 'wamid.77'`); err != nil { // it came again
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- l.Compact(t.Context(), time.UnixMilli(1500)) }()
	between := false
	for ended := false; !ended; {
		a, err := l.Alarms(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		between = between || a.Unclaimed > 0 && a.Unclaimed < oldBodies-oldClaimed
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			ended = true
		case <-time.After(5 * time.Millisecond):
		}
	}
	if !between {
		t.Error("all of it was one transaction, in which no other change could be written")
	}
	var statuses, pointing, bodies int
	err := db.QueryRowContext(t.Context(),
		`SELECT count(*), count(inbox), (SELECT count(*) FROM inbox) FROM status`).Scan(&statuses, &pointing, &bodies)
	if err != nil || statuses != oldClaimed || pointing != 1 || bodies != 1 {
		t.Errorf("%d statuses, %d of them with a body, %d bodies; want %d, 1 and 1; %v", statuses, pointing, bodies, oldClaimed, err)
	}
}

// TestCompactEndedEarly stops between two slices.
func TestCompactEndedEarly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	ready(t, l)
	send(t, l, 1)
	oldRows(t, path)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := l.Compact(ctx, time.UnixMilli(1500)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want its end", err)
	}
	if err := l.Compact(t.Context(), time.UnixMilli(1500)); err != nil {
		t.Error(err)
	}
	if a, err := l.Alarms(t.Context()); err != nil || a != (engine.Alarms{}) {
		t.Errorf("%+v, %v", a, err)
	}
}
