package cli_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/engine/jobfile"
	"waybill/engine/ledger"
	"waybill/engine/runner"
	"waybill/engine/secret"
	"waybill/engine/sources"
	"waybill/steps"
	"waybill/whatsapp/sandbox"
)

// TestAnyInterleaving is the property of the state machine: whatever attempts, outcomes, statuses, crashes and late
// answers come in whatever order, the ledger ends in a state that the accept log agrees with.
//
// It runs the engine on the sandbox in memory, on a clock of its own. A life of the program ends at a step drawn at
// random: before or after a write to the ledger, before or after a request. From then on nothing that it does has an
// effect, but for a request that was on its way, which may arrive later, in the time of another life. The next life
// begins with a copy of the ledger's files, as they lay there, and never with what the dead one would have tidied up.
// More of it: go test ./engine/cli -run TestAnyInterleaving -rapid.checks=5000
func TestAnyInterleaving(t *testing.T) {
	dir, worlds := memory(t), 0
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue { // else the caller wants his own number
		t.Cleanup(func() { _ = flag.Set("rapid.checks", f.DefValue) })
		_ = flag.Set("rapid.checks", fmt.Sprint(sized(t, 40, 12)))
	}
	rapid.Check(t, func(rt *rapid.T) {
		story := drawStory(rt)
		worlds++
		home := filepath.Join(dir, fmt.Sprint(worlds))
		var wrong []string
		synctest.Test(t, func(t *testing.T) { wrong = story.play(t, home) })
		if err := os.RemoveAll(home); err != nil {
			rt.Fatal(err)
		}
		for _, w := range wrong {
			rt.Error(w)
		}
	})
}

// memory is a folder that costs no disk: a crash of a process is played here, which no sync can tell from none.
func memory(t *testing.T) string {
	t.Helper()
	const shared = "/dev/shm"
	if stat, err := os.Stat(shared); err == nil && stat.IsDir() {
		t.Setenv("TMPDIR", shared)
	}
	return t.TempDir()
}

// tale is what happens in one world.
type tale struct {
	people int
	policy string
	lives  []int // steps after which each life ends; one more follows that does not
	late   []int // seconds by which the requests of dead lives are late; negative: they never arrive
	slow   bool  // statuses come after retries; quick ones settle what a retry would send twice
	faults []sandbox.Fault
}

func drawStory(rt *rapid.T) tale {
	s := tale{
		people: rapid.IntRange(2, 8).Draw(rt, "people"),
		policy: rapid.SampledFrom([]string{"hold", "strict"}).Draw(rt, "policy"),
		lives:  rapid.SliceOfN(rapid.IntRange(0, 60), 0, 4).Draw(rt, "lives"),
		late:   rapid.SliceOfN(rapid.IntRange(-5, 20), 1, 5).Draw(rt, "late"),
		slow:   rapid.Bool().Draw(rt, "slow"),
	}
	kinds := []sandbox.Fault{
		{Kind: sandbox.FaultThrottle},
		{Kind: sandbox.FaultStatus, Status: 429, RetryAfter: 3},
		{Kind: sandbox.FaultError, Code: 131000},
		{Kind: sandbox.FaultError, Code: 131026},
		{Kind: sandbox.FaultStatus, Status: 503},
		{Kind: sandbox.FaultHTML},
		{Kind: sandbox.FaultRefuse},
		{Kind: sandbox.FaultCut},
		{Kind: sandbox.FaultLost},
		{Kind: sandbox.FaultCutBody},
		{Kind: sandbox.FaultNoID},
		{Kind: sandbox.FaultNotJSON},
		{Kind: sandbox.FaultNoWaID},
		{Kind: sandbox.FaultLatency, Delay: 61 * time.Second},
		{Kind: sandbox.FaultSlowBody, Delay: 3 * time.Second},
		{Kind: sandbox.FaultFailed, Code: 131026},
		{Kind: sandbox.FaultWebhookEarly},
		{Kind: sandbox.FaultWebhookLate, Delay: 20 * time.Second},
		{Kind: sandbox.FaultWebhookTwice},
		{Kind: sandbox.FaultWebhookDisorder},
		{Kind: sandbox.FaultWebhookNoDelivered},
		{Kind: sandbox.FaultWebhookDropped},
	}
	if s.policy == "strict" { // hold sends again after a 5xx by the user's own words, taken or not
		kinds = append(kinds, sandbox.Fault{Kind: sandbox.FaultHTML, Accepted: true}, sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500, Accepted: true})
	}
	for range rapid.IntRange(1, 8).Draw(rt, "faults") {
		f := rapid.SampledFrom(kinds).Draw(rt, "fault")
		f.Skip, f.Times = rapid.IntRange(0, 5).Draw(rt, "skip"), rapid.IntRange(1, 4).Draw(rt, "times")
		f.Match.Operation = "messages"
		s.faults = append(s.faults, f)
	}
	return s
}

// world is where lives of the program follow each other.
type world struct {
	tale
	home string
	log  *acceptLog
	box  *sandbox.Server

	deliver sync.RWMutex // held for reading by whoever records a webhook
	ledger  *ledger.Ledger
	path    string
	late    int // requests of dead lives so far
	flying  sync.WaitGroup
}

// play returns all that is wrong in the end.
func (s tale) play(t *testing.T, home string) (wrong []string) {
	t.Helper()
	w := &world{tale: s, home: home, log: newAcceptLog(), path: filepath.Join(home, "0", "ledger.db")}
	delays := sandbox.Delays{}
	if s.slow {
		delays = sandbox.Delays{Sent: 30 * time.Second, Delivered: 40 * time.Second, Read: 50 * time.Second}
	}
	w.box = sandbox.New(sandbox.Options{
		Now: time.Now, OpenWindow: true, NoMagicRecipients: true, Throughput: -1, NoPairLimit: true, AcceptLog: w.log,
		Attempts: 1000, Deliver: w.record, Delays: delays,
	})
	for _, f := range s.faults {
		if _, err := w.box.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var box sync.WaitGroup
	box.Go(func() { _ = w.box.Run(ctx) })
	for n, steps := range append(slices.Clone(s.lives), -1) {
		if err := w.live(n, steps); err != nil {
			wrong = append(wrong, fmt.Sprintf("life %d: %v", n, err))
			break
		}
	}
	w.flying.Wait()
	time.Sleep(time.Hour) // for webhooks that are tried again less and less often
	if len(wrong) == 0 {
		wrong = w.verdict(t.Context())
	}
	stop()
	box.Wait()
	if w.ledger != nil {
		if err := w.ledger.Close(); err != nil {
			wrong = append(wrong, err.Error())
		}
	}
	return wrong
}

// record takes the sandbox's webhooks, as long as there is a ledger.
func (w *world) record(ctx context.Context, body []byte, signature string) error {
	w.deliver.RLock()
	defer w.deliver.RUnlock()
	if w.ledger == nil {
		return errors.New("nobody is there")
	}
	into := &recorder{to: w.ledger}
	return into.deliver(ctx, body, signature)
}

// live is one life of the program: apply until it ends, or dies after so many steps.
func (w *world) live(n, steps int) error {
	f := &fate{left: steps}
	if err := w.open(n); err != nil {
		return err
	}
	l := &mortal{Ledger: w.ledger, fate: f}
	job, err := w.load(l, f)
	if err != nil {
		return err
	}
	e := &runner.Engine{Ledger: l, Now: time.Now}
	_, err = e.Execute(context.Background(), runner.Request{
		Job: job, Mode: engine.ModeApply, Scope: engine.ScopeEver, Open: engine.Files(job, nil), Inputs: map[string]any{}, File: "job.yaml",
	})
	if err != nil && !errors.Is(err, errDead) {
		return err
	}
	return nil
}

// open makes the ledger of the next life: a copy of what lies on the disk at this moment. The handle of the dead is given
// up only after that, so that nothing it does on its way out is seen.
func (w *world) open(n int) error {
	w.deliver.Lock()
	defer w.deliver.Unlock()
	path := filepath.Join(w.home, fmt.Sprint(n), "ledger.db")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if w.ledger != nil {
		for _, suffix := range []string{"", "-wal"} {
			content, err := os.ReadFile(w.path + suffix)
			if err != nil {
				return err
			}
			if err := os.WriteFile(path+suffix, content, 0o600); err != nil {
				return err
			}
		}
		if err := w.ledger.Close(); err != nil {
			return err
		}
	}
	var err error
	w.path = path
	w.ledger, err = ledger.Open(path, ledger.Options{Now: time.Now})
	return err
}

func (w *world) load(l engine.Ledger, f *fate) (*engine.Job, error) {
	var items strings.Builder
	for n := range w.people {
		fmt.Fprintf(&items, "\n        - { id: %s, phone: \"+%s\" }", person(n), phone(n))
	}
	text := fmt.Sprintf(`version: 1
name: proof
connection: { throughput: 50 }
defaults: { retry: { attempts: 3, delay: 1s, maxDelay: 4s } }
onUncertain: %s
steps:
  - id: people
    forEach:
      key: ${{ item.id }}
      concurrency: 4
      items: %s
    steps:
      - id: greet
        sendText: { to: "${{ item.phone }}", body: "Hello ${{ item.id }}" }
`, w.policy, items.String())
	loader := &jobfile.Loader{
		Sources: sources.All(sources.World{}), Operations: steps.All(steps.World{Transport: &mortalTransport{world: w, fate: f}, Ledger: l, Now: time.Now, Version: "test"}),
		Defaults: steps.DefaultConnection(), Variables: steps.DefaultVariables(),
		Redactor: secret.NewRedactor(), Now: time.Now,
		Lookup: func(name string) (string, bool) {
			v, ok := map[string]string{
				"WHATSAPP_TOKEN": sandbox.DefaultToken, "WHATSAPP_PHONE_NUMBER_ID": sandbox.DefaultPhoneNumberID, "WHATSAPP_WABA_ID": sandbox.DefaultWABAID,
			}[name]
			return v, ok
		},
	}
	jobs, found := loader.Load(&diag.Source{Name: "job.yaml", Text: []byte(text)}, filepath.Join(w.home, "job.yaml"))
	if err := found.Err(); err != nil {
		return nil, err
	}
	return jobs[0], nil
}

// verdict compares the ledger with the accept log.
func (w *world) verdict(ctx context.Context) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	taken := map[string]sandbox.Message{}
	for _, m := range w.box.Messages("") {
		if first, twice := taken[m.To]; twice {
			say("%s was messaged twice: %s and %s", m.To, first.CallbackData, m.CallbackData)
		}
		taken[m.To] = m
	}
	known := map[string]delivery.Delivery{}
	for d, err := range w.ledger.Deliveries(ctx, engine.DeliveryFilter{}) {
		if err != nil {
			return []string{err.Error()}
		}
		known[strings.TrimPrefix(d.Recipient, "+")] = d
	}
	silent := w.silenced()
	for n := range w.people {
		d, here := known[phone(n)]
		m, got := taken[phone(n)]
		switch {
		case !here:
			say("%s is not in the ledger, and an apply ended by itself", phone(n))
		case d.State.Reached() && !got:
			say("%s is %s, and got nothing", phone(n), d.State)
		case d.State.Reached() && d.MessageID != m.ID:
			say("%s got %s, and the ledger says %s", phone(n), m.ID, d.MessageID)
		case d.State == delivery.InDoubt && got && !silent:
			say("%s is in doubt, and its webhooks came", phone(n))
		case (d.State == delivery.Rejected || d.State == delivery.Planned) && got: // planned: throttled, or not connected, to the end
			say("%s is %s, and got a message", phone(n), d.State)
		case d.State == delivery.Intended:
			say("%s is %s yet, and an apply ended by itself", phone(n), d.State)
		case d.State == delivery.Accepted && !silent:
			say("%s is accepted, and its webhooks came", phone(n))
		}
	}
	for number := range maps.Keys(known) {
		if !strings.HasPrefix(number, "346") {
			say("the ledger knows %q, who is in no list", number)
		}
	}
	return wrong
}

// silenced says whether some message's webhooks were dropped.
func (w *world) silenced() bool {
	return slices.ContainsFunc(w.box.Faults(), func(f sandbox.Fault) bool { return f.Kind == sandbox.FaultWebhookDropped && f.Fired > 0 })
}

var errDead = errors.New("the process was killed")

// fate ends a life after so many steps.
type fate struct {
	mu   sync.Mutex
	left int // steps to live; negative: without end
	dead bool
}

// step is one step of the program, and says whether it is alive after it.
func (f *fate) step() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left == 0 {
		f.dead = true
	}
	if f.left > 0 {
		f.left--
	}
	return !f.dead
}

// mortal is the ledger of a life: after death it takes nothing.
type mortal struct {
	engine.Ledger
	fate *fate
}

func (m *mortal) Lock(ctx context.Context, holder string) (func() error, error) {
	if !m.fate.step() {
		return nil, errDead
	}
	// Nobody dead gives back a lock; the next life has files of its own, and the mark in them says that one died.
	_, err := m.Ledger.Lock(ctx, holder)
	return func() error { return nil }, err
}

func (m *mortal) StartRun(ctx context.Context, r engine.Run) error {
	return m.written(func() error { return m.Ledger.StartRun(ctx, r) })
}

func (m *mortal) FinishRun(ctx context.Context, r engine.Run, met *delivery.IDs) error {
	return m.written(func() error { return m.Ledger.FinishRun(ctx, r, met) })
}

func (m *mortal) Intend(ctx context.Context, i delivery.Intent) (t delivery.Ticket, err error) {
	err = m.written(func() error { t, err = m.Ledger.Intend(ctx, i); return err })
	return t, err
}

func (m *mortal) Settle(ctx context.Context, a delivery.Attempt) (d delivery.Delivery, err error) {
	err = m.written(func() error { d, err = m.Ledger.Settle(ctx, a); return err })
	return d, err
}

func (m *mortal) SettleSoon(a delivery.Attempt, then func(error)) {
	if !m.fate.step() {
		then(errDead)
		return
	}
	m.Ledger.SettleSoon(a, func(err error) {
		if err == nil && !m.fate.step() {
			err = errDead
		}
		then(err)
	})
}

// written does a write, unless the process dies before it; it may also die before it hears of it.
func (m *mortal) written(write func() error) error {
	if !m.fate.step() {
		return errDead
	}
	err := write()
	if !m.fate.step() {
		return errDead
	}
	return err
}

// mortalTransport carries the requests of a life.
type mortalTransport struct {
	world *world
	fate  *fate
}

func (m *mortalTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !m.fate.step() {
		return nil, syscall.ECONNREFUSED
	}
	if m.fate.step() {
		answer, err := m.world.box.RoundTrip(r)
		if !m.fate.step() {
			if answer != nil {
				_ = answer.Body.Close()
			}
			return nil, syscall.ECONNRESET
		}
		return answer, err
	}
	return nil, m.world.leave(r)
}

// leave lets the request of a process that died right now arrive later, or never.
func (w *world) leave(r *http.Request) error {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteHeaders != nil {
		trace.GotConn(httptrace.GotConnInfo{})
		trace.WroteHeaders()
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	w.deliver.Lock()
	after := w.tale.late[w.late%len(w.tale.late)]
	w.late++
	w.deliver.Unlock()
	if after < 0 {
		return syscall.ECONNRESET
	}
	again := r.Clone(context.Background())
	again.Body = io.NopCloser(bytes.NewReader(body))
	w.flying.Go(func() {
		time.Sleep(time.Duration(after) * time.Second)
		if answer, err := w.box.RoundTrip(again); err == nil {
			_ = answer.Body.Close()
		}
	})
	return syscall.ECONNRESET
}
