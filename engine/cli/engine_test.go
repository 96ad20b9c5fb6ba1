//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"waybill/engine"
	"waybill/engine/cli"
)

// placer is an engine in the test's process: it gives the parts of one run to the workers that wait for some, and once more where one
// was not done.
type placer struct {
	given chan cli.DrivenRun
	parts chan int
	away  chan struct{} // closed when it is gone for good
	mu    sync.Mutex
	done  map[int]int
	held  int   // so often it was told that another process has a part
	lost  error // what the process that gave it the run hears
	full  error // it takes no run
}

func newPlacer() *placer {
	p := &placer{given: make(chan cli.DrivenRun, 1), parts: make(chan int, 2*engine.Parts), away: make(chan struct{}), done: map[int]int{}}
	for part := range engine.Parts {
		p.parts <- part
	}
	return p
}

func (*placer) Name() string        { return "placer" }
func (*placer) Bind(*pflag.FlagSet) {}
func (*placer) Close()              {}

func (p *placer) Connect(context.Context, cli.EngineEnv) (cli.EngineConnection, error) { return p, nil }

func (p *placer) Drive(_ context.Context, run cli.DrivenRun) (cli.Driven, error) {
	if p.full != nil {
		return cli.Driven{}, p.full
	}
	p.given <- run
	return cli.Driven{Name: "run " + run.ID + " of the test", Wait: func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.away:
			return p.lost
		}
	}}, nil
}

// Work has eight parts done at a time.
func (p *placer) Work(ctx context.Context, _ string, _ []string, parts cli.Parts) error {
	var run cli.DrivenRun
	select {
	case <-ctx.Done():
		return nil
	case <-p.away:
		<-ctx.Done()
		return nil
	case run = <-p.given:
		p.given <- run // for the next worker
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-p.away:
					return
				case part := <-p.parts:
					end, err := parts.Do(ctx, run.ID, 0, part)
					p.ended(part, end, err)
				}
			}
		})
	}
	<-ctx.Done()
	all.Wait()
	return nil
}

func (p *placer) ended(part int, end cli.PartEnd, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil && end.Done {
		p.done[part]++
		return
	}
	if end.Held {
		p.held++
	}
	p.parts <- part
}

func (p *placer) doneParts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.done)
}

func (p *placer) heldParts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

// placed is a command line with a placer, inside the test.
type placed struct {
	status    chan int
	out, errs lockedBuffer
	end       context.CancelFunc
}

// lockedBuffer may be read while it is written to.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

func (m *many) placed(e cli.Engine, args ...string) *placed {
	m.Helper()
	env := map[string]string{"WAYBILL_STATE": m.state} // a saved plan has its own
	for _, pair := range m.env {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	ctx, end := context.WithCancel(m.Context())
	c := &placed{status: make(chan int, 1), end: end}
	ended := make(chan struct{})
	m.Cleanup(func() { end(); <-ended })
	go func() {
		defer close(ended)
		c.status <- cli.Main(ctx, args, cli.Env{
			Stdin: strings.NewReader(""), Stdout: &c.out, Stderr: &c.errs, Now: time.Now,
			LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok }, Engines: []cli.Engine{e},
		})
	}()
	return c
}

func (c *placed) want(t *testing.T, status int) {
	t.Helper()
	select {
	case got := <-c.status:
		if got != status {
			t.Errorf("exit status %d, want %d\n%s%s", got, status, &c.out, &c.errs)
		}
	case <-time.After(2 * patience):
		t.Fatalf("it does not end\n%s%s", &c.out, &c.errs)
	}
}

// TestEngine has an engine place the parts of a run on two workers: it is one run, everybody gets one message, and who gave it ends as it does.
func TestEngine(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 300, throughput: 150}, longLease)
	p := newPlacer()
	workers := []*placed{m.placed(p, "worker", m.job), m.placed(p, "worker", m.job)}
	giver := m.placed(p, "apply", m.job, "--yes", "--engine", "placer")
	giver.want(t, 0)
	eventually(t, "all parts were told as done", func() bool { return p.doneParts() == engine.Parts }, &workers[0].errs, &workers[1].errs)
	if got := m.judged(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	run := m.counts()
	if n := m.runs(); n != 1 || run.Status != "succeeded" || run.Counts.Succeeded != m.people {
		t.Errorf("%d runs; the last %+v", n, run)
	}
	if listed := m.look(0, "runs", "-o", "json"); run.Engine != "placer" || !strings.Contains(listed, `"engine": "placer"`) {
		t.Errorf("the run is driven by %q, and listed as\n%s", run.Engine, listed)
	}
	if shown := m.look(0, "show", "last"); !strings.Contains(shown, "waybill worker --engine placer, pid") || !strings.Contains(shown, "\nengine    placer\n") {
		t.Errorf("show does not say who did the parts:\n%s", shown)
	}
	if told := giver.errs.String(); !strings.Contains(told, "run "+run.Run+" of the test") || !strings.Contains(told, "--engine local") {
		t.Errorf("it does not say who has the run, and how it goes on without:\n%s", told)
	}
	if said := giver.out.String(); !strings.Contains(said, "driven by placer") || strings.Contains(said, "before") {
		t.Errorf("its summary is:\n%s", said)
	}
	for _, w := range workers {
		w.end()
		w.want(t, 0)
	}
}

// TestEngineHeld has an engine give parts to a worker that another process has: it is told so at once, and has them done when that was killed.
func TestEngineHeld(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 300, throughput: 60}, shortLease)
	alone := m.start([]string{"apply", m.job, "--yes", "--state", m.state})
	eventually(t, "some messages", func() bool { n, _ := m.log.seen(); return n > 20 })
	p := newPlacer()
	p.given <- cli.DrivenRun{ID: m.counts().Run}
	worker := m.placed(p, "worker", m.job)
	eventually(t, "it is told that parts are held", func() bool { return p.heldParts() > 8 }, &worker.errs)
	if n := p.doneParts(); n > 0 {
		t.Errorf("%d parts of another process are done", n)
	}
	alone.kill()
	eventually(t, "all parts are done", func() bool { return p.doneParts() == engine.Parts }, &worker.errs)
	m.judged()
	worker.end()
	worker.want(t, 0)
	if run := m.counts(); run.Engine != "placer" {
		t.Errorf("the run is driven by %q", run.Engine)
	}
}

// TestEngineFull has the engine not take a run that was begun: who would give it says so, and resume finishes it.
func TestEngineFull(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 30, throughput: 60}, longLease)
	p := newPlacer()
	p.full = errors.New("the test takes none")
	giver := m.placed(p, "apply", m.job, "--yes", "--engine", "placer")
	giver.want(t, 5)
	for _, want := range []string{"the test takes none", "to placer", "next: waybill resume"} {
		if told := giver.errs.String() + giver.out.String(); !strings.Contains(told, want) {
			t.Errorf("it does not say %q:\n%s", want, told)
		}
	}
	m.start([]string{"resume", "last", "--engine", "local", "--yes", "--state", m.state}).want(0)
	if got := m.judged(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	if run := m.counts(); run.Status != "succeeded" || run.Engine != "" || run.Resumes != 1 {
		t.Errorf("the run is %+v", run)
	}
}

// TestEngineGone has the engine gone for good in the middle of a run: who gave it says so, and resume finishes it from the ledger.
func TestEngineGone(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 400, throughput: 60}, longLease)
	p := newPlacer()
	p.lost = errors.New("the test took it away")
	worker := m.placed(p, "worker", m.job)
	giver := m.placed(p, "apply", m.job, "--yes", "--engine", "placer")
	eventually(t, "some messages", func() bool { n, _ := m.log.seen(); return n > 40 }, &giver.errs, &worker.errs)
	close(p.away)
	giver.want(t, 5)
	if told := giver.errs.String(); !strings.Contains(told, "the test took it away") {
		t.Errorf("it does not say why it ends:\n%s", told)
	}
	worker.end()
	worker.want(t, 0)
	m.start([]string{"resume", "last", "--engine", "local", "--yes", "--state", m.state}).want(0)
	if got := m.judged(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	if run := m.counts(); run.Status != "succeeded" || run.Counts.Succeeded != m.people {
		t.Errorf("the run is %+v", run)
	}
}

// TestEngineStopped has a person stop a run that an engine drives: the workers leave it, and are told that it is over.
func TestEngineStopped(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 400, throughput: 60}, longLease)
	p := newPlacer()
	worker := m.placed(p, "worker", m.job)
	giver := m.placed(p, "apply", m.job, "--yes", "--engine", "placer")
	eventually(t, "some messages", func() bool { n, _ := m.log.seen(); return n > 40 }, &giver.errs, &worker.errs)
	m.placed(p, "stop", "last").want(t, 0)
	giver.want(t, 5)
	eventually(t, "all rows are counted", func() bool { return m.counts().Counts.Total == m.people }, &worker.errs)
	worker.end()
	worker.want(t, 0)
	if run := m.counts(); run.Status != "stopped" || run.Counts.Succeeded >= m.people { // the worker wrote it
		t.Errorf("the run is %+v", run)
	}
}

// TestEngineRefused refuses what no engine can drive, each with its words, and asks for nothing.
func TestEngineRefused(t *testing.T) {
	t.Parallel()
	job := writeFile(t, t.TempDir()+"/a.yaml", "version: 1\nname: a\nsteps:\n  - id: x\n    sendText: { to: \"+34612345678\", body: hi }\n")
	for _, c := range []struct{ args, want string }{
		{"apply JOB --engine temporal", "waybill-temporal is the build"},
		{"apply JOB --engine river", `--engine does not know "river"`},
		{"apply JOB --engine=", "--engine is empty"},
		{"resume last --engine temporal --state postgres://127.0.0.1:1/x", ""},
		{"worker JOB --engine temporal --state postgres://127.0.0.1:1/x", "waybill-temporal is the build"},
	} {
		args := strings.Fields(strings.ReplaceAll(c.args, "JOB", job))
		status, _, errs := call(t, map[string]string{"WHATSAPP_TOKEN": "t", "WHATSAPP_PHONE_NUMBER_ID": "1"}, args...)
		if status == 0 || !strings.Contains(errs, c.want) {
			t.Errorf("%s: status %d\n%s", c.args, status, errs)
		}
	}
	var errs bytes.Buffer
	status := cli.Main(t.Context(), []string{"apply", job, "--engine", "placer"}, cli.Env{
		Stdin: strings.NewReader(""), Stdout: &errs, Stderr: &errs, Now: time.Now, Engines: []cli.Engine{newPlacer()},
		LookupEnv: func(name string) (string, bool) {
			v, ok := map[string]string{"WHATSAPP_TOKEN": "t", "WHATSAPP_PHONE_NUMBER_ID": "1"}[name]
			return v, ok
		},
	})
	if status != 3 || !strings.Contains(errs.String(), "one sender at a time") {
		t.Errorf("a ledger in a file: status %d\n%s", status, &errs)
	}
	if _, err := os.Stat(fmt.Sprintf("%s/.waybill", job[:strings.LastIndex(job, "/")])); err == nil {
		t.Error("it made a ledger")
	}
}
