//go:build unix

package cli_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"waybill/engine/ledger/postgres/pgtest"
	"waybill/engine/reliability/tally"
)

// moving is a ledger that is moved from place to place.
type moving struct {
	*proof
	server *pgtest.Server
	places int
	sent   string // its deliveries, as they were sent
}

// TestCopyKilled kills `ledger copy` at random moments: from files and databases to files and databases, also through PgBouncer. At no
// moment can both be sent from, and the same command brings it to its end.
func TestCopyKilled(t *testing.T) {
	t.Parallel()
	m := &moving{server: sharedServer(t)}
	m.proof = newProof(t, terms{people: 1000, throughput: 1000, concurrency: 64})
	m.start(m.apply()).want(0)
	m.sent = m.look(0, "deliveries", "last", "-o", "csv")
	tally.Worlds(t, "copies", 6, func(t *testing.T, r *rand.Rand) tally.Count {
		t.Helper()
		return m.world(t, r)
	})
}

// world moves the ledger once.
func (m *moving) world(t *testing.T, r *rand.Rand) tally.Count {
	t.Helper()
	m.T = t
	from, to := m.state, m.place(r)
	kills := 0
	for whole := 40 * time.Millisecond; ; whole += 20 * time.Millisecond { // a copy that is quick is killed, too
		c := m.command("ledger", "copy", from, to)
		select {
		case <-c.ended:
		case <-time.After(within(r, whole)):
		}
		if c.kill(); c.exitStatus == 0 {
			break
		}
		if c.exitStatus > 0 {
			t.Fatalf("it ended with status %d\n%s%s", c.exitStatus, &c.out, &c.errs)
		}
		kills++
		one, other := m.usable(from), m.usable(to)
		if one && other {
			t.Fatalf("both %s and %s can be sent from", from, to)
		}
		if other {
			break
		}
	}
	if m.usable(from) || !m.usable(to) {
		t.Fatalf("%s was moved to %s, and the second alone is to be sent from", from, to)
	}
	m.state = to
	if got := m.look(0, "deliveries", "last", "-o", "csv"); got != m.sent {
		t.Errorf("what it knows of the deliveries is another now")
	}
	if got, _ := m.log.seen(); got != m.people {
		t.Errorf("%d messages, want %d", got, m.people)
	}
	t.Logf("%s to %s: killed %d times", from, to, kills)
	return tally.Count{Done: kills, People: m.people, Twice: m.nobodyTwice()}
}

// place is where nothing is.
func (m *moving) place(r *rand.Rand) string {
	m.Helper()
	m.places++
	if r.IntN(3) == 0 {
		return filepath.Join(filepath.Dir(m.job), fmt.Sprintf("moved-%d.db", m.places))
	}
	direct := newWorld(m.T, m.server)
	if r.IntN(2) == 0 {
		return direct
	}
	url, err := m.server.PooledURL(database(direct))
	if err != nil {
		m.Fatal(err)
	}
	return url
}

// command starts a command that names its ledgers itself.
func (m *moving) command(args ...string) *child {
	m.Helper()
	return launch(m.T, append([]string{"waybill"}, args...), filepath.Dir(m.job), m.env)
}

// usable says whether a ledger can be sent from: there is nothing to send, and apply ends well then, or is refused.
func (m *moving) usable(state string) bool {
	m.Helper()
	return m.command("apply", m.job, "--yes", "--existing-ledger", "--state", state).want(0, 3) == 0
}
