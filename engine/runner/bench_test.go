package runner_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/jobfile"
	"waybill/engine/ledger"
	"waybill/engine/runner"
	"waybill/engine/secret"
	"waybill/engine/sources"
	"waybill/steps"
)

// BenchmarkApply measures what one row of an apply costs between the file and the request: a ledger that forgets and a connection that
// answers at once stand in for what lies behind.
func BenchmarkApply(b *testing.B) {
	b.ReportAllocs()
	dir := b.TempDir()
	writePeople(b, filepath.Join(dir, "people.csv"), b.N)
	real, err := ledger.Open(filepath.Join(dir, ".waybill", "ledger.db"), ledger.Options{Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = real.Close() }()
	forgets := &forgetfulLedger{Ledger: real}
	secrets := secret.NewRedactor()
	loader := &jobfile.Loader{
		Defaults: steps.DefaultConnection(), Variables: steps.DefaultVariables(), Redactor: secrets, Now: time.Now,
		Sources:    sources.All(sources.World{}),
		Operations: steps.All(steps.World{Transport: instant{}, Ledger: forgets, Now: time.Now, Version: "test"}),
		Lookup:     func(name string) (string, bool) { return "EAAG-of-the-benchmark", name == "WHATSAPP_TOKEN" },
	}
	path := filepath.Join(dir, "job.yaml")
	jobs, found := loader.Load(&diag.Source{Name: "job.yaml", Text: []byte(benchJob)}, path)
	if err := found.Err(); err != nil {
		b.Fatal(found)
	}
	e := &runner.Engine{Ledger: forgets, Now: time.Now, Redact: secrets.Redact, Hide: secrets.Add, Observe: func(engine.Event) {}}
	r := runner.Request{
		Job: jobs[0], Mode: engine.ModeApply, Scope: engine.ScopeEver, Open: engine.Files(jobs[0], nil), File: path, Inputs: map[string]any{},
	}
	b.ResetTimer()
	s, err := e.Execute(context.Background(), r)
	b.StopTimer()
	if err != nil || forgets.intents.Load() != int64(b.N) {
		b.Fatal(s, err, forgets.intents.Load())
	}
}

const benchJob = `version: 1
name: bench
connection:
  phoneNumberId: "106540352242922"
  baseUrl: http://127.0.0.1:9/v23.0
  throughput: 1000000
steps:
  - id: people
    forEach:
      csv: people.csv
      key: ${{ item.id }}
      concurrency: 32
    steps:
      - id: remind
        sendTemplate:
          to: ${{ item.phone }}
          templateName: appointment_reminder
          languageCode: es
          bodyParameters: ["${{ item.name }}", "${{ item.date }}", "${{ item.time }}", "${{ item.doctor }}"]
`

func writePeople(b *testing.B, path string, n int) {
	b.Helper()
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, "id,phone,name,date,time,doctor")
	for i := range n {
		fmt.Fprintf(w, "p%07d,+34%d,Ana García %d,25/03/2026,10:00,Dr. López\n", i, 600_000_000+i, i)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
}

// forgetfulLedger has every message intended and settled, and keeps none.
type forgetfulLedger struct {
	engine.Ledger
	intents atomic.Int64
}

func (f *forgetfulLedger) Lookup(context.Context, []delivery.Key) (map[delivery.KeyHash]delivery.Delivery, error) {
	return nil, nil
}

func (f *forgetfulLedger) Intend(_ context.Context, i delivery.Intent) (delivery.Ticket, error) {
	n := f.intents.Add(1)
	return delivery.Ticket{Delivery: delivery.ID(n), Attempt: 1, At: time.Now(), Callback: "wb1.0123456789abcdef0123456789"}, nil
}

func (f *forgetfulLedger) SettleSoon(_ delivery.Attempt, then func(error)) { then(nil) }

func (f *forgetfulLedger) Learn(context.Context, []engine.Identity) error { return nil }

func (f *forgetfulLedger) Deliveries(context.Context, engine.DeliveryFilter) iter.Seq2[delivery.Delivery, error] {
	return func(func(delivery.Delivery, error) bool) {}
}

// instant answers every message with an id.
type instant struct{}

func (instant) RoundTrip(r *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteHeaders != nil {
		trace.GotConn(httptrace.GotConnInfo{})
		trace.WroteHeaders()
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, to, _ := strings.Cut(string(body), `"to":"+`)
	to, _, _ = strings.Cut(to, `"`)
	text := `{"messaging_product":"whatsapp","contacts":[{"input":"+` + to + `","wa_id":"` + to + `"}],"messages":[{"id":"wamid.A"}]}`
	return &http.Response{StatusCode: 200, ContentLength: int64(len(text)), Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}
