//go:build unix

package temporal

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"waybill/engine/ledger/postgres/pgtest"
	"waybill/engine/report"
	"waybill/whatsapp/sandbox"
)

// world is a job of some people, the programs that write to them, and the servers that those need: PostgreSQL, Temporal and the sandbox.
// Its log of what was accepted judges.
type world struct {
	*testing.T
	people   int
	dir      string // of the job
	state    string
	env      []string
	accepted acceptLog
	temporal temporalServer
}

// patience is how long a test waits for what a process is to do. Only a failing test waits so long.
const patience = 2 * time.Minute

// newWorld makes one. It needs the programs waybill-temporal and testserver, in the folder that WAYBILL_TEMPORAL_BIN names.
func newWorld(t *testing.T, people int) *world {
	t.Helper()
	return newWorldWith(t, people, 0)
}

// newWorldWith is newWorld with histories that count as long with so many events; see temporalServer.
func newWorldWith(t *testing.T, people, long int) *world {
	t.Helper()
	bin := os.Getenv("WAYBILL_TEMPORAL_BIN")
	if bin == "" {
		t.Skip("SKIPPED, and not tested: a real Temporal server. WAYBILL_TEMPORAL_BIN names the folder with waybill-temporal and testserver; .ci/outside builds both")
	}
	database, err := pgtest.Start()
	pgtest.Need(t, err)
	t.Cleanup(func() {
		if err := database.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := database.Create("world"); err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, people: people, dir: t.TempDir(), state: database.URL("world"), accepted: acceptLog{people: map[string]int{}}}
	w.temporal = temporalServer{program: filepath.Join(bin, "testserver"), dir: t.TempDir(), port: freePorts(t), long: long}
	w.temporal.up(t)
	t.Cleanup(w.temporal.kill)
	box := sandbox.New(sandbox.Options{Now: time.Now, Speed: 1000, OpenWindow: true, NoMagicRecipients: true, Throughput: -1, NoPairLimit: true, AcceptLog: &w.accepted})
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	w.env = []string{
		"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + w.dir, "CI=1", "BASE=" + server.URL + "/" + sandbox.DefaultVersion,
		"WHATSAPP_TOKEN=" + sandbox.DefaultToken, "WHATSAPP_PHONE_NUMBER_ID=" + sandbox.DefaultPhoneNumberID, "WHATSAPP_WABA_ID=" + sandbox.DefaultWABAID,
		"TEMPORAL_ADDRESS=" + w.temporal.address(),
	}
	w.write("job.yaml", `version: 1
name: clinic
connection: { baseUrl: $<BASE>, throughput: 60 }
steps:
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}" }
    steps:
      - id: greet
        sendText: { to: "${{ item.phone }}", body: "Hello ${{ item.name }}" }
`)
	var list strings.Builder
	list.WriteString("id,name,phone\n")
	for n := range people {
		fmt.Fprintf(&list, "patient-%05d,Grace%05d Hopper,+346%08d\n", n, n, n)
	}
	w.write("people.csv", list.String())
	w.start("ledger", "new").want(0)
	return w
}

func (w *world) write(name, text string) {
	w.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
}

func (w *world) read(name string) string {
	w.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

// freePorts finds four ports in a row, below those that the system gives to outgoing connections: the server finds them free when it comes back.
func freePorts(t *testing.T) int {
	t.Helper()
	for range 50 {
		port, free := 20000+rand.IntN(10000), true
		for n := range 4 {
			l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port+n))
			if free = free && err == nil; err == nil {
				_ = l.Close()
			}
		}
		if free {
			return port
		}
	}
	t.Fatal("no four ports in a row are free")
	return 0
}

// temporalServer is a real one, as a process.
type temporalServer struct {
	program, dir string
	port         int
	long         int // so many events make a history long; 0: as many as Temporal says
	cmd          *exec.Cmd
}

func (s *temporalServer) address() string { return "127.0.0.1:" + strconv.Itoa(s.port) }

// up starts it, with the state that it had.
func (s *temporalServer) up(t *testing.T) {
	t.Helper()
	s.cmd = exec.Command(s.program, "-port", strconv.Itoa(s.port), "-dir", s.dir, "-long", strconv.Itoa(s.long))
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for limit := began.Add(patience); ; time.Sleep(200 * time.Millisecond) {
		c, err := client.Dial(client.Options{HostPort: s.address(), Logger: quiet()})
		if err == nil {
			c.Close()
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("Temporal's server is not up: %v", err)
		}
	}
	t.Logf("Temporal's server is up after %s", time.Since(began).Round(10*time.Millisecond))
}

// kill ends it as a loss of power would.
func (s *temporalServer) kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	_ = s.cmd.Wait()         // killed
}

// acceptLog counts what the sandbox accepted.
type acceptLog struct {
	mu     sync.Mutex
	people map[string]int
	total  int
	last   time.Time
	pause  time.Duration // the longest between two messages, since it was reset
}

func (a *acceptLog) Write(line []byte) (int, error) {
	var m sandbox.Message
	if err := json.Unmarshal(line, &m); err != nil {
		return 0, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.people[m.To]++
	a.total++
	now := time.Now()
	if a.pause = max(a.pause, now.Sub(a.last)); a.total == 1 {
		a.pause = 0
	}
	a.last = now
	return len(line), nil
}

// resetPause begins to look for the longest pause from here on, and returns the one before.
func (a *acceptLog) resetPause() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	pause := a.pause
	a.pause = 0
	return pause
}

func (a *acceptLog) seen() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.total
}

// process is waybill-temporal at work.
type process struct {
	*world
	cmd   *exec.Cmd
	out   locked
	ended chan struct{}
}

func (w *world) start(args ...string) *process {
	w.Helper()
	p := &process{world: w, ended: make(chan struct{})}
	p.cmd = exec.Command(filepath.Join(os.Getenv("WAYBILL_TEMPORAL_BIN"), "waybill-temporal"), append(args, "--state", w.state)...)
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = w.dir, w.env, &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		w.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // the status says it
	}()
	w.Cleanup(p.kill)
	return p
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

// interrupt is Ctrl-C.
func (p *process) interrupt() { p.signal(syscall.SIGINT) }

func (p *process) signal(s syscall.Signal) {
	p.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.Fatalf("%s: %s: %v", p.cmd.Args[1:], s, err)
	}
}

// says waits until it has printed something.
func (p *process) says(what string) {
	p.Helper()
	for limit := time.Now().Add(patience); !strings.Contains(p.out.String(), what); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			p.Fatalf("%s does not say %q:\n%s", p.cmd.Args[1:], what, &p.out)
		}
	}
}

// want waits for its end and checks its exit status.
func (p *process) want(statuses ...int) {
	p.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.Fatalf("%s does not end:\n%s", p.cmd.Args[1:], &p.out)
	}
	for _, status := range statuses {
		if p.cmd.ProcessState.ExitCode() == status {
			return
		}
	}
	p.Errorf("%s: exit status %d, want %d\n%s", p.cmd.Args[1:], p.cmd.ProcessState.ExitCode(), statuses, &p.out)
}

// done waits for its good end, and returns what it printed.
func (p *process) done() string {
	p.Helper()
	p.want(0)
	return p.out.String()
}

// awaits waits until so many messages were accepted.
func (w *world) awaits(n int, processes ...*process) {
	w.Helper()
	for limit := time.Now().Add(patience); w.accepted.seen() < n; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			for _, p := range processes {
				w.Log(p.out.String())
			}
			w.Fatalf("%d messages were accepted, want %d", w.accepted.seen(), n)
		}
	}
}

// lastRun is the newest run by the ledger's word.
func (w *world) lastRun() report.RunLine {
	w.Helper()
	p := w.start("show", "last", "-o", "json")
	var run report.RunLine
	if err := json.Unmarshal([]byte(p.done()), &run); err != nil {
		w.Fatalf("%v: %s", err, &p.out)
	}
	return run
}

// judge says that nobody got two messages, and whoever got none is in doubt. It returns how many are.
func (w *world) judge() (inDoubt int) {
	w.Helper()
	w.accepted.mu.Lock()
	missed := w.people - len(w.accepted.people)
	for who, n := range w.accepted.people {
		if n != 1 {
			w.Errorf("%s got %d messages", who, n)
		}
	}
	w.accepted.mu.Unlock()
	run := w.lastRun()
	if missed > run.Counts.InDoubt || run.Counts.Succeeded+run.Counts.InDoubt != w.people {
		w.Errorf("%d got nothing, and the run says %+v", missed, run.Counts)
	}
	return run.Counts.InDoubt
}
