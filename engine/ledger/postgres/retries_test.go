//go:build unix

package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"waybill/engine/delivery"
	"waybill/engine/ledger/postgres/pgtest"
)

// TestRetriesTogether has many messages refused for now, tried again, and tried once more: a group of them costs a few round trips, however
// many it holds. A database is a millisecond away, or thirty.
func TestRetriesTogether(t *testing.T) {
	const messages, most = 120, 8
	database := newDatabase(t)
	p, address, err := pgtest.NewProxy(theServer(t).URL(database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	l := sending(t, address)
	intend(t, l, "before")
	groups := func() int {
		return int(number(t, theServer(t).URL(database), `SELECT max(groups) FROM waybill.process`))
	}
	for try := 1; try <= 3; try++ {
		turns, before := p.Turns(), groups()
		var all sync.WaitGroup
		for i := range messages {
			all.Go(func() {
				ticket, err := l.Intend(t.Context(), intent(fmt.Sprintf("p%03d", i)))
				if err != nil || ticket.Attempt != try {
					t.Errorf("try %d: attempt %d, %v", try, ticket.Attempt, err)
					return
				}
				d, err := l.Settle(t.Context(), delivery.Attempt{
					Delivery: ticket.Delivery, Number: ticket.Attempt, Result: delivery.ResultNotSent, Cause: delivery.CauseLimit,
					Ended: ticket.At.Add(time.Second), Answer: delivery.Answer{Status: 429, Code: 130429, Message: "too many"},
				})
				if err != nil || d.State != delivery.Planned {
					t.Errorf("try %d: it is %s, %v", try, d.State, err)
				}
			})
		}
		all.Wait()
		turns, written := p.Turns()-turns, groups()-before
		t.Logf("try %d: %d groups, %d round trips", try, written, turns)
		if written == 0 || turns > most*written+most {
			t.Errorf("try %d: %d groups cost %d round trips, want at most %d each", try, written, turns, most)
		}
	}
	if got := number(t, theServer(t).URL(database), `SELECT count(*) FROM waybill.attempt`); got != 2*messages {
		t.Errorf("%d requests were followed by others, want %d", got, 2*messages)
	}
}
