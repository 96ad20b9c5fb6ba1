package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
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
	path := filepath.Join(t.TempDir(), "ledger.db")
	log := &heard{word: "keeps the ledger", first: make(chan struct{})}
	o := options()
	o.Log = slog.New(slog.NewTextHandler(log, nil))
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
	free := keep(t, path)
	var together sync.WaitGroup
	together.Go(func() {
		got, err := l.Settle(t.Context(), delivery.Attempt{
			Delivery: ticket.Delivery, Number: 1, Ended: time.Now(), Result: delivery.ResultAccepted, MessageID: benchWamid(1),
		})
		if err != nil || got.State != delivery.Accepted {
			t.Errorf("settle: %+v, %v", got, err)
		}
	})
	select {
	case <-log.first: // the outcome has waited as long as other changes do: 5 s of SQLite's own clock, and no fake one
	case <-time.After(time.Minute):
		t.Error("nobody is told that another process keeps the file")
	}
	var next delivery.Ticket
	together.Go(func() {
		var err error
		if next, err = l.Intend(t.Context(), benchIntent(2)); err != nil {
			t.Error(err)
		}
	})
	<-time.After(300 * time.Millisecond) // for the intent to wait, too
	freed := time.Now()
	free()
	together.Wait()
	if next.At.Before(freed.Truncate(time.Millisecond)) {
		t.Errorf("allowed %s before the file was free", freed.Sub(next.At))
	}
	if log.times != 1 {
		t.Errorf("said %d times", log.times)
	}
	// A group without an outcome waits no longer than ever.
	begun := time.Now()
	free = keep(t, path)
	if _, err := l.Intend(t.Context(), benchIntent(3)); !errors.Is(err, engine.ErrBusy) || time.Since(begun) > time.Minute {
		t.Errorf("%v after %s, want ErrBusy after 5 s, and not after two minutes", err, time.Since(begun))
	}
	free()
}

// heard is a log of which is known how often it has a word, and when first. It may be read when nobody writes.
type heard struct {
	word  string
	first chan struct{} // closed when it has it
	times int
}

// Write is called by one at a time, as slog does.
func (h *heard) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(h.word)) {
		if h.times++; h.times == 1 {
			close(h.first)
		}
	}
	return len(line), nil
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
