//go:build unix

package cli_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
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
	if m.runs() != 1 || run.Counts.Waiting != 300 || run.WaitsUntil == nil {
		t.Fatalf("of %d runs, the last is %+v", m.runs(), run)
	}
	if told := "; 300 messages"; !strings.HasSuffix(run.Reason, told) || !strings.Contains(last, told+"\n") {
		t.Errorf("the run %+v\n%s", run, last)
	}
}

// TestWaitingInterrupted has serve end while it does a run whose hour has come: the next serve goes on with it.
func TestWaitingInterrupted(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Minute)
	hour := now.Add(3 * time.Hour)
	m := newMany(t, sharedServer(t), terms{people: 120, throughput: 40}, longLease)
	m.edit("steps:", fmt.Sprintf(`recipients: { quietHours: { from: "%s", to: "%s", timezone: UTC } }
settle: 0s
steps:`, now.Add(-time.Hour).Format("15:04"), hour.Format("15:04")))
	m.start(m.apply()).want(5)
	env := m.serveEnv()
	began := time.Now()
	clock := func() time.Time { return hour.Add(time.Since(began)) }
	first := startServe(t, env, clock, "--state", m.state, m.job)
	eventually(t, "some messages", func() bool { n, _ := m.log.seen(); return n > 20 }, first.logs)
	first.stop()
	if run := m.counts(); run.Status != "interrupted" || run.WaitsUntil == nil {
		t.Errorf("interrupted, the run is %+v", run)
	}
	second := startServe(t, env, clock, "--state", m.state, m.job)
	eventually(t, "the end of the run", func() bool { return m.counts().Status == "succeeded" }, second.logs)
	if run := m.counts(); m.judged() != 0 || m.runs() != 1 || run.Counts.Succeeded != m.people {
		t.Errorf("of %d runs, the last is %+v", m.runs(), run)
	}
}

// TestWaitingBeside has a process be there, with nothing to do, as the one that had all rows ends since they wait: the run waits for its hour.
func TestWaitingBeside(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Minute)
	m := newMany(t, sharedServer(t), terms{people: 60}, longLease)
	m.edit("steps:", fmt.Sprintf(`recipients: { quietHours: { from: "%s", to: "%s", timezone: UTC } }
settle: 0s
steps:`, now.Add(-time.Hour).Format("15:04"), now.Add(3*time.Hour).Format("15:04")))
	m.start([]string{"ledger", "new"}).want(0)
	db, err := pgx.Connect(t.Context(), m.state)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(context.Background()) }() // nothing is left to do
	do := func(sql string) {
		t.Helper()
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	// No row is noted as one that waits until the gate is open.
	do(`CREATE TABLE gate (open int);
		CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			WHILE NOT EXISTS (SELECT 1 FROM public.gate) LOOP PERFORM pg_sleep(0.02); END LOOP; RETURN NEW; END $$;
		CREATE TRIGGER gate BEFORE INSERT ON waybill.unsent FOR EACH ROW EXECUTE FUNCTION gate()`)
	first := m.start(m.apply())
	eventually(t, "the first has all parts", func() bool {
		var parts int
		return db.QueryRow(t.Context(), `SELECT count(*) FROM waybill.run_part WHERE process IS NOT NULL`).Scan(&parts) == nil && parts == engine.Parts
	}, &first.errs)
	second := m.start(m.apply())
	eventually(t, "the second waits for it", func() bool { return strings.Contains(second.errs.String(), "are other processes'") }, &second.errs)
	do(`INSERT INTO gate VALUES (1)`)
	first.want(5)
	second.want(0)
	if run := m.counts(); m.runs() != 1 || run.Status != "stopped" || run.WaitsUntil == nil || run.Counts.Waiting != m.people {
		t.Errorf("of %d runs, the last is %+v", m.runs(), run)
	}
}

// TestShardsOneByOne has processes that were told their shards come one after the other, as a launcher starts them that has room for one: it
// is one run, and over with the last.
func TestShardsOneByOne(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 90}, longLease)
	m.edit("steps:", "settle: 0s\nsteps:\n  - id: opening\n    sendText: { to: \"+34611111111\", body: It begins }")
	m.edit("Hello ${{ item.id }}", "Hello ${{ item.id }}, as ${{ steps.opening.messageId }}")
	for n, stands := range []string{"interrupted", "interrupted", "succeeded"} {
		c := m.start(append(m.apply(), "--shard", fmt.Sprintf("%d/3", n+1)))
		c.want(0)
		run := m.counts()
		if m.runs() != 1 || run.Status != stands || strings.Contains(c.out.String(), "waybill resume "+run.Run) != (n < 2) {
			t.Errorf("after shard %d, of %d runs the last is %+v\n%s%s", n+1, m.runs(), run, &c.out, &c.errs)
		}
	}
	m.judged()
	if run := m.counts(); run.Counts.Succeeded != m.people+1 || run.Counts.Total != m.people+1 {
		t.Errorf("it counts %+v", run.Counts)
	}
}

// TestUnmetTogether has two processes find that where leaves out all rows for a text that none has: the one that ends the last part tells it, of
// all rows.
func TestUnmetTogether(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 50}, longLease)
	m.edit("csv: people.csv", `where: "${{ item.id == 'someone' }}", csv: people.csv`)
	const found = "where leaves out all rows of people (50)"
	for n, told := range []bool{false, true} {
		c := m.start(append(m.apply(), "--shard", fmt.Sprintf("%d/2", n+1)))
		if c.want(0); strings.Contains(c.errs.String(), found) != told || strings.Contains(c.errs.String(), "unmet") != told {
			t.Errorf("shard %d tells:\n%s", n+1, &c.errs)
		}
	}
	alone := m.start(m.apply())
	if alone.want(0); !strings.Contains(alone.errs.String(), found) {
		t.Errorf("alone, it does not tell it:\n%s", &alone.errs)
	}
	m.edit("'someone'", "'"+person(7)+"'") // one row has it, and one of two processes meets that
	for _, c := range []*child{m.start(append(m.apply(), "--shard", "1/2")), m.start(append(m.apply(), "--shard", "2/2"))} {
		if c.want(0); strings.Contains(c.errs.String(), "unmet") {
			t.Errorf("a row has it, and it is told that none has:\n%s", &c.errs)
		}
	}
}
