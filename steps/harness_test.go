package steps_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/diag"
	"waybill/engine/jobfile"
	"waybill/engine/ledger"
	"waybill/engine/runner"
	"waybill/engine/secret"
	"waybill/engine/sources"
	"waybill/steps"
)

// wire is a RoundTripper that remembers what was asked and answers by the rule it was given.
type wire struct {
	mu     sync.Mutex
	asked  []asked
	answer func(n int, r asked) (int, string)
	away   int // so many connections more are not made
}

type asked struct {
	Method, Path, Query, Body string
	Header                    http.Header
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.away--
	gone := w.away >= 0
	w.mu.Unlock()
	if gone {
		return nil, errors.New("the network is away")
	}
	var body []byte
	if r.Body != nil {
		// As net/http does: a connection, the headers, and then the body.
		if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteHeaders != nil {
			trace.GotConn(httptrace.GotConnInfo{})
			trace.WroteHeaders()
		}
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	a := asked{r.Method, r.URL.Path, r.URL.RawQuery, string(body), r.Header}
	w.asked = append(w.asked, a)
	n := len(w.asked)
	w.mu.Unlock()
	status, text := 200, `{"messaging_product":"whatsapp","messages":[{"id":"wamid.A"}]}`
	if w.answer != nil {
		status, text = w.answer(n, a)
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(text)), Request: r,
	}, nil
}

// harness runs one step on a wire.
type harness struct {
	t          *testing.T
	dir        string
	wire       *wire
	ledger     engine.Ledger
	operations []engine.Operation // the same for all runs, as in `waybill serve`
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	h := &harness{t: t, dir: t.TempDir(), wire: &wire{}}
	l, err := ledger.Open(filepath.Join(h.dir, ".waybill", "ledger.db"), ledger.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	h.ledger = l
	h.operations = steps.All(steps.World{Transport: h.wire, Ledger: l, Now: time.Now, Version: "test"})
	return h
}

func (h *harness) file(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// load reads a job of one step, given as the YAML below `steps:`.
func (h *harness) load(step string) ([]*engine.Job, diag.List) {
	h.t.Helper()
	text := "version: 1\nname: one\ndefaults: { retry: { attempts: 1 } }\nsteps:\n" + step
	loader := &jobfile.Loader{
		Sources: sources.All(sources.World{}), Operations: h.operations,
		Defaults: steps.DefaultConnection(), Variables: steps.DefaultVariables(),
		Redactor: secret.NewRedactor(), Now: time.Now,
		Lookup: func(name string) (string, bool) {
			v, ok := map[string]string{"WHATSAPP_TOKEN": "token-of-the-test", "WHATSAPP_PHONE_NUMBER_ID": "555", "WHATSAPP_WABA_ID": "777"}[name]
			return v, ok
		},
	}
	return loader.Load(&diag.Source{Name: "job.yaml", Text: []byte(text)}, filepath.Join(h.dir, "job.yaml"))
}

// run performs a step and gives its outputs.
func (h *harness) run(step string) (map[string]any, *engine.Summary) {
	h.t.Helper()
	jobs, found := h.load(step)
	if err := found.Err(); err != nil {
		for _, d := range found {
			h.t.Log(d.Range.Start, d.Code, d.Summary, d.Hint)
		}
		h.t.Fatal(err)
	}
	e := &runner.Engine{Ledger: h.ledger, Now: time.Now}
	s, err := e.Execute(context.Background(), runner.Request{Job: jobs[0], Mode: engine.ModeRun, Open: engine.Files(jobs[0], nil), Inputs: map[string]any{}})
	if err != nil {
		h.t.Fatal(err)
	}
	return s.Steps[jobs[0].Steps[0].ID], s
}

// sameJSON says whether two texts hold the same JSON, the callback apart: it is another one each time.
func sameJSON(t *testing.T, got, want string) bool {
	t.Helper()
	var a, b map[string]any
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatalf("%v in %s", err, want)
	}
	delete(a, "biz_opaque_callback_data")
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}
