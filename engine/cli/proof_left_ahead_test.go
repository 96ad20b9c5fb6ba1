//go:build unix

package cli_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestStoppedBehindTheDead has a person stop a rollout of which the one process that had come to the second wave was killed, before the other
// heard that it began: that one counts the rows of a wave that it was never at.
func TestStoppedBehindTheDead(t *testing.T) {
	t.Parallel()
	m := waved(t, 200, "3s")
	apply := append(m.apply(), "--no-receiver")
	ahead, behind := m.start(apply), m.start(apply)
	looks := func(c *child) bool { return strings.Contains(c.errs.String(), "is looked at until") }
	eventually(t, "the first wave to be looked at", func() bool { return looks(ahead) || looks(behind) })
	if looks(behind) {
		ahead, behind = behind, ahead
	}
	release := m.deafen(behind)
	m.awaitMessages(ahead, 25)
	ahead.kill()
	time.AfterFunc(2*time.Second, release) // the order is heard by then
	m.stopped(behind)
}

// deafen keeps a process from hearing how the stage stands that it has come to; orders it hears.
func (m *many) deafen(c *child) (release func()) {
	m.Helper()
	tx, err := m.database().Begin(m.Context())
	if err == nil {
		_, err = tx.Exec(m.Context(), `SELECT 1 FROM waybill.run_process o JOIN waybill.process p ON p.id = o.process
			WHERE p.holder LIKE $1 FOR UPDATE OF o`, fmt.Sprintf("%%pid %d %%", c.cmd.Process.Pid))
	}
	if err != nil {
		m.Fatal(err)
	}
	return func() { _ = tx.Rollback(m.Context()) }
}

// TestLimitStopped has a person stop a run of the first rows: the rows beyond are none of its own, in either ledger.
func TestLimitStopped(t *testing.T) {
	t.Parallel()
	stopped := func(m *many, processes int) {
		t.Helper()
		var crew []*child
		for range processes {
			crew = append(crew, m.start(append(m.apply(), "--limit", "100")))
		}
		m.awaitMessages(crew[0], 30)
		m.start([]string{"stop", "last"}).want(0)
		for _, c := range crew {
			c.want(5)
		}
		if run := m.counts(); run.Status != "stopped" || run.Counts.Total != 100 || run.Counts.NotSent == 0 {
			t.Errorf("of %d processes, the run is %s (%s) with %+v", processes, run.Status, run.Reason, run.Counts)
		}
	}
	stopped(newMany(t, nil, terms{people: 300, throughput: 25, state: stateIn(t, t.TempDir())}, longLease), 1)
	stopped(newMany(t, sharedServer(t), terms{people: 300, throughput: 25}, longLease), 2)
}
