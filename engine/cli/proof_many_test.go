//go:build unix

package cli_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"waybill/engine/ledger/postgres/pgtest"
	"waybill/engine/report"
)

// many is a proof whose ledger is in PostgreSQL, so that several processes send from it.
type many struct {
	*proof
	server *pgtest.Server
}

var madeWorlds atomic.Int64 //nolint:gochecknoglobals // names of databases

// shortLease is how long a process may be silent in most of these tests.
const shortLease = 2 * time.Second

func newMany(t *testing.T, s *pgtest.Server, w terms, lease time.Duration) *many {
	t.Helper()
	name := fmt.Sprintf("world_%d", madeWorlds.Add(1))
	if err := s.Create(name); err != nil {
		t.Fatal(err)
	}
	w.state = s.URL(name)
	m := &many{proof: newProof(t, w), server: s}
	m.env = append(m.env, "WAYBILL_LEASE="+lease.String())
	return m
}

// postgresServer is a server of the test's own.
func postgresServer(t *testing.T) *pgtest.Server {
	t.Helper()
	if !hasPostgres() {
		t.Skip("PostgreSQL is not installed")
	}
	s, err := newDatabases(t).server()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// counts are those of the last run by the ledger's word.
func (m *many) counts() report.RunLine {
	m.Helper()
	var run report.RunLine
	if err := json.Unmarshal([]byte(m.look(0, "show", "last", "-o", "json")), &run); err != nil {
		m.Fatal(err)
	}
	return run
}

// judged is what the accept log says: nobody twice, and whoever got nothing is in doubt. It returns how many are.
func (m *many) judged() (inDoubt int) {
	m.Helper()
	m.nobodyTwice()
	known := m.deliveries("")
	for n := range m.people {
		d, got := known[phone(n)], len(m.log.of(phone(n)))
		switch {
		case d.State == "in doubt":
			inDoubt++
		case got == 0:
			m.Errorf("%s got nothing, and the ledger says %q of it", phone(n), d.State)
		case d.MessageID == "":
			m.Errorf("%s got a message, and the ledger has no id of it: %q", phone(n), d.State)
		}
	}
	return inDoubt
}

// runs is how many the ledger has.
func (m *many) runs() int {
	m.Helper()
	var list []report.RunLine
	if err := json.Unmarshal([]byte(m.look(0, "runs", "-o", "json")), &list); err != nil {
		m.Fatal(err)
	}
	return len(list)
}

// TestManyTogether has processes join a run that is under way: it is one run, everybody gets one message, and all end well.
func TestManyTogether(t *testing.T) {
	t.Parallel()
	m := newMany(t, postgresServer(t), terms{people: 600, throughput: 120}, shortLease)
	first := m.start(m.apply())
	m.awaitMessages(first, 60)
	others := []*child{m.start(m.apply()), m.start(m.apply())}
	for _, c := range append(others, first) {
		c.want(0)
	}
	if got := m.judged(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	run := m.counts()
	if n := m.runs(); n != 1 || run.Status != "succeeded" || run.Counts.Succeeded != m.people || run.Counts.Total != m.people {
		t.Errorf("%d runs; the last %+v", n, run)
	}
	for _, c := range others {
		if c.errs.String() == "" || !strings.Contains(c.out.String()+c.errs.String(), run.Run) {
			t.Errorf("it does not name run %s:\n%s%s", run.Run, &c.out, &c.errs)
		}
	}
	m.start(m.apply()).want(0)
	if got, _ := m.log.seen(); got != m.people {
		t.Errorf("%d messages, want %d", got, m.people)
	}
}

// TestManyKilled kills one of three at random moments.
func TestManyKilled(t *testing.T) {
	t.Parallel()
	s, r := postgresServer(t), dice(t)
	for range number(t, "WAYBILL_WORLDS", 2) {
		m := newMany(t, s, terms{people: 500, throughput: 150}, shortLease)
		crew := []*child{m.start(m.apply()), m.start(m.apply()), m.start(m.apply())}
		m.awaitMessages(crew[0], 1+r.IntN(m.people/2))
		victim := r.IntN(len(crew))
		time.Sleep(within(r, 50*time.Millisecond))
		crew[victim].kill()
		for i, c := range crew {
			if i != victim {
				c.want(0, 4)
			}
		}
		inDoubt, run := m.judged(), m.counts()
		if run.Counts.InDoubt != inDoubt || run.Counts.Succeeded+inDoubt != m.people {
			t.Errorf("%d are in doubt, and the run says %+v", inDoubt, run.Counts)
		}
		t.Logf("process %d of 3 killed: %d of %d in doubt, run %s", victim+1, inDoubt, m.people, run.Status)
	}
}

// TestManyFrozen freezes one of two for longer than its lease, and wakes it.
func TestManyFrozen(t *testing.T) {
	t.Parallel()
	m := newMany(t, postgresServer(t), terms{people: 500, throughput: 120}, shortLease)
	frozen, other := m.start(m.apply()), m.start(m.apply())
	m.awaitMessages(frozen, 100)
	m.signal(frozen, syscall.SIGSTOP)
	other.want(0, 4)
	m.signal(frozen, syscall.SIGCONT)
	frozen.want(0, 4, 5)
	m.start(m.apply()).want(0, 4) // what the one that woke did not let out is planned
	m.judged()
}

// TestManyAndKilledDatabase kills PostgreSQL under two processes, as a loss of power does, and starts it again.
func TestManyAndKilledDatabase(t *testing.T) {
	t.Parallel()
	s := postgresServer(t)
	m := newMany(t, s, terms{people: 500, throughput: 120}, shortLease)
	crew := []*child{m.start(m.apply()), m.start(m.apply())}
	m.awaitMessages(crew[0], 100)
	if err := s.Down(true); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if err := s.Up(); err != nil {
		t.Fatal(err)
	}
	for _, c := range crew {
		c.want(0, 4, 5)
	}
	m.start(m.apply()).want(0, 4)
	m.judged()
}
