package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger"
)

func options() ledger.Options { return ledger.Options{Now: time.Now, MinFree: 1 << 20} }

func TestAlarms(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	ready(t, l)
	ticket, err := l.Intend(t.Context(), benchIntent(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Settle(t.Context(), delivery.Attempt{
		Delivery: ticket.Delivery, Number: 1, Result: delivery.ResultAccepted,
		MessageID: benchWamid(1),
	}); err != nil {
		t.Fatal(err)
	}
	delivered := func(message, callback string) delivery.Status {
		return delivery.Status{
			MessageID: message, Callback: callback, State: delivery.Delivered, Word: "delivered",
			At: time.UnixMilli(1e12),
		}
	}
	for range 2 {
		err := l.Record(t.Context(), engine.Report{Body: []byte("{}"), ReceivedAt: time.Now(), Statuses: []delivery.Status{
			delivered(benchWamid(2), ticket.Callback), // another message of the same delivery
			delivered(benchWamid(3), "run-7/ana"),     // another program's
			delivered(benchWamid(4), ""),
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := l.Alarms(t.Context())
	if want := (engine.Alarms{DoubleAccepts: 1, ForeignCallbacks: 2, Unclaimed: 2}); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	found, err := l.Lookup(t.Context(), []delivery.Key{benchIntent(1).Key})
	if d := found[benchIntent(1).Key.Hash()]; err != nil || d.MessageID != benchWamid(1) || d.State != delivery.Delivered {
		t.Errorf("%+v, %v: the first id stays, and the message arrived", d, err)
	}
}

func TestCompact(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	ready(t, l)
	send(t, l, 1)
	raw := json.RawMessage(`{"id":"x"}`)
	err := l.Record(t.Context(), engine.Report{Body: []byte(`[{"id":"x"}]`), ReceivedAt: time.UnixMilli(1e12), Statuses: []delivery.Status{
		{MessageID: benchWamid(1), State: delivery.Sent, Word: "sent", At: time.UnixMilli(1e12), Raw: raw},
		{MessageID: benchWamid(7), State: delivery.Sent, Word: "sent", At: time.UnixMilli(1e12), Raw: raw},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		before          time.Time
		raw             string
		ours, unclaimed int
	}{{time.UnixMilli(1e12), string(raw), 1, 1}, {time.UnixMilli(1e12 + 1), "", 1, 0}} {
		if err := l.Compact(t.Context(), c.before); err != nil {
			t.Fatal(err)
		}
		ours, err := l.Statuses(t.Context(), benchWamid(1))
		if err != nil || len(ours) != c.ours || string(ours[0].Raw) != c.raw {
			t.Errorf("%+v, %v", ours, err)
		}
		if a, err := l.Alarms(t.Context()); err != nil || a.Unclaimed != c.unclaimed {
			t.Errorf("%+v, %v", a, err)
		}
	}
}

// TestRestored is a ledger that was restored from a backup: a status tells of a message that it does not remember.
func TestRestored(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.db")
	l := open(t, path)
	ready(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup.db") // where there is no witness
	copyFile(t, path, backup)
	l = open(t, path)
	ready(t, l)
	ticket, err := l.Intend(t.Context(), benchIntent(1))
	if err != nil {
		t.Fatal(err)
	}
	l = open(t, backup)
	ready(t, l)
	s := delivery.Status{MessageID: benchWamid(1), Callback: ticket.Callback, State: delivery.Sent, Word: "sent", At: time.UnixMilli(1e12)}
	if err := l.Record(t.Context(), engine.Report{Statuses: []delivery.Status{s}}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Intend(t.Context(), benchIntent(2)); err != nil { // has the number of the other now
		t.Fatal(err)
	}
	_, err = l.Intend(t.Context(), benchIntent(1))
	var held *delivery.DecidedError
	if !errors.As(err, &held) || held.Delivery.State != delivery.Sent || held.Delivery.MessageID != benchWamid(1) {
		t.Errorf("%v, want it held as sent", err)
	}
	if a, err := l.Alarms(t.Context()); err != nil || a.Unclaimed != 0 || a.ForeignCallbacks != 0 {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestBubble runs a ledger on a fake clock: nothing in it waits in a way that would keep time from passing.
func TestBubble(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	synctest.Test(t, func(t *testing.T) {
		l, err := ledger.Open(path, options())
		if err != nil {
			t.Fatal(err)
		}
		ready(t, l)
		sendMany(t, l, 100, 8)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		for range 3 {
			if err := l.Change(ctx); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Minute)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := l.Change(ctx); !errors.Is(err, engine.ErrClosed) {
			t.Errorf("%v, want ErrClosed", err)
		}
		if _, err := l.Intend(ctx, benchIntent(1)); !errors.Is(err, engine.ErrClosed) {
			t.Errorf("%v, want ErrClosed", err)
		}
		if _, err := l.Run(ctx, "last"); !errors.Is(err, engine.ErrClosed) {
			t.Errorf("%v, want ErrClosed", err)
		}
	})
}

// TestOddPath wants a path with everything in it that an address could take amiss.
func TestOddPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?c#d%41&mode=ro", "ledger é.db")
	l := open(t, path)
	ready(t, l)
	send(t, l, 1)
	copyFile(t, path, filepath.Join(t.TempDir(), "there"))
}

// TestLookupSpeed is no benchmark, and would notice if a lookup read the whole ledger for each key.
func TestLookupSpeed(t *testing.T) {
	const known = 3000 // few enough for the race detector
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	ready(t, l)
	sendMany(t, l, known, 128)
	keys := make([]delivery.Key, known)
	for n := range keys {
		keys[n] = benchIntent(uint64(n + 1)).Key
	}
	start := time.Now()
	found := 0
	for at := 0; at < known; at += 500 {
		got, err := l.Lookup(t.Context(), keys[at:min(at+500, known)])
		if err != nil {
			t.Fatal(err)
		}
		found += len(got)
	}
	took := time.Since(start)
	t.Logf("%d keys in %s", known, took)
	if found != known || took > 5*time.Second {
		t.Errorf("%d of %d found in %s", found, known, took)
	}
	start = time.Now()
	if _, err := l.Tally(t.Context(), engine.DeliveryFilter{Run: benchRun}); err != nil {
		t.Error(err)
	}
	t.Logf("tally in %s", time.Since(start))
	start = time.Now()
	n := 0
	for _, err := range l.Deliveries(t.Context(), engine.DeliveryFilter{Search: strings.ToLower(benchWamid(777))}) {
		if err != nil {
			t.Error(err)
		}
		n++
	}
	t.Logf("%d found by a message id in %s", n, time.Since(start))
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "ledger.db")
	l := open(b, path)
	ready(b, l)
	sendMany(b, l, 1000, 64)
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		b.Run(fmt.Sprintf("readOnly=%t", readOnly), func(b *testing.B) {
			o := options()
			o.ReadOnly = readOnly
			for b.Loop() {
				l, err := ledger.Open(path, o)
				if err != nil {
					b.Fatal(err)
				}
				if err := l.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestRecordedBesideTheSender has another process record what came of a message before the sender knows that it was accepted, between two
// of its groups of intents and outcomes.
func TestRecordedBesideTheSender(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	sender, recorder := open(t, path), open(t, path)
	ready(t, sender)
	for n := range uint64(3) {
		send(t, sender, 2*n) // whoever asks the file once and not again has asked it by now
		ticket, err := sender.Intend(t.Context(), benchIntent(2*n+1))
		if err != nil {
			t.Fatal(err)
		}
		err = recorder.Record(t.Context(), engine.Report{ReceivedAt: ticket.At, Statuses: []delivery.Status{{
			MessageID: benchWamid(100 + n), State: delivery.Read, At: ticket.At,
		}}})
		if err != nil {
			t.Fatal(err)
		}
		after, err := sender.Settle(t.Context(), delivery.Attempt{
			Delivery: ticket.Delivery, Number: ticket.Attempt, Result: delivery.ResultAccepted, MessageID: benchWamid(100 + n),
		})
		if err != nil || after.State != delivery.Read {
			t.Errorf("message %d: %v, %v, want it to be read", n, after.State, err)
		}
	}
}
