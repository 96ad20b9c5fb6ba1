//go:build unix

package cli_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine/cli"
	"waybill/engine/report"
)

// notifying is a world whose runs are told of when they ended, with what it was told.
func notifying(t *testing.T, settle string, lease time.Duration) (*many, *told) {
	t.Helper()
	return notified(t, newMany(t, sharedServer(t), terms{people: 60, throughput: 60}, lease), settle)
}

// notified has the runs of a world be told of when they ended.
func notified(t *testing.T, m *many, settle string) (*many, *told) {
	t.Helper()
	heard := &told{}
	server := httptest.NewServer(heard)
	t.Cleanup(server.Close)
	m.env = append(m.env, "NOTIFY_URL="+server.URL+"/hook")
	m.edit("steps:", "notify: [{ on: [finished, failed, stopped, inDoubt], to: $<NOTIFY_URL> }]\nsettle: "+settle+"\nsteps:")
	return m, heard
}

// database is a connection to the world's own.
func (m *many) database() *pgx.Conn {
	m.Helper()
	c, err := pgx.Connect(m.Context(), m.state)
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() { _ = c.Close(m.Context()) })
	return c
}

// is asks the database for a truth.
func (m *many) is(c *pgx.Conn, sql string) (yes bool) {
	m.Helper()
	if err := c.QueryRow(m.Context(), `SELECT `+sql).Scan(&yes); err != nil {
		m.Fatal(err)
	}
	return yes
}

const allDone = `(SELECT count(*) FROM waybill.run_part) > 0 AND NOT EXISTS (SELECT 1 FROM waybill.run_part WHERE NOT done)`

// killedAtTheEnd is a run whose one process was killed when all its parts were done, before it could say that the run is over.
func (m *many) killedAtTheEnd() (run string) {
	m.Helper()
	only := m.start(m.apply())
	m.awaitMessages(only, 5)
	c, looks := m.database(), m.database()
	held, err := c.Begin(m.Context())
	if err != nil {
		m.Fatal(err)
	}
	if err := held.QueryRow(m.Context(), `SELECT id FROM waybill.run FOR UPDATE`).Scan(&run); err != nil {
		m.Fatal(err)
	}
	eventually(m.T, "the end of the last part", func() bool { return m.is(looks, allDone) }, &only.errs)
	only.kill()
	if err := held.Rollback(m.Context()); err != nil {
		m.Fatal(err)
	}
	if got := m.counts(); got.Status != "running" {
		m.Fatalf("nobody looked, and it is %s", got.Status)
	}
	allGone := fmt.Sprintf(`NOT EXISTS (SELECT 1 FROM waybill.process WHERE sending AND ended IS NULL
		AND seen > clock_timestamp() - make_interval(secs => %f))`, killLease(m.T).Seconds())
	eventually(m.T, "the end of its lease", func() bool { return m.is(looks, allGone) })
	return run
}

// wantTold wants it told of a run that it succeeded, once.
func wantTold(t *testing.T, heard *told, run string, errs ...any) {
	t.Helper()
	var all []string
	eventually(t, "the telling of run "+run, func() bool {
		all = append(all, heard.take()...)
		return strings.Contains(strings.Join(all, "\n"), run)
	}, errs...)
	text := strings.Join(all, "\n")
	if strings.Count(text, run) != 1 || !strings.Contains(text, `"status":"succeeded"`) {
		t.Errorf("told was %s", text)
	}
}

// TestEndedByNext has the next command end a run whose last process was killed when all was done, and tell it.
func TestEndedByNext(t *testing.T) {
	t.Parallel()
	m, heard := notifying(t, "0s", killLease(t))
	run := m.killedAtTheEnd()
	next := m.start(m.apply())
	next.want(0)
	wantTold(t, heard, run, &next.errs)
	if got := m.runLine(run); got.Status != "succeeded" || got.Counts.Succeeded != m.people {
		t.Errorf("run %+v", got)
	}
	m.judged()
}

// TestEndedByServe has serve do so, whose job it is.
func TestEndedByServe(t *testing.T) {
	t.Parallel()
	m, heard := notifying(t, "0s", killLease(t))
	run := m.killedAtTheEnd()
	env := secrets()
	for _, line := range m.env {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	s := startServeAt(t, env, "2026-03-29T01:29:50Z", "--state", m.state, m.job)
	wantTold(t, heard, run, &s.logs)
	if got := m.runLine(run); got.Status != "succeeded" {
		t.Errorf("run %+v", got)
	}
}

// TestToldByAnother kills one of two processes while both wait what becomes of their messages: the other tells how the run ended. Where both
// are killed, the next command does.
func TestToldByAnother(t *testing.T) {
	t.Parallel()
	for _, victims := range []int{1, 2} {
		t.Run(fmt.Sprint(victims, " killed"), func(t *testing.T) {
			t.Parallel()
			m, heard := notifying(t, "6s", killLease(t))
			crew := []*child{m.start(m.apply()), m.start(m.apply())}
			looks := m.database()
			eventually(t, "the end of the run", func() bool {
				n, _ := m.log.seen()
				return n > 0 && m.is(looks, `EXISTS (SELECT 1 FROM waybill.run WHERE status = 'succeeded')`)
			}, &crew[0].errs, &crew[1].errs)
			run := m.counts().Run
			for _, c := range crew[:victims] {
				c.kill()
			}
			if victims == 1 {
				crew[1].want(0)
				wantTold(t, heard, run, &crew[1].errs)
				return
			}
			if got := heard.take(); len(got) > 0 {
				t.Fatalf("told was %q", got)
			}
			if err := m.server.Exec(m.databaseName(), `UPDATE waybill.run SET tell_at = (extract(epoch FROM clock_timestamp()) * 1000)::int8 - 1`); err != nil {
				t.Fatal(err)
			}
			next := m.start(append(m.apply(), "--settle", "0s"))
			next.want(0)
			wantTold(t, heard, run, &next.errs)
			m.start(append(m.apply(), "--settle", "0s")).want(0)
			if got := strings.Join(heard.take(), "\n"); strings.Contains(got, run) {
				t.Errorf("told again: %s", got)
			}
		})
	}
}

// TestToldOfOneAlone kills a process that works alone while it waits what becomes of its messages, in both ledgers: a later command tells
// how its run ended, once, and none tells it while that process may.
func TestToldOfOneAlone(t *testing.T) {
	t.Parallel()
	file := func(t *testing.T) *many {
		t.Helper()
		return newMany(t, nil, terms{people: 3, state: stateIn(t, t.TempDir())}, longLease)
	}
	database := func(t *testing.T) *many {
		t.Helper()
		return newMany(t, sharedServer(t), terms{people: 3}, longLease)
	}
	for name, world := range map[string]func(*testing.T) *many{"file": file, "database": database} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, heard := notified(t, world(t), "1h")
			alone := m.start([]string{"run", m.job, "--yes"})
			m.awaitMessages(alone, 3)
			var run report.RunLine
			eventually(t, "the end of the run", func() bool { run = m.counts(); return run.Status == "succeeded" }, &alone.errs)
			alone.kill()
			for _, c := range []struct {
				after time.Duration
				told  int
			}{{30 * time.Minute, 0}, {2 * time.Hour, 1}, {3 * time.Hour, 0}} {
				m.applyAfter(c.after)
				if got := strings.Join(heard.take(), "\n"); strings.Count(got, `"run":"`+run.Run) != c.told {
					t.Errorf("after %s it is told\n%s", c.after, got)
				}
			}
		})
	}
}

// applyAfter applies the job, by a clock that is so far ahead, and does not stay.
func (m *many) applyAfter(ahead time.Duration) {
	m.Helper()
	env, said := map[string]string{}, &lines{}
	for _, line := range m.env {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	status := cli.Main(m.Context(), []string{"apply", m.job, "--yes", "--yes-new-rows", "--settle", "0s", "--state", m.state}, cli.Env{
		Stdin: strings.NewReader(""), Stdout: said, Stderr: said, Now: func() time.Time { return time.Now().Add(ahead) },
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	if status != 0 {
		m.Fatalf("apply ended with status %d\n%s", status, said)
	}
}

// TestShards has two processes do a half each: the first says that its own rows alone are done, and tells nobody that the run ended.
func TestShards(t *testing.T) {
	t.Parallel()
	m, heard := notifying(t, "0s", longLease)
	second := m.start(append(m.apply(), "--shard", "2/2")) // it stays for its half alone
	m.awaitMessages(second, 5)
	m.signal(second, syscall.SIGSTOP)
	first := m.start(append(m.apply(), "--shard", "1/2"))
	first.want(0)
	got := heard.take()
	m.signal(second, syscall.SIGCONT)
	if out := first.out.String(); !strings.Contains(out, "the rows of this process are done; others work at the run") || len(got) > 0 {
		t.Errorf("it says\n%s%s\nand told %q", out, &first.errs, got)
	}
	second.want(0)
	if out := second.out.String(); strings.Contains(out, "others work at the run") {
		t.Errorf("the last says\n%s", out)
	}
	wantTold(t, heard, m.counts().Run, &second.errs)
}

// TestToldOnce has processes of which one is interrupted end a run: it is told once.
func TestToldOnce(t *testing.T) {
	t.Parallel()
	m, heard := notifying(t, "0s", longLease)
	crew := []*child{m.start(m.apply()), m.start(m.apply()), m.start(m.apply())}
	m.awaitMessages(crew[0], 10)
	m.signal(crew[0], syscall.SIGINT)
	crew[0].want(0, 130)
	for _, c := range crew[1:] {
		c.want(0)
	}
	wantTold(t, heard, m.counts().Run, &crew[1].errs, &crew[2].errs)
}
