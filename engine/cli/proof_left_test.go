//go:build unix

package cli_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// stopped has a person stop the run: all of its rows are counted, though one of its processes was there no more to count its own.
func (m *many) stopped(crew ...*child) {
	m.Helper()
	m.start([]string{"stop", "last"}).want(0)
	for _, c := range crew {
		c.want(5)
	}
	run := m.counts()
	for n := range m.people {
		if got := len(m.log.of(phone(n))); got > 1 {
			m.Errorf("%s got %d messages", phone(n), got)
		}
	}
	if sent, _ := m.log.seen(); m.runs() != 1 || run.Status != "stopped" || run.Counts.Total != m.people || run.Counts.NotSent == 0 ||
		run.Counts.Succeeded > sent || run.Counts.Succeeded+run.Counts.InDoubt < sent {
		m.Errorf("%d runs; the last %s (%s) with %d messages and %+v", m.runs(), run.Status, run.Reason, sent, run.Counts)
	}
}

// TestStoppedBesideTheDead has a person stop a run while the lease of a process runs that was killed, or just after one was interrupted:
// those that live count its rows.
func TestStoppedBesideTheDead(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			if sig != syscall.SIGKILL {
				atLength(t)
			}
			t.Parallel()
			m := newMany(t, sharedServer(t), terms{people: 600, throughput: 50}, killLease(t))
			crew := []*child{m.start(m.apply()), m.start(m.apply()), m.start(m.apply())}
			m.awaitMessages(crew[0], 60)
			time.Sleep(time.Second) // for all to have parts
			m.signal(crew[1], sig)
			<-crew[1].ended
			m.stopped(crew[0], crew[2])
			m.start([]string{"resume", "last", "--yes"}).want(0, 4)
			if run := m.counts(); run.Counts.Total != m.people || run.Counts.Succeeded+run.Counts.InDoubt != m.people {
				t.Errorf("resumed, it is %s with %+v", run.Status, run.Counts)
			}
		})
	}
}

// TestWavesStoppedBesideTheDead has a person stop a rollout of which a process was killed: in the middle of a wave, and while one is looked at.
func TestWavesStoppedBesideTheDead(t *testing.T) {
	atLength(t)
	t.Parallel()
	for _, messages := range []int{20, 60} { // the first wave is out; the second is not
		t.Run(fmt.Sprint(messages, " messages"), func(t *testing.T) {
			t.Parallel()
			m := waved(t, 300, "4s")
			apply := append(m.apply(), "--no-receiver")
			crew := []*child{m.start(apply), m.start(apply)}
			m.awaitMessages(crew[0], messages)
			if messages == 20 {
				time.Sleep(time.Second) // it is looked at
			}
			crew[1].kill()
			m.stopped(crew[0])
		})
	}
}
