package runner_test

import (
	"context"
	"errors"
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
	"waybill/whatsapp/sandbox"
)

// house is a whole Waybill without a command line: the sandbox in memory, a ledger on disk, the six operations.
type house struct {
	t       *testing.T
	dir     string
	sandbox *sandbox.Server
	ledger  engine.Ledger
	mu      sync.Mutex
	events  []engine.Event
	secrets *secret.Redactor
	pacer   engine.Pacer // nil: each process keeps the pace for itself
}

// build makes a house. Inside a synctest bubble its clock is the bubble's.
func build(t *testing.T, o sandbox.Options) *house {
	t.Helper()
	o.Now, o.OpenWindow = time.Now, true
	h := &house{t: t, dir: t.TempDir(), sandbox: sandbox.New(o), secrets: secret.NewRedactor()}
	h.open()
	return h
}

// open opens the ledger, again after a crash that a test plays.
func (h *house) open() {
	h.t.Helper()
	l, err := ledger.Open(filepath.Join(h.dir, ".waybill", "ledger.db"), ledger.Options{Now: time.Now})
	if err != nil {
		h.t.Fatal(err)
	}
	h.ledger = l
	h.t.Cleanup(func() { _ = l.Close() })
}

func (h *house) file(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// load reads a job. Its findings fail the test.
func (h *house) load(text string) *engine.Job {
	h.t.Helper()
	jobs, found := h.tryLoad(text)
	if err := found.Err(); err != nil {
		for _, d := range found {
			h.t.Log(d.Range.Start, d.Code, d.Summary, d.Hint)
		}
		h.t.Fatal(err)
	}
	return jobs[0]
}

func (h *house) tryLoad(text string) ([]*engine.Job, diag.List) {
	path := filepath.Join(h.dir, "job.yaml")
	loader := &jobfile.Loader{
		Defaults: steps.DefaultConnection(), Variables: steps.DefaultVariables(),
		Sources: sources.All(sources.World{}), Operations: h.operations(), Redactor: h.secrets, Now: time.Now,
		Lookup: func(name string) (string, bool) {
			v, ok := map[string]string{
				"WHATSAPP_TOKEN": sandbox.DefaultToken, "WHATSAPP_PHONE_NUMBER_ID": sandbox.DefaultPhoneNumberID,
				"WHATSAPP_WABA_ID": sandbox.DefaultWABAID, "SECRET_KEY": "keyOfTheCustomer", "SECRET_PHONE": "+34 987-654-321",
			}[name]
			return v, ok
		},
	}
	h.file("job.yaml", text)
	return loader.Load(&diag.Source{Name: "job.yaml", Text: []byte(text)}, path)
}

func (h *house) operations() []engine.Operation {
	return steps.All(steps.World{
		Transport: h.sandbox, Ledger: h.ledger, Now: time.Now, Version: "test", Pacer: func() engine.Pacer { return h.pacer },
	})
}

func (h *house) engine() *runner.Engine {
	return &runner.Engine{Ledger: h.ledger, Now: time.Now, Redact: h.secrets.Redact, Hide: h.secrets.Add, Observe: func(e engine.Event) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.events = append(h.events, e)
	}}
}

func (h *house) request(job *engine.Job, mode engine.Mode) runner.Request {
	r := runner.Request{Job: job, Mode: mode, Open: engine.Files(job, nil), File: filepath.Join(h.dir, "job.yaml"), Inputs: map[string]any{}}
	if mode == engine.ModeApply {
		r.Scope = engine.ScopeEver
	}
	return r
}

// do executes a job and fails the test when that gives an error.
func (h *house) do(text string, mode engine.Mode) *engine.Summary {
	h.t.Helper()
	return h.execute(context.Background(), h.request(h.load(text), mode))
}

func (h *house) execute(ctx context.Context, r runner.Request) *engine.Summary {
	h.t.Helper()
	s, err := h.engine().Execute(ctx, r)
	if err != nil {
		var found interface{ Findings() diag.List }
		if errors.As(err, &found) {
			h.t.Log(found.Findings())
		}
		h.t.Fatal(err)
	}
	return s
}

// fault makes the sandbox go wrong.
func (h *house) fault(f sandbox.Fault) {
	h.t.Helper()
	if _, err := h.sandbox.AddFault(f); err != nil {
		h.t.Fatal(err)
	}
}

// accepted counts the messages that the sandbox took for a number.
func (h *house) accepted(to string) int {
	return h.sandbox.Recipients()[strings.TrimPrefix(to, "+")]
}

// posts counts the requests that asked for a message, whatever became of them.
func (h *house) posts() []sandbox.Request {
	var list []sandbox.Request
	for _, r := range h.sandbox.Requests() {
		if r.Operation == "messages" {
			list = append(list, r)
		}
	}
	return list
}

// wantCounts compares the sums; their parts and the funnel where the test names any of them.
func wantCounts(t *testing.T, s *engine.Summary, want engine.Counts, status engine.RunStatus) {
	t.Helper()
	got := s.Run.Counts
	if want == sums(want) {
		got = sums(got)
	}
	if got != want || s.Run.Status != status {
		t.Errorf("got %s %+v, want %s %+v; errors %v; reason %q", s.Run.Status, s.Run.Counts, status, want, s.Errors, s.Run.Reason)
	}
}

func sums(c engine.Counts) engine.Counts {
	return engine.Counts{
		Total: c.Total, Succeeded: c.Succeeded, Failed: c.Failed, Skipped: c.Skipped, Waiting: c.Waiting, InDoubt: c.InDoubt, NotSent: c.NotSent,
	}
}

// plan plans an apply of a job.
func (h *house) plan(text string) *engine.Plan {
	h.t.Helper()
	p, err := h.engine().Plan(context.Background(), h.request(h.load(text), engine.ModeApply))
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// waiting returns what was told of messages that wait for a reason.
func (h *house) waiting(reason string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var told []string
	for _, e := range h.events {
		if e.Kind == engine.Waiting && e.Reason == reason {
			told = append(told, e.Message)
		}
	}
	return told
}
