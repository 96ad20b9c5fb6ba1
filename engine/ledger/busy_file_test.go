package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
)

// TestBusy has another process keep the file for longer than a change waits, while a request is under way: its outcome
// waits on, and nothing is allowed meanwhile.
func TestBusy(t *testing.T) {
	t.Parallel()
	const held = 6 * time.Second // the clock is SQLite's own, and no fake one
	path := filepath.Join(t.TempDir(), "ledger.db")
	var log bytes.Buffer
	o := options()
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	l, err := ledger.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, l)
	ready(t, l)
	ticket, err := l.Intend(t.Context(), benchIntent(1))
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	free := keep(t, path)
	time.AfterFunc(held, free)
	var together sync.WaitGroup
	together.Go(func() {
		got, err := l.Settle(t.Context(), delivery.Attempt{
			Delivery: ticket.Delivery, Number: 1, Ended: time.Now(), Result: delivery.ResultAccepted, MessageID: benchWamid(1),
		})
		if err != nil || got.State != delivery.Accepted {
			t.Errorf("settle: %+v, %v", got, err)
		}
	})
	<-time.After(100 * time.Millisecond) // until the outcome is in a group, and that one waits
	together.Go(func() {
		next, err := l.Intend(t.Context(), benchIntent(2))
		if err != nil || next.At.Before(begun.Add(held).Truncate(time.Millisecond)) {
			t.Errorf("allowed as of %s, while the file was kept; %v", next.At.Sub(begun), err)
		}
	})
	together.Wait()
	if n := strings.Count(log.String(), "keeps the ledger"); n != 1 {
		t.Errorf("said %d times:\n%s", n, log.String())
	}
	// A group without an outcome waits no longer than ever.
	begun = time.Now()
	free = keep(t, path)
	if _, err := l.Intend(t.Context(), benchIntent(3)); !errors.Is(err, engine.ErrBusy) || time.Since(begun) > 10*time.Second {
		t.Errorf("%v after %s, want ErrBusy after 5", err, time.Since(begun))
	}
	free()
}

// keep takes the right to write from all others until free is called.
func keep(t *testing.T, path string) (free func()) {
	t.Helper()
	db := openRaw(t, path)
	c, err := db.Conn(context.Background())
	if err == nil {
		_, err = c.ExecContext(context.Background(), "BEGIN IMMEDIATE")
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		_, err := c.ExecContext(context.Background(), "ROLLBACK")
		if err := errors.Join(err, c.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	}
}
