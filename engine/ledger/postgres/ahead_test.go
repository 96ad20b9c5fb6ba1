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

// TestStatusesOfOneDelivery has one webhook tell all that became of a message: its delivery is written once.
func TestStatusesOfOneDelivery(t *testing.T) {
	t.Parallel()
	url := theServer(t).URL(newDatabase(t))
	l := sending(t, url)
	at := time.UnixMilli(1_750_000_000_000).UTC()
	ticket := intend(t, l, "ana")
	id := settle(t, l, ticket).MessageID
	report := engine.Report{Body: []byte("all"), ReceivedAt: at}
	for n, s := range []delivery.State{delivery.Read, delivery.Sent, delivery.Delivered} {
		report.Statuses = append(report.Statuses, delivery.Status{
			MessageID: id, Callback: ticket.Callback, State: s, At: at.Add(time.Duration(s) * time.Second), Raw: fmt.Append(nil, n),
		})
	}
	if err := l.Record(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	awaitBackends(t, url)
	for sql, want := range map[string]int64{
		`SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'delivery'`:      2, // its outcome, and where it stands
		`SELECT count(*) FROM waybill.status WHERE delivery IS NOT NULL`:            3,
		`SELECT state FROM waybill.delivery`:                                        int64(delivery.Read),
		`SELECT status_at FROM waybill.delivery`:                                    at.Add(time.Duration(delivery.Read) * time.Second).UnixMilli(),
		`SELECT sum(n)::int8 FROM waybill.run_count WHERE outcome = 1 AND part = 0`: 0,
	} {
		if got := number(t, url, sql); got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
}

// TestForgottenMeanwhile has a receiver record what names somebody who was forgotten since it last looked: what it read as its group began is
// read again, and nothing of the person is kept.
func TestForgottenMeanwhile(t *testing.T) {
	t.Parallel()
	url := theServer(t).URL(newDatabase(t))
	l, receiver := sending(t, url), open(t, url)
	at := time.UnixMilli(1_750_000_000_000).UTC()
	if err := receiver.Record(t.Context(), engine.Report{ReceivedAt: at, Body: []byte("of nobody")}); err != nil {
		t.Fatal(err)
	}
	ticket, other := intend(t, l, "ana"), intend(t, l, "ben")
	id := settle(t, l, ticket).MessageID
	settle(t, l, other)
	if _, err := l.Forget(t.Context(), engine.Forget{Item: "ana"}); err != nil {
		t.Fatal(err)
	}
	for n, body := range []string{`{"recipient_id":"34612345678","n":1}`, `{"recipient_id":"34612345678","n":2}`} {
		err := receiver.Record(t.Context(), engine.Report{ReceivedAt: at, Body: []byte(body), Statuses: []delivery.Status{{
			MessageID: id, Callback: ticket.Callback, State: delivery.Delivered + delivery.State(n), At: at, Recipient: "34612345678", Raw: []byte(body),
		}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for sql, want := range map[string]int64{
		`SELECT count(*) FROM waybill.inbox WHERE octet_length(body) > 0`: 1,
		`SELECT count(*) FROM waybill.status WHERE recipient IS NOT NULL`: 0,
		`SELECT count(*) FROM waybill.status WHERE delivery IS NOT NULL`:  2,
		`SELECT count(*) FROM waybill.delivery WHERE state = 8`:           1,
	} {
		if got := number(t, url, sql); got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
}
