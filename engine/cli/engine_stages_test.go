//go:build unix

package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"waybill/engine/cli"
	"waybill/engine/report"
	"waybill/whatsapp/sandbox"
)

// stager is an engine in the test's process that drives one run from stage to stage: each worker is asked for all parts that are open.
type stager struct {
	*placer

	mu   sync.Mutex
	done map[int]int // parts, by their stage
	anew bool        // it heard that the run was taken up anew
}

func newStager() *stager { return &stager{placer: newPlacer(), done: map[int]int{}} }

func (s *stager) Connect(context.Context, cli.EngineEnv) (cli.EngineConnection, error) { return s, nil }

// Work does what it drives the run to, in this process.
func (s *stager) Work(ctx context.Context, _ string, _ []string, parts cli.Parts) error {
	var run cli.DrivenRun
	select {
	case <-ctx.Done():
		return nil
	case run = <-s.given:
		s.given <- run // for the next worker
	}
	for over := false; !over && ctx.Err() == nil; {
		stands, err := parts.Stands(ctx, run.ID)
		switch over = err == nil && stands.Over; {
		case err != nil || over:
		case len(stands.Open) > 0:
			s.stage(ctx, run.ID, stands, parts)
		default:
			end, err := parts.Next(ctx, run.ID, stands.Stage)
			s.heard(err, end)
		}
	}
	<-ctx.Done()
	return nil
}

// stage has the open parts of a stage done.
func (s *stager) stage(ctx context.Context, run string, stands cli.Standing, parts cli.Parts) {
	var all sync.WaitGroup
	for _, part := range stands.Open {
		all.Go(func() {
			end, err := parts.Do(ctx, run, stands.Stage, part)
			if err == nil && end == (cli.PartEnd{Held: true}) {
				select {
				case <-ctx.Done():
				case <-time.After(200 * time.Millisecond): // others have it
				}
			}
			s.heard(err, end)
			s.mu.Lock()
			defer s.mu.Unlock()
			if err == nil && end.Done {
				s.done[stands.Stage]++
			}
		})
	}
	all.Wait()
}

// heard notes whether the run was taken up anew.
func (s *stager) heard(err error, end cli.PartEnd) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && end.Before {
		s.anew = true
	}
}

// parts says how many parts were told as done of each stage.
func (s *stager) doneOf() map[int]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.done)
}

// workers are two that the engine gives parts to. They are to end well.
func (m *many) workers(s *stager) (end func()) {
	m.Helper()
	list := []*placed{m.placed(s, "worker", m.job), m.placed(s, "worker", m.job)}
	return func() {
		m.Helper()
		for _, w := range list {
			w.end()
			w.want(m.T, 0)
		}
	}
}

// TestEngineStages has an engine drive a job whose steps stand before, between and behind what it divides: who gave the run does none of
// them, and tells what came of all.
func TestEngineStages(t *testing.T) {
	t.Parallel()
	m := newStaged(t, terms{people: 150, throughput: 150})
	s := newStager()
	end := m.workers(s)
	giver := m.placed(s, append(m.apply(), "--engine", "placer", "-o", "json")...)
	giver.want(t, 0)
	end()
	var told report.Run
	if err := json.Unmarshal([]byte(giver.out.String()), &told); err != nil {
		t.Fatalf("%v: %s", err, &giver.out)
	}
	if told.Outputs["greeted"] != 150.0 || !strings.HasPrefix(fmt.Sprint(told.Outputs["first"]), "wamid.") {
		t.Errorf("who gave it says %v", told.Outputs)
	}
	if inDoubt := m.each("people/greet", "again/thank"); inDoubt > 0 {
		t.Errorf("%d are in doubt", inDoubt)
	}
	run := m.counts()
	if n := m.runs(); n != 1 || run.Status != "succeeded" || run.Counts.Succeeded != 303 || run.Engine != "placer" {
		t.Errorf("%d runs; the last %+v", n, run)
	}
	for _, p := range run.Processes {
		if !strings.HasPrefix(p.Process, "waybill worker --engine placer") {
			t.Errorf("%d parts were those of %q", p.Parts, p.Process)
		}
	}
	if done := s.doneOf(); len(done) < 6 { // three steps, twice an if and twice the people; the last ends with the run
		t.Errorf("parts were done of the stages %v", done)
	}
}

// TestEngineStagesAnew has who gave a run and all workers end in its second half: the engine drives it on with new ones, from its first stage.
func TestEngineStagesAnew(t *testing.T) {
	t.Parallel()
	m := newStaged(t, terms{people: 150, throughput: 100})
	s := newStager()
	end := m.workers(s)
	giver := m.placed(s, "apply", m.job, "--yes", "--engine", "placer")
	eventually(t, "the second half", func() bool { n, _ := m.log.seen(); return n > 200 }, &giver.errs)
	giver.end()
	giver.want(t, 130)
	end()
	if run := m.counts(); run.Status != "interrupted" {
		t.Errorf("the run is %s", run.Status)
	}
	end = m.workers(s)
	eventually(t, "the run's end", func() bool { return m.counts().Status == "succeeded" })
	if inDoubt := m.each("people/greet", "again/thank"); inDoubt > 0 {
		t.Errorf("%d are in doubt", inDoubt)
	}
	s.mu.Lock()
	if !s.anew {
		t.Error("it did not hear that the run was taken up anew")
	}
	s.mu.Unlock()
	end()
}

// TestEngineWaves has an engine drive a rollout: a worker looks at each wave, and another goes on.
func TestEngineWaves(t *testing.T) {
	t.Parallel()
	m := waved(t, 120, "2s")
	s := newStager()
	end := m.workers(s)
	pauses := m.watchPauses(1500 * time.Millisecond)
	m.placed(s, "apply", m.job, "--yes", "--no-receiver", "--engine", "placer").want(t, 0)
	if got := m.judged(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	if run := m.counts(); run.Status != "succeeded" || run.Counts.Succeeded != m.people {
		t.Errorf("the run is %+v", run)
	}
	if at := pauses(); len(at) == 0 || at[0] > 20 {
		t.Errorf("it paused after %v messages", at)
	}
	end()
}

// TestEngineWavesStopped has a wave fail that an engine drives: the run is stopped, and a person goes on with the next wave. That run failed,
// for the rows that were refused are among its own, as where one process does all.
func TestEngineWavesStopped(t *testing.T) {
	t.Parallel()
	m := waved(t, 120, "1s")
	if _, err := m.box.AddFault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131026, Status: 400, Times: 3}); err != nil {
		t.Fatal(err)
	}
	drives := func(status int, args ...string) {
		t.Helper()
		s := newStager()
		end := m.workers(s)
		m.placed(s, append(m.apply(), append(args, "--no-receiver", "--engine", "placer")...)...).want(t, status)
		end()
	}
	drives(5)
	if run := m.counts(); run.Status != "stopped" || run.Counts.Failed != 3 || run.Counts.NotSent < m.people-20 {
		t.Errorf("the run is %+v", run)
	}
	drives(1, "--next-wave")
	if run := m.counts(); run.Status != "failed" || run.Counts.Failed != 3 || run.Counts.Succeeded != m.people-3 {
		t.Errorf("the run that went on is %+v", run)
	}
	if got, _ := m.log.seen(); got != m.people-3 {
		t.Errorf("%d messages", got)
	}
}

// TestEngineFlags has an engine drive runs that were asked for less than all, or for more: the first rows, a saved plan, what changed.
func TestEngineFlags(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 100, throughput: 150}, longLease)
	drives := func(what string, messages, succeeded int, args ...string) {
		t.Helper()
		before, _ := m.log.seen()
		s := newStager()
		end := m.workers(s)
		m.placed(s, append(args, "--yes", "--engine", "placer")...).want(t, 0)
		if n, _ := m.log.seen(); n-before != messages {
			t.Errorf("%s: %d messages, want %d", what, n-before, messages)
		}
		if run := m.counts(); run.Status != "succeeded" || run.Engine != "placer" || run.Counts.Succeeded != succeeded {
			t.Errorf("%s: the run is %+v", what, run)
		}
		end()
	}
	drives("--limit", 30, 30, "apply", m.job, "--limit", "30")
	plan := filepath.Join(filepath.Dir(m.job), "proof.plan")
	m.start([]string{"plan", m.job, "--out", plan}).want(0)
	drives("a saved plan", 70, 100, "apply", plan)
	m.edit("Hello", "Good morning")
	drives("--changed --again", 100, 100, "apply", m.job, "--changed", "--again")
	if got, _ := m.log.seen(); got != 200 {
		t.Errorf("%d messages", got)
	}
}

// TestEngineCannot has what no engine can drive refused, with the reason.
func TestEngineCannot(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 3, throughput: 60}, longLease)
	one := filepath.Join(filepath.Dir(m.job), "one.yaml")
	if err := os.WriteFile(one, []byte("version: 1\nname: one\nsteps:\n  - id: greet\n    sendText: { to: \"+34612345678\", body: Hello }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	giver := m.placed(newStager(), "apply", one, "--yes", "--engine", "placer")
	if giver.want(t, 3); !strings.Contains(giver.errs.String(), "step greet is no forEach") {
		t.Errorf("it says\n%s", &giver.errs)
	}
	if n, _ := m.log.seen(); n > 0 {
		t.Errorf("%d messages", n)
	}
}
