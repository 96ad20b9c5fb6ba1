//go:build unix

package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// TestWebhooksTogether has two receivers record, at once and twice, what became of many messages, one of them not known here: each status
// is kept once and moves its delivery, whichever comes first and whatever else is in its group.
func TestWebhooksTogether(t *testing.T) {
	t.Parallel()
	const messages = 40
	states := []delivery.State{delivery.Sent, delivery.Delivered, delivery.Read}
	url := theServer(t).URL(newDatabase(t))
	l := sending(t, url)
	receivers := []engine.Ledger{l, open(t, url)}
	at := time.UnixMilli(1_750_000_000_000).UTC()
	var group sync.WaitGroup
	record := func(callback, id string, n int, s delivery.State) {
		body := fmt.Appendf(nil, "%s of %s", s, id)
		report := engine.Report{Body: body, ReceivedAt: at, Statuses: []delivery.Status{{
			MessageID: id, Callback: callback, State: s, At: at, Raw: body, Charge: &delivery.Charge{Category: "utility"},
		}}}
		for k := range 4 {
			group.Go(func() {
				if err := receivers[(n+k)%2].Record(t.Context(), report); err != nil {
					t.Error(err)
				}
			})
		}
	}
	for n := range messages {
		ticket, id := intend(t, l, fmt.Sprint("person-", n)), messageID(int64(n+1))
		if _, err := l.Settle(t.Context(), delivery.Attempt{Delivery: ticket.Delivery, Number: 1, Result: delivery.ResultAccepted, MessageID: id}); err != nil {
			t.Fatal(err)
		}
		for _, s := range states {
			record(ticket.Callback, id, n, s)
		}
	}
	record("", messageID(messages+1), 0, delivery.Read)
	group.Wait()
	for _, look := range []struct {
		what, sql string
		want      int64
	}{
		{"deliveries read", `SELECT count(*) FROM waybill.delivery WHERE state = 8`, messages},
		{"statuses of them", `SELECT count(*) FROM waybill.status s JOIN waybill.delivery d ON d.id = s.delivery AND d.message = s.message AND s.attempt = 1`, 3 * messages},
		{"statuses that wait", `SELECT count(*) FROM waybill.status WHERE delivery IS NULL`, 1},
		{"webhooks", `SELECT count(*) FROM waybill.inbox`, 3*messages + 1},
		{"charges", `SELECT coalesce(sum(n), 0)::int8 FROM waybill.run_charge`, messages},
	} {
		if got := number(t, url, look.sql); got != look.want {
			t.Errorf("%s: %d, want %d", look.what, got, look.want)
		}
	}
	got, err := l.Run(t.Context(), theRun)
	if err != nil || got.Counts.Succeeded != messages || got.Counts.UnderWay != 0 {
		t.Errorf("%+v, %v, want %d that succeeded", got.Counts, err, messages)
	}
}
