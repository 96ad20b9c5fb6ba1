package ledger_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
)

// lines hands on what is written, while there is room for it.
type lines chan string

func (c lines) Write(line []byte) (int, error) {
	select {
	case c <- string(line):
	default:
	}
	return len(line), nil
}

// TestAwaitAfterAFailedPoll has the one poll that all waiters rely on end with an error. Who waits still hears of what
// another process records afterwards.
func TestAwaitAfterAFailedPoll(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	log := make(lines, 1)
	o := options()
	o.Log = slog.New(slog.NewTextHandler(log, nil))
	l, err := ledger.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, l)
	other, db := open(t, path), openRaw(t, path)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- l.Await(ctx, benchWamid(1), 0) }()
	<-time.After(50 * time.Millisecond) // until it waits, most likely
	if _, err := db.ExecContext(ctx, `ALTER TABLE status RENAME TO away`); err != nil {
		t.Fatal(err)
	}
	select {
	case line := <-log:
		t.Log(line)
	case err := <-done:
		t.Fatalf("it looked before the poll did: %v", err)
	}
	if _, err := db.ExecContext(ctx, `ALTER TABLE away RENAME TO status`); err != nil {
		t.Fatal(err)
	}
	err = other.Record(ctx, engine.Report{ReceivedAt: time.Now(), Statuses: []delivery.Status{
		{MessageID: benchWamid(1), State: delivery.Sent, Word: "sent", At: time.UnixMilli(1e12)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
