//go:build unix

package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
)

// TestAnswerWhileStatusComes has a status without a callback come while the answer with its message id is being written: neither sees what
// the other writes, and the status reaches its delivery all the same.
func TestAnswerWhileStatusComes(t *testing.T) {
	t.Parallel()
	database := newDatabase(t)
	address := theServer(t).URL(database)
	l, receiver := sending(t, address), open(t, address)
	intend(t, l, "before") // what follows goes the quick way
	ticket := intend(t, l, "ana")
	c, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	tx, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), fmt.Sprintf("SELECT 1 FROM waybill.delivery WHERE id = %d FOR UPDATE", ticket.Delivery)); err != nil {
		t.Fatal(err)
	}
	waiting := func(want int64, ended <-chan struct{}) {
		for start := time.Now(); time.Since(start) < time.Second; {
			select {
			case <-ended:
				return
			default:
			}
			if number(t, address, `SELECT count(*) FROM pg_locks WHERE NOT granted`) >= want {
				return
			}
		}
		t.Errorf("it does not come to %d that wait", want)
	}
	var wg sync.WaitGroup
	wg.Go(func() { settle(t, l, ticket) })
	waiting(1, nil)
	recorded := make(chan struct{})
	wg.Go(func() {
		defer close(recorded)
		err := receiver.Record(t.Context(), engine.Report{ReceivedAt: time.Now(), Statuses: []delivery.Status{{
			MessageID: fmt.Sprintf("wamid.HBgLMzQ2MTIzNDU2NzgVAgARGBI%027dAA==", ticket.Delivery), State: delivery.Delivered, Word: "delivered", At: time.Now(),
		}}})
		if err != nil {
			t.Error(err)
		}
	})
	waiting(2, recorded)
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	wantState(t, l, "ana", delivery.Delivered)
	if got, err := l.Alarms(t.Context()); err != nil || got.Unclaimed != 0 {
		t.Errorf("%+v, %v: the status found nothing", got, err)
	}
}
