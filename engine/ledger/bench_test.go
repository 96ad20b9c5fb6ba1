package ledger_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/mould"
)

const benchRun = "20260325-090000-aaaa"

// benchWamid makes a message id of the usual form, as random as a real one: "wamid." and 56 characters.
func benchWamid(n uint64) string {
	n *= 0x9E3779B97F4A7C15
	n ^= n >> 29
	raw := fmt.Appendf(nil, "\x1c\x18\x0b34%09d\x15\x02\x00\x11\x18\x14%016X%04d\x00", n%1_000_000_000, n, n%10_000)
	return "wamid." + base64.StdEncoding.EncodeToString(raw)
}

func benchIntent(n uint64) delivery.Intent {
	return delivery.Intent{
		Key: delivery.Key{Job: "job", Scope: "ever", Step: "patients/remind", Item: fmt.Sprintf("%08d", n)},
		Run: benchRun, Recipient: fmt.Sprintf("+34%09d", n), Digest: delivery.Digest(n * 0x9E3779B97F4A7C15), Row: int(n),
	}
}

// send does what a worker does for one message, without the network.
func send(tb testing.TB, l engine.Ledger, n uint64) {
	tb.Helper()
	sendIntent(tb, l, n, benchIntent(n))
}

func sendIntent(tb testing.TB, l engine.Ledger, n uint64, i delivery.Intent) {
	tb.Helper()
	t, err := l.Intend(tb.Context(), i)
	if err != nil {
		tb.Error(err)
		return
	}
	_, err = l.Settle(tb.Context(), delivery.Attempt{
		Delivery: t.Delivery, Number: t.Attempt, Run: benchRun, Ended: t.At.Add(130 * time.Millisecond), Result: delivery.ResultAccepted,
		MessageID: benchWamid(n), Answer: delivery.Answer{Status: 200, TraceID: "BxGmjVCr/OL"},
	})
	if err != nil {
		tb.Error(err)
	}
}

func ready(tb testing.TB, l engine.Ledger) {
	tb.Helper()
	if err := l.StartRun(tb.Context(), engine.Run{
		ID: benchRun, Job: "job", Mode: engine.ModeApply, Scope: "ever",
		StartedAt: time.Now(),
	}); err != nil {
		tb.Fatal(err)
	}
	if _, err := l.Lock(tb.Context(), "a benchmark"); err != nil {
		tb.Fatal(err)
	}
}

// sendMany sends n messages by as many callers.
func sendMany(tb testing.TB, l engine.Ledger, n uint64, callers int) {
	tb.Helper()
	var next atomic.Uint64
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for i := next.Add(1); i <= n; i = next.Add(1) {
				send(tb, l, i)
			}
		})
	}
	wg.Wait()
}

// BenchmarkMessage is one intent and one outcome, durable, from 32 callers at full speed.
func BenchmarkMessage(b *testing.B) {
	for _, callers := range []int{1, 8, 32, 128} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "ledger.db")
			l := open(b, path)
			ready(b, l)
			b.ReportAllocs()
			b.ResetTimer()
			cpu := cpuTime()
			sendMany(b, l, uint64(b.N), callers)
			b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N)/1000, "cpu-µs/op")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			if err := l.Close(); err != nil {
				b.Fatal(err)
			}
			if found, err := os.Stat(path); err == nil {
				b.ReportMetric(float64(found.Size())/float64(b.N), "file-B/op")
			}
		})
	}
}

// BenchmarkText is what it costs to keep the text of a template with four short values: 32 callers, with and without.
func BenchmarkText(b *testing.B) {
	maker := mould.New([]mould.Word{{Name: "messaging_product", Value: "whatsapp"}, {Name: "type", Value: "template"}, {Name: "type", Value: "body"}, {Name: "type", Value: "text"}},
		[]string{"appointment_reminder", "es"}, nil)
	for _, kept := range []bool{false, true} {
		b.Run(fmt.Sprintf("kept=%t", kept), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "ledger.db")
			l := open(b, path)
			ready(b, l)
			cpu := cpuTime()
			var next atomic.Uint64
			var wg sync.WaitGroup
			for range 32 {
				wg.Go(func() {
					for n := next.Add(1); n <= uint64(b.N); n = next.Add(1) {
						i := benchIntent(n)
						if kept {
							i.Text.Mould, i.Text.Values = maker.Split(benchBody(n))
							i.Text.Keep = engine.DefaultKeepText
						}
						sendIntent(b, l, n, i)
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N)/1000, "cpu-µs/op")
			if err := l.Close(); err != nil {
				b.Fatal(err)
			}
			if found, err := os.Stat(path); err == nil {
				b.ReportMetric(float64(found.Size())/float64(b.N), "file-B/op")
			}
		})
	}
}

func benchBody(n uint64) string {
	names := []string{"Ana", "Otto", "Guadalupe", "Eva"}
	return fmt.Sprintf(`{"messaging_product":"whatsapp","recipient_type":"individual","to":"+34%09d","type":"template","template":{"name":"appointment_reminder",`+
		`"language":{"code":"es"},"components":[{"type":"body","parameters":[{"type":"text","text":"%s"},{"type":"text","text":"%d de mayo"},`+
		`{"type":"text","text":"%02d:30"},{"type":"text","text":"Dra. Lopez"}]}]}}`, n, names[n%4], n%28+1, n%24)
}

// BenchmarkPaced is 1,000 messages a second whose answers take 50 ms.
func BenchmarkPaced(b *testing.B) {
	for _, latency := range []time.Duration{2 * time.Millisecond, 100 * time.Millisecond} {
		b.Run(latency.String(), func(b *testing.B) {
			l := open(b, filepath.Join(b.TempDir(), "ledger.db"))
			ready(b, l)
			cpu := cpuTime()
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			var wg sync.WaitGroup
			for i := range b.N {
				<-tick.C
				wg.Go(func() {
					t, err := l.Intend(b.Context(), benchIntent(uint64(i)))
					if err != nil {
						b.Error(err)
						return
					}
					time.Sleep(latency)
					_, err = l.Settle(b.Context(), delivery.Attempt{
						Delivery: t.Delivery, Number: t.Attempt, Result: delivery.ResultAccepted,
						MessageID: benchWamid(uint64(i)), Answer: delivery.Answer{Status: 200},
					})
					if err != nil {
						b.Error(err)
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N)/1000, "cpu-µs/op")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// TestSize holds the file to what a message may take, beyond an empty ledger.
func TestSize(t *testing.T) {
	const messages, limit = 8_000, 200 // few enough for the race detector; BenchmarkMessage measures more
	size := func(n uint64) int64 {
		path := filepath.Join(t.TempDir(), "ledger.db")
		l := open(t, path)
		ready(t, l)
		sendMany(t, l, n, 128)
		if err := l.Close(); err != nil { // all of it is in the file then
			t.Fatal(err)
		}
		found, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return found.Size()
	}
	got := (size(messages) - size(0)) / messages
	t.Logf("%d bytes a message", got)
	if got > limit {
		t.Errorf("%d bytes a message, want %d at most", got, limit)
	}
}

// BenchmarkLookup asks for keys that are all known, 500 at a time.
func BenchmarkLookup(b *testing.B) {
	const known = 50_000
	l := open(b, filepath.Join(b.TempDir(), "ledger.db"))
	ready(b, l)
	sendMany(b, l, known, 128)
	keys := make([]delivery.Key, known)
	for n := range keys {
		keys[n] = benchIntent(uint64(n + 1)).Key
	}
	b.ReportAllocs()
	at := 0
	for b.Loop() {
		if _, err := l.Lookup(b.Context(), keys[at:at+500]); err != nil {
			b.Fatal(err)
		}
		at = (at + 500) % known
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/key")
}

// BenchmarkRecord is one status of a message that was accepted, in a webhook of its own, from many callers.
func BenchmarkRecord(b *testing.B) {
	const known, callers = 20_000, 64
	l := open(b, filepath.Join(b.TempDir(), "ledger.db"))
	ready(b, l)
	sendMany(b, l, known, 128)
	b.ReportAllocs()
	b.ResetTimer()
	cpu := cpuTime()
	var next atomic.Uint64
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for i := next.Add(1); i <= uint64(b.N); i = next.Add(1) {
				err := l.Record(b.Context(), engine.Report{ReceivedAt: time.UnixMilli(1e12), Statuses: []delivery.Status{{
					MessageID: benchWamid(i%known + 1), State: delivery.State(5 + i/known%4), Word: "word",
					At: time.UnixMilli(int64(1e12 + i)),
				}}})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(cpuTime()-cpu)/float64(b.N)/1000, "cpu-µs/op")
}
