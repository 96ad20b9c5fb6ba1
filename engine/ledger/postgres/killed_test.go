//go:build unix

package postgres_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/postgres/pgtest"
)

// TestServerKilled takes the database its power away while messages are sent, again and again. Senders wait for it, nothing that was said
// to be durable is lost, and nobody gets a message twice.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	const callers, each, kills = 8, 60, 3
	s, err := pgtest.Start()
	need(t, s, err)
	t.Cleanup(func() { // after the ledger is closed
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Create("wb"); err != nil {
		t.Fatal(err)
	}
	l := sending(t, s.URL("wb"))
	var mu sync.Mutex
	accepted := map[string]int{} // what WhatsApp took
	var done atomic.Int64
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for n := range each {
				item := fmt.Sprint(c, "/", n)
				ticket, err := l.Intend(t.Context(), intent(item))
				if err != nil {
					t.Errorf("%s: %v", item, err)
					return
				}
				mu.Lock()
				accepted[item]++
				id := fmt.Sprintf("wamid.HBgLMzQ2MTIzNDU2NzgVAgARGBI%027dAA==", len(accepted))
				mu.Unlock()
				if _, err := l.Settle(t.Context(), delivery.Attempt{
					Delivery: ticket.Delivery, Number: ticket.Attempt, Result: delivery.ResultAccepted, MessageID: id,
				}); err != nil {
					t.Errorf("%s: %v", item, err)
					return
				}
				done.Add(1)
			}
		})
	}
	for k := range int64(kills) {
		for done.Load() < (k+1)*callers*each/(kills+1) && !t.Failed() {
			if err := l.Change(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Down(true); err != nil {
			t.Fatal(err)
		}
		if err := s.Up(); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	for item, n := range accepted {
		if n != 1 {
			t.Errorf("%s was allowed %d times", item, n)
		}
		wantState(t, l, item, delivery.Accepted)
	}
	got, err := l.Run(t.Context(), theRun)
	if want := (engine.Counts{Total: callers * each, Succeeded: callers * each, Accepted: callers * each}); err != nil || got.Counts != want {
		t.Errorf("%+v, %v, want %+v", got.Counts, err, want)
	}
}
