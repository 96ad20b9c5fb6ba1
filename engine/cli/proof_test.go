package cli_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/ledger"
	"waybill/engine/report"
	"waybill/whatsapp/sandbox"
)

// The proof of the promise that nobody is messaged twice and nobody is lost, whatever kills the program whenever.
//
// A proof runs the program as a process of its own against a sandbox in the test's process. What the sandbox took is
// in its accept log, written before the answer leaves: the log knows no less than the program. In the end the log and
// the ledger are compared, person by person.
//
//	proof_kill_test.go      SIGKILL at random moments, also while answers are lost, cut, throttled and refused
//	proof_beside_test.go    two processes at once
//	proof_stop_test.go      a process that is stopped, overtaken and woken
//	proof_disk_test.go      a disk that is full
//	proof_call_test.go      system calls on the ledger's files that fail, or at which it is killed, by strace
//	proof_power_test.go     power that is lost: what was not synced may be gone
//	proof_clock_test.go     a process that is stopped and woken, and whose clock is set
//	proof_answers_test.go   connections and answers that go wrong, by TLS
//	proof_many_test.go      several processes on one ledger in PostgreSQL
//	proof_earlier_test.go   ledgers of earlier versions
//	proof_soak_test.go      hours of it, with serve beside
//	proof_order_test.go     no request leaves before its intent is on the disk, seen by strace
//	proof_model_test.go     the state machine under random interleavings, in memory
//
// Those of many worlds are small here; engine/reliability runs them at length.

// proof is a batch of people, the job that writes to each of them once, and the sandbox that it writes to.
type proof struct {
	*testing.T
	people   int
	job      string // path of the job file
	state    string // path of the ledger
	box      *sandbox.Server
	server   *httptest.Server
	log      *acceptLog
	post     recorder
	born     bool // there is a ledger, as far as was seen
	textless bool // its ledger is from before texts were kept
	env      []string
}

// terms says what a proof is about. Zero fields mean 400 messages a second, hold, and webhooks recorded at the end alone.
type terms struct {
	people      int
	throughput  int // messages a second
	concurrency int // 0: the program's choice
	policy      string
	state       string // path of the ledger; empty: beside the job
	numbers     int    // of the business; 0: one
	live        bool   // webhooks are recorded from the start, beside the sender
}

func newProof(t *testing.T, w terms) *proof {
	t.Helper()
	if _, err := exec.LookPath("waybill"); err != nil {
		t.Skipf("the program is not on the path as TestMain puts it there: %v", err)
	}
	dir := t.TempDir()
	p := &proof{T: t, people: w.people, job: filepath.Join(dir, "proof.yaml"), state: w.state, log: newAcceptLog()}
	if p.state == "" {
		p.state = filepath.Join(dir, ".waybill", "ledger.db")
	}
	p.write(dir, w)
	p.post = recorder{path: p.state}
	p.box = sandbox.New(sandbox.Options{
		Now: time.Now, Speed: 1000, OpenWindow: true, NoMagicRecipients: true, Throughput: -1, NoPairLimit: true, Numbers: w.numbers,
		AcceptLog: p.log, Delays: sandbox.Delays{NoRead: true}, Deliver: p.post.deliver,
	})
	p.server = httptest.NewServer(p.box)
	t.Cleanup(p.server.Close)
	p.env = environment(p.server.URL)
	if w.live {
		p.record()
	}
	return p
}

// environment is all that a child knows of the world.
func environment(url string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir(), "GORACE=" + goRace, "WAYBILL_PROOF_URL=" + url + "/" + sandbox.DefaultVersion,
		"WHATSAPP_TOKEN=" + sandbox.DefaultToken, "WHATSAPP_PHONE_NUMBER_ID=" + sandbox.DefaultPhoneNumberID, "WHATSAPP_WABA_ID=" + sandbox.DefaultWABAID,
	}
}

func (p *proof) write(dir string, w terms) {
	p.Helper()
	if w.throughput == 0 {
		w.throughput = 400
	}
	if w.policy == "" {
		w.policy = "hold"
	}
	concurrency := ""
	if w.concurrency > 0 {
		concurrency = fmt.Sprintf(", concurrency: %d", w.concurrency)
	}
	p.file(p.job, fmt.Sprintf(`version: 1
name: proof
connection: { baseUrl: $<WAYBILL_PROOF_URL>, throughput: %d }
defaults: { retry: { attempts: 5, delay: 20ms, maxDelay: 500ms } }
onUncertain: %s
steps:
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}"%s }
    steps:
      - id: greet
        sendText: { to: "${{ item.phone }}", body: "Hello ${{ item.id }}" }
`, w.throughput, w.policy, concurrency))
	var list strings.Builder
	list.WriteString("id,phone\n")
	for n := range w.people {
		fmt.Fprintf(&list, "%s,+%s\n", person(n), phone(n))
	}
	p.file(filepath.Join(dir, "people.csv"), list.String())
}

// person and phone are the key and the number of the nth row. No key is part of another.
func person(n int) string { return fmt.Sprintf("person-%05d-", n) }
func phone(n int) string  { return fmt.Sprintf("346%08d", n) }

// file puts a file in its place as a whole: an apply may be reading the one that was there.
func (p *proof) file(path, text string) {
	p.Helper()
	if err := errors.Join(os.WriteFile(path+".new", []byte(text), 0o600), os.Rename(path+".new", path)); err != nil {
		p.Fatal(err)
	}
}

// acceptLog is the sandbox's witness: who got which messages.
type acceptLog struct {
	mu     sync.Mutex
	total  int
	people map[string][]string // callbacks of the messages, by number
	next   chan struct{}       // closed with the next message
}

func newAcceptLog() *acceptLog {
	return &acceptLog{people: map[string][]string{}, next: make(chan struct{})}
}

// Write takes one line of the sandbox's accept log.
func (a *acceptLog) Write(line []byte) (int, error) {
	var m sandbox.Message
	if err := json.Unmarshal(line, &m); err != nil {
		return 0, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.total++
	a.people[m.To] = append(a.people[m.To], m.CallbackData)
	close(a.next)
	a.next = make(chan struct{})
	return len(line), nil
}

// seen returns the number of messages so far, and what is closed with the next one.
func (a *acceptLog) seen() (int, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.total, a.next
}

func (a *acceptLog) of(number string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.people[strings.TrimPrefix(number, "+")]
}

// child is the program at work.
type child struct {
	t          *testing.T
	args       []string
	cmd        *exec.Cmd
	out        bytes.Buffer // to be read once it ended
	errs       lines
	began      time.Time
	ended      chan struct{}
	exitStatus int // once ended is closed
}

// start starts a command of the program. More environment than the proof's own wins.
func (p *proof) start(command []string, env ...string) *child {
	p.Helper()
	return launch(p.T, append(append([]string{"waybill"}, command...), "--state", p.state), filepath.Dir(p.job), slices.Concat(p.env, env))
}

func launch(t *testing.T, args []string, dir string, env []string) *child {
	t.Helper()
	c := &child{t: t, args: args, ended: make(chan struct{}), began: time.Now()}
	c.cmd = exec.Command(args[0], args[1:]...)
	c.cmd.Dir, c.cmd.Env, c.cmd.Stdout, c.cmd.Stderr = dir, env, &c.out, &c.errs
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		_ = c.cmd.Wait() // the status says it
		c.exitStatus = c.cmd.ProcessState.ExitCode()
	}()
	t.Cleanup(c.kill)
	return c
}

// kill ends the process by SIGKILL, where it still runs, and waits for its end.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // it may have ended
	<-c.ended
}

func (p *proof) signal(c *child, s os.Signal) {
	p.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		p.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // for what it wrote before to arrive
}

// signalUntilEnd sends a signal again and again until the process has ended: a second one that comes at once counts as the first.
func (c *child) signalUntilEnd(sig os.Signal) {
	c.t.Helper()
	eventually(c.t, "the end of the process", func() bool {
		select {
		case <-c.ended:
			return true
		default:
			_ = c.cmd.Process.Signal(sig) // it may have ended
			return false
		}
	})
}

// status waits for the process to end by itself.
func (c *child) status() int {
	c.t.Helper()
	select {
	case <-c.ended:
	case <-time.After(2 * patience):
		c.kill()
		c.t.Fatalf("%s did not end\n%s%s", c.args, &c.out, &c.errs)
	}
	return c.exitStatus
}

// want waits for the end and wants one of these statuses.
func (c *child) want(statuses ...int) int {
	c.t.Helper()
	got := c.status()
	if slices.Contains(statuses, got) {
		return got
	}
	c.t.Fatalf("%s ended with status %d, want one of %v\n%s%s", c.args, got, statuses, &c.out, &c.errs)
	return got
}

// apply is the command that this is all about.
func (p *proof) apply() []string { return []string{"apply", p.job, "--yes"} }

// look runs a command that reads, inside the test, and returns what it printed.
func (p *proof) look(want int, args ...string) string {
	p.Helper()
	env := map[string]string{}
	for _, pair := range p.env {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	status, out, errs := call(p.T, env, append(args, "--state", p.state)...)
	if status != want {
		p.Fatalf("%s ended with status %d, want %d\n%s%s", args, status, want, out, errs)
	}
	return out
}

// deliveries lists what the ledger knows, in the states named, by number.
func (p *proof) deliveries(states string) map[string]report.Delivery {
	p.Helper()
	args := []string{"deliveries", "last", "-o", "json"}
	if states != "" {
		args = append(args, "--is", states)
	}
	var list []report.Delivery
	if err := json.Unmarshal([]byte(p.look(0, args...)), &list); err != nil {
		p.Fatalf("deliveries -o json: %v", err)
	}
	found := make(map[string]report.Delivery, len(list))
	for _, d := range list {
		number := strings.TrimPrefix(d.Recipient, "+")
		if _, twice := found[number]; twice {
			p.Errorf("the ledger has two deliveries to %s", number)
		}
		found[number] = d
	}
	return found
}

// readable wants a ledger that can be read and is whole, whatever happened to its writer. It returns how many requests
// were under way by its word. A ledger that was not begun yet is fine too.
func (p *proof) readable() (underWay int) {
	p.Helper()
	if p.born = p.born || p.isLedger(); !p.born {
		p.look(3, "runs")
		return 0
	}
	var runs []report.RunLine
	if err := json.Unmarshal([]byte(p.look(0, "runs", "-o", "json")), &runs); err != nil {
		p.Fatalf("runs -o json: %v", err)
	}
	if verdict := p.ask("PRAGMA integrity_check"); verdict != "ok" {
		p.Fatalf("the ledger is damaged: %s", verdict)
	}
	if mute := p.ask("SELECT count(*) FROM delivery WHERE text IS NULL"); mute != "0" && !p.textless {
		p.Errorf("what %s requests said is not in the ledger", mute)
	}
	if len(runs) == 0 {
		return 0
	}
	return len(p.deliveries("intended"))
}

// isLedger says whether there is a ledger, and not only a file.
func (p *proof) isLedger() bool {
	p.Helper()
	if _, err := os.Stat(p.state); err != nil {
		return false
	}
	if _, err := os.Stat(p.state + "-journal"); err == nil { // killed while it made the file: who only reads cannot roll that back
		return false
	}
	return p.ask("SELECT count(*) FROM sqlite_schema") != "0"
}

// ask returns the one value of a query about the ledger's file.
func (p *proof) ask(query string) string {
	p.Helper()
	db, err := sql.Open("sqlite", "file:"+p.state+"?mode=ro")
	if err != nil {
		p.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			p.Error(err)
		}
	}()
	var value string
	if err := db.QueryRowContext(p.Context(), query).Scan(&value); err != nil {
		p.Fatalf("%s: %v", query, err)
	}
	return value
}

// nobodyTwice compares nothing and forgives nothing: the accept log alone.
func (p *proof) nobodyTwice() (twice int) {
	p.Helper()
	for n := range p.people {
		if got := p.log.of(phone(n)); len(got) > 1 {
			twice++
			p.Errorf("%s was messaged %d times, by %v", phone(n), len(got), got)
		}
	}
	return twice
}

// nobodyLost wants that whoever has no message is in doubt, and that nobody counts as reached who has none.
func (p *proof) nobodyLost() (inDoubt, unsent, lost int) {
	p.Helper()
	known := p.deliveries("")
	for n := range p.people {
		d, got := known[phone(n)], len(p.log.of(phone(n)))
		switch {
		case d.State == "inDoubt":
			inDoubt++
			if got == 0 {
				unsent++
			}
		case got == 0:
			lost++
			p.Errorf("%s got nothing, and the ledger says %q of it", phone(n), d.State)
		case d.MessageID == "":
			p.Errorf("%s got a message, and the ledger has no id of it: %q", phone(n), d.State)
		}
	}
	if found := p.ask("SELECT count(*) FROM double_accept"); found != "0" {
		p.Errorf("the ledger knows of %s messages that were accepted twice", found)
	}
	return inDoubt, unsent, lost
}

// everybodyOnce is the end of all: one message each, and nothing to do.
func (p *proof) everybodyOnce() {
	p.Helper()
	p.nobodyTwice()
	for n := range p.people {
		if len(p.log.of(phone(n))) == 0 {
			p.Errorf("%s got nothing", phone(n))
		}
	}
	before, _ := p.log.seen()
	p.start(p.apply()).want(0)
	if after, _ := p.log.seen(); after != before {
		p.Errorf("one more apply sent %d more messages", after-before)
	}
	p.look(0, "plan", p.job, "--detailed-exitcode")
	p.readable()
	p.texts()
}

// texts wants what was sent to everybody word for word.
func (p *proof) texts() {
	p.Helper()
	l, err := ledger.Open(p.state, ledger.Options{ReadOnly: true, Now: time.Now})
	if err != nil {
		p.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for d, err := range l.Deliveries(p.Context(), engine.DeliveryFilter{}) {
		if err != nil {
			p.Fatal(err)
		}
		want := fmt.Sprintf(`{"messaging_product":"whatsapp","recipient_type":"individual","to":%q,"type":"text","text":{"body":"Hello %s"}}`,
			d.Recipient, d.Key.Item)
		texts, err := l.Texts(p.Context(), d.ID)
		if err != nil || len(texts) != d.Attempts {
			p.Fatalf("%d requests to %s have %d texts, %v", d.Attempts, d.Recipient, len(texts), err)
		}
		for _, text := range texts {
			if text.Body != want {
				p.Errorf("request %d to %s said %s (%s), and not %s", text.Attempt, d.Recipient, text.Body, text.Why, want)
			}
		}
	}
}

// sized is how large a proof is: full, or fewer with the race detector. What is made smaller there has to run at full
// size as well whenever anything is checked, and so .ci/run must run all tests without it.
func sized(t *testing.T, full, fewer int) int {
	t.Helper()
	if !raced {
		return full
	}
	check, err := os.ReadFile(filepath.Join(root(t), ".ci", "run"))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^go test (-timeout \w+ )?\./\.\.\.$`).Match(check) {
		t.Fatalf("with the race detector %s is smaller than it is, and .ci/run does not run all tests without", t.Name())
	}
	return fewer
}

// atLength skips what takes long and tells little that a shorter test does not, unless WAYBILL_TEST is all, as .ci/outside has it.
func atLength(t *testing.T) {
	t.Helper()
	if os.Getenv("WAYBILL_TEST") != "all" {
		t.Skip("at length: WAYBILL_TEST=all")
	}
}

// number reads a count from the environment, of the test's own settings.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%s: a count is wanted", name, text)
	}
	return n
}

// dice are random moments that can be had again: the seed is in the log, and WAYBILL_SEED sets it.
func dice(t *testing.T) *rand.Rand {
	t.Helper()
	seed := number(t, "WAYBILL_SEED", 1+rand.IntN(1<<30))
	t.Logf("WAYBILL_SEED=%d has the same dice again", seed)
	return rand.New(rand.NewPCG(uint64(seed), 0x5EED))
}

// within is a random part of d.
func within(r *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(max(d, 1))))
}
