//go:build unix

package postgres_test

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// idOf is an id as WhatsApp makes them of a message to a number.
func idOf(number string, n int) string {
	return "wamid." + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "\x1c\x18%c%s\x15\x02\x00\x11\x18\x12%018X\x00", len(number), number, n))
}

// TestFoundByNumber has statuses come that carry no callback: each finds its delivery, whether the message's id holds the number that it went
// to, that number as WhatsApp writes it, another one, or none. Only those that the number does not find take room in an index of their own.
func TestFoundByNumber(t *testing.T) {
	t.Parallel()
	url := theServer(t).URL(newDatabase(t))
	l := sending(t, url)
	cases := []struct {
		what, recipient, id string
		hashed              bool
	}{
		{"its number", "+34612345678", idOf("34612345678", 1), false},
		{"its number, for another message to it", "+34612345678", idOf("34612345678", 2), false},
		{"its number in the other form of Mexico", "+525512345678", idOf("5215512345678", 3), false},
		{"an odd count of digits", "+4512345678901", idOf("4512345678901", 4), false},
		{"another number", "+34612345679", idOf("34999999999", 5), true},
		{"a number that is too short", "+1234567", idOf("1234567", 6), true},
		{"no number", "+34612345680", "wamid.gBGGFlA5FpafAgkOuJbRq54qwbM=", true},
		{"no known form", "+34612345681", "gBEGkYiEB1VXAglK1ZEqA1YKPrU", true},
		{"a number, to somebody who is named without one", "US.13491208655302741918", idOf("15551234567", 7), true},
	}
	at := time.UnixMilli(1_750_000_000_000).UTC()
	for n, c := range cases {
		i := intent(fmt.Sprint("item-", n))
		i.Recipient = c.recipient
		ticket, err := l.Intend(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Settle(t.Context(), delivery.Attempt{Delivery: ticket.Delivery, Number: 1, Result: delivery.ResultAccepted, MessageID: c.id}); err != nil {
			t.Fatal(err)
		}
		report := engine.Report{ReceivedAt: at, Statuses: []delivery.Status{{MessageID: c.id, State: delivery.Read, At: at}}}
		if err := l.Record(t.Context(), report); err != nil {
			t.Fatal(err)
		}
		look := fmt.Sprintf(` FROM waybill.delivery WHERE id = %d`, ticket.Delivery)
		if got := delivery.State(number(t, url, `SELECT state`+look)); got != delivery.Read {
			t.Errorf("%s: it is %s, want read", c.what, got)
		}
		if hashed := number(t, url, `SELECT count(message_hash)`+look) == 1; hashed != c.hashed {
			t.Errorf("%s: there is a hash of its message: %t, want %t", c.what, hashed, c.hashed)
		}
		for d, err := range l.Deliveries(t.Context(), engine.DeliveryFilter{Search: c.id}) {
			if err != nil || d.ID != ticket.Delivery || d.MessageID != c.id {
				t.Errorf("%s: looked for, found %+v, %v", c.what, d, err)
			}
		}
	}
}

// TestFoundAmongMany has one number be written to often: each message is found by a status without a callback, and few of them by the number
// that all of them have. So a status of a message that somebody else sent to it reads those few alone.
func TestFoundAmongMany(t *testing.T) {
	t.Parallel()
	const messages, recipient, digits = 60, "+34612345678", "34612345678"
	url := theServer(t).URL(newDatabase(t))
	l := sending(t, url)
	at := time.UnixMilli(1_750_000_000_000).UTC()
	told := func(n int) {
		t.Helper()
		report := engine.Report{ReceivedAt: at, Statuses: []delivery.Status{{MessageID: idOf(digits, n), State: delivery.Read, At: at}}}
		if err := l.Record(t.Context(), report); err != nil {
			t.Fatal(err)
		}
	}
	for n := range messages {
		i := intent(fmt.Sprint("item-", n))
		i.Recipient = recipient
		ticket, err := l.Intend(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Settle(t.Context(), delivery.Attempt{Delivery: ticket.Delivery, Number: 1, Result: delivery.ResultAccepted, MessageID: idOf(digits, n)}); err != nil {
			t.Fatal(err)
		}
	}
	told(messages) // of nobody here
	const byNumber = `SELECT count(*) FROM waybill.delivery WHERE message_hash IS NULL`
	if got := number(t, url, byNumber); got != 16 {
		t.Errorf("%d are found by the number, want 16", got)
	}
	for n := range messages {
		told(n)
	}
	if got := number(t, url, `SELECT count(*) FROM waybill.delivery WHERE state = 8`); got != messages {
		t.Errorf("%d are read, want %d", got, messages)
	}
	if got := number(t, url, byNumber); got != 16 {
		t.Errorf("after that %d are found by the number, want 16", got)
	}
}

// TestOutcomesKeepIndexes holds that outcomes of few messages at once leave the index entries of their deliveries as they are.
func TestOutcomesKeepIndexes(t *testing.T) {
	t.Parallel()
	const messages = 2000
	url := theServer(t).URL(newDatabase(t))
	l := sending(t, url)
	sendMany(t, l, messages, 4)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	awaitBackends(t, url)
	kept := number(t, url, `SELECT n_tup_hot_upd * 100 / n_tup_upd FROM pg_stat_user_tables WHERE relname = 'delivery'`)
	t.Logf("%d of 100 outcomes", kept)
	if kept < 80 {
		t.Errorf("%d of 100 outcomes did, want 80", kept)
	}
}
