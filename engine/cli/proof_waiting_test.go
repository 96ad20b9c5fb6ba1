//go:build unix

package cli_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"waybill/engine/cli"
)

// inside runs a command inside the test, by a clock of its own, until the test ends. It returns what it says.
func inside(t *testing.T, env map[string]string, now func() time.Time, args ...string) *lines {
	t.Helper()
	said := &lines{}
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cli.Main(ctx, args, cli.Env{
			Stdin: strings.NewReader(""), Stdout: said, Stderr: said, Now: now,
			LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		})
	}()
	t.Cleanup(func() {
		interrupt()
		<-ended
	})
	return said
}

// TestWaitingTogether has a run of which rows wait, for the end of quiet hours or for a person's turn, go on when the hour comes: two copies of
// serve and a worker do it together.
func TestWaitingTogether(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Minute)
	hour := now.Add(3 * time.Hour)
	for name, recipients := range map[string]string{
		"quiet hours": fmt.Sprintf(`quietHours: { from: "%s", to: "%s", timezone: UTC }`, now.Add(-time.Hour).Format("15:04"), hour.Format("15:04")),
		"at most":     `atMost: { messages: 1, per: 2h, then: wait }`,
	} {
		t.Run(name, func(t *testing.T) {
			if name == "at most" {
				atLength(t)
			}
			t.Parallel()
			m := newMany(t, sharedServer(t), terms{people: 240, throughput: 30}, longLease)
			env, before := m.serveEnv(), 0
			if name == "at most" { // everybody had one by another job
				m.start(m.apply()).want(0)
				before = m.people
				m.edit("name: proof", "name: another")
			}
			m.edit("steps:", "recipients: { "+recipients+" }\nsettle: 0s\nsteps:")
			m.start(m.apply()).want(5)
			waits := m.counts()
			if waits.Counts.Waiting != m.people || waits.WaitsUntil == nil {
				t.Fatalf("the run %+v", waits)
			}
			until, err := time.Parse(time.RFC3339, *waits.WaitsUntil)
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			clock := func() time.Time { return until.Add(-8 * time.Second).Add(time.Since(began)) }
			helper := inside(t, env, clock, "worker", "--state", m.state, m.job)
			copies := []*serving{
				startServe(t, env, clock, "--state", m.state, m.job),
				startServe(t, env, clock, "--state", m.state, m.job),
			}
			_ = met(func() bool { return m.counts().Status == "succeeded" })
			eventually(t, "the end of the run", func() bool { return m.counts().Status == "succeeded" }, copies[0].logs, copies[1].logs, helper)
			run := m.counts()
			if run.Run != waits.Run || run.Counts.Succeeded != m.people || run.Counts.Total != m.people || len(run.Processes) != 2 {
				t.Errorf("the run %+v\n%s\n%s\n%s", run, copies[0].logs, copies[1].logs, helper)
			}
			for _, p := range run.Processes { // the copies are one process of the machine
				if !strings.HasPrefix(p.Process, "waybill serve, ") && !strings.HasPrefix(p.Process, "waybill worker, ") {
					t.Errorf("%s has parts of it", p.Process)
				}
			}
			if got, _ := m.log.seen(); got != before+m.people {
				t.Errorf("%d messages, want %d", got, before+m.people)
			}
			for n, s := range copies {
				eventually(t, fmt.Sprintf("copy %d sees its end", n), func() bool { return strings.Contains(s.logs.String(), "run ended") }, s.logs)
				if s.metric(`waybill_attempts_total{code="0",result="accepted"}`) == "0" {
					t.Errorf("copy %d sent nothing:\n%s", n, s.logs)
				}
			}
		})
	}
}

// TestWaitingIsToldOfTheRun has two processes find that the rows of their shares wait: the one that ends the run, and whoever reads it, say how
// many wait of all of it.
func TestWaitingIsToldOfTheRun(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Minute)
	m := newMany(t, sharedServer(t), terms{people: 300}, longLease)
	m.edit("steps:", fmt.Sprintf(`recipients: { quietHours: { from: "%s", to: "%s", timezone: UTC } }
settle: 0s
steps:`, now.Add(-time.Hour).Format("15:04"), now.Add(3*time.Hour).Format("15:04")))
	shares := []*child{m.start(append(m.apply(), "--shard", "1/2")), m.start(append(m.apply(), "--shard", "2/2"))}
	last := ""
	for _, c := range shares {
		c.want(5)
		last += c.out.String()
	}
	run := m.counts()
	if run.Counts.Waiting != 300 || run.WaitsUntil == nil {
		t.Skipf("the one had ended its share before the other began: %+v", run)
	}
	if told := "; 300 messages"; !strings.HasSuffix(run.Reason, told) || !strings.Contains(last, told+"\n") {
		t.Errorf("the run %+v\n%s", run, last)
	}
}
