//go:build unix

package cli_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"waybill/engine/reliability/tally"
)

// serveEnv is the environment of a serve inside the test.
func (m *many) serveEnv() map[string]string {
	env := secrets()
	for _, line := range m.env {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	return env
}

// TestServeWaitsForOtherRun has an occurrence come due while apply works at a run of the same job: it waits for that, says so in the log and
// on the dashboard, and then goes on.
func TestServeWaitsForOtherRun(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 300, throughput: 12}, longLease)
	m.edit("steps:", "schedule: { cron: \"30 2 * * *\", timezone: Europe/Madrid, sends: new }\nsettle: 0s\nsteps:")
	other := m.start(append(m.apply(), "--limit", "290"))
	m.awaitMessages(other, 5)
	s := startServeAt(t, m.serveEnv(), "2026-03-29T01:29:58Z", "--state", m.state, m.job)
	s.await("occurrence waits for another sender")
	if logs := s.logs.String(); !strings.Contains(logs, "waybill apply began it") {
		t.Errorf("it does not say for whom:\n%s", logs)
	}
	if _, page := s.get("/schedules"); !strings.Contains(page, "it waits") || !strings.Contains(page, "waybill apply began it") {
		t.Errorf("the dashboard says\n%s", page)
	}
	other.want(0)
	_ = met(func() bool { return strings.Contains(s.logs.String(), "occurrence ended") }) // it looks each half minute
	s.await("occurrence ended")
	if _, page := s.get("/schedules"); strings.Contains(page, "it waits") {
		t.Errorf("it is over, and the dashboard says\n%s", page)
	}
	served := 0
	for _, run := range runsOf(t, m.state) {
		if run.Mode == "serve" && run.Status == "succeeded" {
			served++
		}
	}
	if got, _ := m.log.seen(); served != 1 || got != m.people {
		t.Errorf("%d runs of serve, and %d messages, want %d", served, got, m.people)
	}
	m.nobodyTwice()
}

// TestServeKilled kills one of two copies of serve in the middle of an occurrence: the other finishes it, nobody is lost and nobody gets it
// twice.
func TestServeKilled(t *testing.T) {
	t.Parallel()
	tally.Worlds(t, "serves", 1, func(t *testing.T, r *rand.Rand) tally.Count {
		t.Helper()
		m := newMany(t, sharedServer(t), terms{people: 400, throughput: 50}, killLease(t))
		at := time.Now().UTC().Add(15 * time.Second).Truncate(time.Minute).Add(time.Minute) // both stand by then
		m.edit("steps:", fmt.Sprintf("schedule: { cron: \"%d %d * * *\", timezone: UTC, sends: new }\nsettle: 0s\nsteps:", at.Minute(), at.Hour()))
		m.env = append(m.env, "WHATSAPP_APP_SECRET=the-app-secret", "WHATSAPP_VERIFY_TOKEN=the-verify-token")
		serve := []string{"serve", "--listen", "127.0.0.1:0", "--state", m.state, m.job}
		copies := []*child{m.start(serve), m.start(serve)}
		<-time.After(time.Until(at))
		eventually(t, "the occurrence", func() bool { n, _ := m.log.seen(); return n > 0 }, &copies[0].errs, &copies[1].errs)
		m.awaitMessages(copies[0], 10+r.IntN(m.people-50))
		victim := r.IntN(2)
		copies[victim].kill()
		lives := copies[1-victim]
		eventually(t, "the end of the occurrence", func() bool { return strings.Contains(lives.errs.String(), "occurrence ended") }, &lives.errs)
		inDoubt, run := m.judged(), m.counts()
		if m.runs() != 1 || run.Mode != "serve" || run.Counts.Total != m.people || run.Counts.InDoubt != inDoubt || run.Counts.Succeeded+inDoubt != m.people {
			t.Errorf("%d runs, %d in doubt; the last %+v", m.runs(), inDoubt, run)
		}
		t.Logf("copy %d of 2 killed: run %s, %d in doubt", victim+1, run.Status, inDoubt)
		return tally.Count{Done: 1, People: m.people, InDoubt: inDoubt}
	})
}
