//go:build unix

package postgres_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
)

// sendMany intends and settles so many messages, so many at once.
func sendMany(tb testing.TB, l engine.Ledger, messages, atOnce int) {
	tb.Helper()
	sendFrom(tb, l, 0, messages, atOnce)
}

// sendFrom sends messages that follow the first so many.
func sendFrom(tb testing.TB, l engine.Ledger, first, messages, atOnce int) {
	tb.Helper()
	var next atomic.Int64
	next.Store(int64(first))
	var wg sync.WaitGroup
	for range atOnce {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(first+messages); n = next.Add(1) {
				i := intent(fmt.Sprintf("patient-%07d", n))
				i.Recipient, i.Digest, i.Row = fmt.Sprintf("+3460%07d", n), delivery.Digest(n)<<40, int(n)
				ticket, err := l.Intend(tb.Context(), i)
				if err != nil {
					tb.Error(err)
					return
				}
				if _, err := l.Settle(tb.Context(), delivery.Attempt{
					Delivery: ticket.Delivery, Number: 1, Result: delivery.ResultAccepted, Answer: delivery.Answer{Status: 200, TraceID: "AbCdEfGhIjK"},
					MessageID: messageID(n),
				}); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// messageID is an id as WhatsApp makes them: with the number that it goes to, and one of its own of 18 hexadecimal digits.
func messageID(n int64) string {
	return "wamid." + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "\x1c\x18\x0b3460%07d\x15\x02\x00\x11\x18\x12%018X\x00", n, uint64(n)*0x9E3779B97F4A7C15))
}

func number(tb testing.TB, url, sql string) (n int64) {
	tb.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = c.Close(ctx) }()
	if err := c.QueryRow(ctx, sql).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

// TestBytes holds what a message takes in the database, with its indexes: of many batches, between which the database takes back the room
// of what is dead, as its autovacuum does every minute. Many at once without a pause are the dearest: they fill the pages that their outcomes
// want to stay in. What each takes after the first batch is told besides: a ledger's beginnings are in the other figure.
func TestBytes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ atOnce, most, mostMore int64 }{{64, 375, 330}, {8, 330, 300}} {
		t.Run(fmt.Sprint(c.atOnce), func(t *testing.T) {
			t.Parallel()
			testBytes(t, int(c.atOnce), c.most, c.mostMore)
		})
	}
}

func testBytes(t *testing.T, atOnce int, most, mostMore int64) {
	t.Helper()
	const batch, batches = 3000, 5
	database := newDatabase(t)
	url := theServer(t).URL(database)
	const all = `SELECT sum(pg_total_relation_size(c.oid))::int8 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'waybill' AND c.relkind = 'r'`
	empty := number(t, url, all)
	l := sending(t, url)
	var first int64 // what is there after the first batch: a ledger's beginnings with it
	for n := range batches {
		sendFrom(t, l, n*batch, batch, atOnce)
		if err := theServer(t).Exec(database, "VACUUM"); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			first = number(t, url, all)
		}
	}
	const messages = batch * batches
	size := number(t, url, all) - empty
	whole := number(t, url, `SELECT pg_total_relation_size('waybill.delivery')`)
	table := number(t, url, `SELECT pg_relation_size('waybill.delivery')`)
	more := (number(t, url, all) - first) / (messages - batch)
	t.Logf("%d bytes a message: %d in the table, %d in its indexes, %d elsewhere; %d for each after the first %d", size/messages, table/messages,
		(whole-table)/messages, (size-whole)/messages, more, batch)
	t.Log(relations(t, url, messages))
	if size/messages > most || more > mostMore {
		t.Errorf("%d bytes a message and %d for each further one, want %d and %d at most", size/messages, more, most, mostMore)
	}
	got, err := l.Run(t.Context(), theRun)
	if err != nil || got.Counts.Succeeded != messages {
		t.Errorf("%+v, %v", got.Counts, err)
	}
}

// relations tells what each relation takes a message, from the largest on, as far as it is a byte.
func relations(tb testing.TB, url string, messages int) string {
	tb.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = c.Close(ctx) }()
	var text string
	err = c.QueryRow(ctx, `SELECT string_agg(format('%s %s', n, name), ', ' ORDER BY n DESC) FROM (SELECT relname AS name, pg_relation_size(oid) / $1 AS n
		FROM pg_class WHERE relnamespace = 'waybill'::regnamespace AND relkind IN ('r', 'i')) AS r WHERE n > 0`, messages).Scan(&text)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// TestReads holds that a message takes as few reads in a ledger that has become large as in the empty one for which the plans were made.
func TestReads(t *testing.T) {
	t.Parallel()
	const messages, most = 3000, 12
	database := newDatabase(t)
	url := theServer(t).URL(database)
	l := sending(t, url)
	sendMany(t, l, messages, 64)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	awaitBackends(t, url)
	read := number(t, url, `SELECT sum(idx_tup_read)::int8 FROM pg_stat_user_indexes WHERE relname IN ('delivery', 'status')`)
	t.Logf("%.1f rows read a message", float64(read)/messages)
	if read < messages/2 || read > most*messages {
		t.Errorf("%d rows were read for %d messages, want %d each at most", read, messages, most)
	}
}

// awaitBackends waits until nobody else is connected: the server's backends tell what they read and wrote at their end.
func awaitBackends(tb testing.TB, url string) {
	tb.Helper()
	const others = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`
	for number(tb, url, others) > 0 {
		time.Sleep(10 * time.Millisecond)
	}
}

// BenchmarkSend intends and settles a message, of many at once.
func BenchmarkSend(b *testing.B) {
	for _, atOnce := range []int{32, 128} {
		b.Run(fmt.Sprint(atOnce), func(b *testing.B) {
			url := theServer(b).URL(newDatabase(b))
			l := sending(b, url)
			sendMany(b, l, 1000, atOnce)
			before := number(b, url, `SELECT sum(groups)::int8 FROM waybill.process`)
			b.ResetTimer()
			sendFrom(b, l, 1000, b.N, atOnce)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
			b.ReportMetric(2*float64(b.N)/float64(number(b, url, `SELECT sum(groups)::int8 FROM waybill.process`)-before), "changes/group")
		})
	}
}
