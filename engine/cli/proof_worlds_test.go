//go:build unix

package cli_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"waybill/engine/ledger/postgres/pgtest"
	"waybill/engine/reliability/tally"
)

// What befalls a run that several processes work at, one kind a test. Each plays a few worlds in a check, and engine/reliability as many
// as its list says, side by side. The accept log judges.

// leases are how many worlds of each kind, at length, have the lease that the product has; the others have a shorter one.
const leases = 20

// leaseOf is the lease of a world of a kind of which so many are wanted.
func leaseOf(world, wanted int) time.Duration {
	if world%(wanted/leases) == 0 {
		return longLease
	}
	return shortLease
}

// crew starts processes at the run, and waits for some moment of it.
func (m *many) crew(n int, r *rand.Rand) []*child {
	m.Helper()
	var list []*child
	for range n {
		list = append(list, m.start(m.apply()))
	}
	m.await(list, 1+r.IntN(m.people/2))
	time.Sleep(within(r, 50*time.Millisecond))
	return list
}

// await waits for so many messages, or for the end of all processes: on a machine that lets none of them work for a lease, each is taken
// for dead.
func (m *many) await(crew []*child, want int) {
	m.Helper()
	eventually(m.T, "messages", func() bool {
		got, _ := m.log.seen()
		return got >= want || !slices.ContainsFunc(crew, func(c *child) bool {
			select {
			case <-c.ended:
				return false
			default:
				return true
			}
		})
	})
}

// ended wants that processes ended well, or were taken for dead, and says whether all ended well. What was not let out by one that was taken
// for dead is not sent (1), and is sent by one more.
func (m *many) ended(crew ...*child) (well bool) {
	m.Helper()
	well = true
	for _, c := range crew {
		well = c.want(0, 1, 4, 5) != 5 && well
	}
	return well
}

// pause measures the longest time between two messages from now until the processes have ended; what it returns waits for that.
func (m *many) pause(crew ...*child) func() time.Duration {
	var longest time.Duration
	var watching sync.WaitGroup
	ended, all := context.WithCancel(context.Background())
	watching.Go(func() {
		for last := time.Now(); ; last = time.Now() {
			_, next := m.log.seen()
			select {
			case <-next:
				longest = max(longest, time.Since(last))
			case <-ended.Done():
				return
			}
		}
	})
	return func() time.Duration {
		for _, c := range crew {
			<-c.ended
		}
		all()
		watching.Wait()
		return longest.Round(10 * time.Millisecond)
	}
}

// world is what became of a world.
func (m *many) world(what string, pause time.Duration) tally.Count {
	m.Helper()
	before := m.Failed()
	inDoubt := m.judged()
	m.Logf("%s: %d of %d in doubt; the longest pause between two messages was %s", what, inDoubt, m.people, pause)
	c := tally.Count{Done: 1, People: m.people, InDoubt: inDoubt, PauseMS: int(pause.Milliseconds())}
	if m.Failed() && !before {
		c.Twice, c.Lost = m.faults()
	}
	return c
}

// faults counts what judged found.
func (m *many) faults() (twice, lost int) {
	m.Helper()
	known := m.deliveries("")
	for n := range m.people {
		switch got := len(m.log.of(phone(n))); {
		case got > 1:
			twice++
		case got == 0 && known[phone(n)].State != "inDoubt":
			lost++
		}
	}
	return twice, lost
}

// TestManyKilled kills one of three.
func TestManyKilled(t *testing.T) {
	t.Parallel()
	s := sharedServer(t)
	tally.Numbered(t, "many", 1, func(t *testing.T, world int, r *rand.Rand) tally.Count {
		t.Helper()
		m := newMany(t, s, terms{people: 500, throughput: 150}, leaseOf(world, 500))
		crew := m.crew(3, r)
		victim := r.IntN(len(crew))
		crew[victim].kill()
		others := slices.Delete(slices.Clone(crew), victim, victim+1)
		pause := m.pause(others...)
		well, longest := m.ended(others...), pause()
		if !well {
			m.start(m.apply()).want(0, 4)
		}
		result := m.world("one of three killed", longest)
		if run := m.counts(); well && (run.Counts.InDoubt != result.InDoubt || run.Counts.Succeeded+result.InDoubt != m.people) {
			m.Errorf("%d are in doubt, and the run says %+v", result.InDoubt, run.Counts)
		}
		return result
	})
}

// TestManyFrozen freezes one of three for twice its lease, and wakes it.
func TestManyFrozen(t *testing.T) {
	t.Parallel()
	s := sharedServer(t)
	tally.Numbered(t, "frozen", 1, func(t *testing.T, world int, r *rand.Rand) tally.Count {
		t.Helper()
		lease := leaseOf(world, 300)
		m := newMany(t, s, terms{people: 500, throughput: 120}, lease)
		crew := m.crew(3, r)
		frozen := r.IntN(len(crew))
		pause := m.pause(slices.Delete(slices.Clone(crew), frozen, frozen+1)...)
		m.signal(crew[frozen], syscall.SIGSTOP)
		time.Sleep(2 * lease)
		m.signal(crew[frozen], syscall.SIGCONT)
		m.ended(crew...)
		longest := pause()
		m.start(m.apply()).want(0, 4) // what the one that woke did not let out is planned
		return m.world("one of three frozen", longest)
	})
}

// TestManyAndKilledDatabase kills PostgreSQL under three processes, as a loss of power does, and starts it again.
func TestManyAndKilledDatabase(t *testing.T) {
	t.Parallel()
	tally.Numbered(t, "databases", 1, func(t *testing.T, world int, r *rand.Rand) tally.Count {
		t.Helper()
		s := ownServer(t)
		m := newMany(t, s, terms{people: 500, throughput: 120}, leaseOf(world, 200))
		crew := m.crew(3, r)
		pause := m.pause(crew...)
		m.must(s.Down(true))
		time.Sleep(within(r, time.Second))
		m.must(s.Up())
		m.ended(crew...)
		longest := pause()
		m.start(m.apply()).want(0, 4)
		return m.world("PostgreSQL killed", longest)
	})
}

// TestManyWaitForTheDatabase starts PostgreSQL anew under three processes: they wait for it, and the run ends as if nothing had been.
func TestManyWaitForTheDatabase(t *testing.T) {
	t.Parallel()
	s := ownServer(t)
	m := newMany(t, s, terms{people: 400, throughput: 60}, longLease)
	crew := []*child{m.start(m.apply()), m.start(m.apply()), m.start(m.apply())}
	m.await(crew, 40)
	m.must(s.Down(false))
	time.Sleep(2 * time.Second)
	m.must(s.Up())
	for _, c := range crew {
		c.want(0)
	}
	if inDoubt := m.judged(); inDoubt != 0 || m.counts().Counts.Succeeded != m.people {
		t.Errorf("%d are in doubt, and the run says %+v", inDoubt, m.counts().Counts)
	}
}

// TestManyAndPoolerRestarted kills PgBouncer under three processes, again and again, and starts it anew: they wait for it, and the run ends
// as if nothing had been.
func TestManyAndPoolerRestarted(t *testing.T) {
	t.Parallel()
	s := ownServer(t)
	pooled, err := s.PooledURL(database(newWorld(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	m := newMany(t, s, terms{people: 500, throughput: 60, state: pooled}, longLease)
	crew := []*child{m.start(m.apply()), m.start(m.apply()), m.start(m.apply())}
	for n, away := range []time.Duration{0, 2 * time.Second, 300 * time.Millisecond} {
		m.await(crew, 40+120*n)
		m.must(s.DownPooler())
		time.Sleep(away)
		m.must(s.UpPooler())
	}
	for _, c := range crew {
		c.want(0)
	}
	if inDoubt := m.judged(); inDoubt != 0 || m.runs() != 1 || m.counts().Counts.Succeeded != m.people {
		t.Errorf("%d are in doubt, %d runs, and the last says %+v", inDoubt, m.runs(), m.counts().Counts)
	}
}

// TestManyCutOff cuts one of three off from the database for twice its lease. WhatsApp it reaches. Then what was on its way arrives.
func TestManyCutOff(t *testing.T) {
	t.Parallel()
	s := sharedServer(t)
	tally.Numbered(t, "cuts", 1, func(t *testing.T, world int, r *rand.Rand) tally.Count {
		t.Helper()
		lease := leaseOf(world, 100)
		m := newMany(t, s, terms{people: 500, throughput: 120}, lease)
		direct := m.state
		way := m.through(direct)
		far := m.start(m.apply())
		m.state = direct
		crew := append(m.crew(2, r), far)
		pause := m.pause(crew[:2]...)
		way.Cut()
		time.Sleep(2 * lease)
		way.Mend()
		m.ended(crew[:2]...)
		far.want(0, 1, 4, 5)
		longest := pause()
		m.start(m.apply()).want(0, 4)
		return m.world("one of three cut off", longest)
	})
}

// through has the processes that start from now on reach the database through a proxy.
func (m *many) through(address string) *pgtest.Proxy {
	m.Helper()
	way, state, err := pgtest.NewProxy(address)
	m.must(err)
	m.Cleanup(func() { m.must(way.Close()) })
	m.state = state
	return way
}

// TestManyAndPromotedStandby has a standby take over in the middle of a run, without what was committed last. All stop; nothing is sent
// before somebody adopts the ledger, and nothing that may have been sent after.
func TestManyAndPromotedStandby(t *testing.T) {
	t.Parallel()
	tally.Numbered(t, "promoted", 1, func(t *testing.T, world int, r *rand.Rand) tally.Count {
		t.Helper()
		primary := ownServer(t)
		address := newWorld(t, primary)
		m := newMany(t, primary, terms{people: 500, throughput: 150, state: address}, leaseOf(world, 100))
		way := m.through(address)
		standby := m.clone(primary, true)
		crew := m.crew(2, r)
		m.must(standby.Down(false))
		before, _ := m.log.seen()
		m.await(crew, before+1+r.IntN(60)) // which the standby never gets
		m.must(primary.Down(true))
		m.must(standby.Up())
		m.must(standby.Exec("postgres", "SELECT pg_promote(true, 30)"))
		m.must(way.Lead(standby.URL(database(address))))
		for _, c := range crew {
			c.want(5)
		}
		return m.adopted("a standby promoted")
	})
}

// TestManyAndSnapshot puts a copy of the database from the middle of a run in its place, during the run or after it.
func TestManyAndSnapshot(t *testing.T) {
	t.Parallel()
	tally.Numbered(t, "snapshots", 1, func(t *testing.T, world int, r *rand.Rand) tally.Count {
		t.Helper()
		server := ownServer(t)
		address := newWorld(t, server)
		m := newMany(t, server, terms{people: 500, throughput: 150, state: address}, leaseOf(world, 50))
		way := m.through(address)
		crew := m.crew(2, r)
		snapshot := m.clone(server, false)
		during := world%2 == 0
		if during {
			before, _ := m.log.seen()
			m.await(crew, min(before+1+r.IntN(40), m.people-20))
			m.must(way.Lead(snapshot.URL(database(address))))
			if m.ended(crew...) {
				m.Error("no process noticed")
			}
		} else {
			m.ended(crew...)
			m.must(way.Lead(snapshot.URL(database(address))))
		}
		return m.adopted("a snapshot put in its place")
	})
}

// clone is another server on a copy of what one has now: a standby of it, or a backup.
func (m *many) clone(s *pgtest.Server, standby bool) *pgtest.Server {
	m.Helper()
	c, err := s.Clone(func(dir string) error { return s.Backup(dir, standby) })
	m.must(err)
	m.Cleanup(func() { m.must(c.Close()) })
	return c
}

// adopted wants a ledger that went back in time refused, adopts it, and finishes the run.
func (m *many) adopted(what string) tally.Count {
	m.Helper()
	before, _ := m.log.seen()
	refused := m.start(m.apply())
	refused.want(3)
	if said := refused.errs.String(); !strings.Contains(said, "waybill ledger adopt") {
		m.Errorf("the refusal does not say what to do:\n%s", said)
	}
	if after, _ := m.log.seen(); after != before {
		m.Errorf("%d messages were sent by a process that was refused", after-before)
	}
	m.start([]string{"ledger", "adopt"}).want(0)
	m.start(m.apply()).want(0, 4)
	m.start(m.apply()).want(0, 4)
	return m.world(what, 0)
}

// must ends the test by an error.
func (m *many) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// database is the name of the database of an address.
func database(address string) string {
	name, _, _ := strings.Cut(address[strings.LastIndex(address, "/")+1:], "?")
	return name
}

// TestSynchronousStandbyGone takes away the standby that each commit waits for, and ends the waits of some, as an operator does who thinks
// that they hang: such a commit is told as done with a warning, and nobody knows whether it lasts. Nothing is sent on the word of it. The
// standby comes back, and the run goes on.
func TestSynchronousStandbyGone(t *testing.T) {
	t.Parallel()
	primary := ownServer(t)
	m := newMany(t, primary, terms{people: 400, throughput: 100, concurrency: 16}, longLease)
	standby := m.clone(primary, true)
	m.must(primary.Exec("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'"))
	m.must(primary.Exec("postgres", "SELECT pg_reload_conf()"))
	crew := []*child{m.start(m.apply()), m.start(m.apply())}
	m.awaitMessages(crew[0], 100)
	m.must(standby.Down(false))
	time.Sleep(500 * time.Millisecond) // what was granted before may leave
	before, _ := m.log.seen()
	for range 3 {
		m.must(primary.Exec("postgres", "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))
		time.Sleep(500 * time.Millisecond)
	}
	if after, _ := m.log.seen(); after != before {
		t.Errorf("%d messages left without a commit that lasts", after-before)
	}
	m.must(standby.Up())
	for _, c := range crew {
		c.want(0)
	}
	if inDoubt := m.judged(); inDoubt != 0 {
		t.Errorf("%d are in doubt", inDoubt)
	}
}
