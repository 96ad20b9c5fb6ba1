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
