//go:build unix

package cli_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"waybill/whatsapp/sandbox"
)

// leftBetweenWaves is a rollout of 200 whose one process was killed while it looked at the first wave, of 20.
func leftBetweenWaves(t *testing.T, faults ...sandbox.Fault) *many {
	t.Helper()
	m := waved(t, 200, "3s")
	for _, f := range faults {
		if _, err := m.box.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	only := m.start(append(m.apply(), "--no-receiver"))
	m.awaitMessages(only, 20)
	looks := m.database()
	eventually(t, "the look at the first wave", func() bool {
		return m.is(looks, `EXISTS (SELECT 1 FROM waybill.rollout WHERE state::json ->> 'since' IS NOT NULL)`)
	}, &only.errs)
	only.kill()
	return m
}

// leaseOver waits until nobody has a lease.
func (m *many) leaseOver() {
	m.Helper()
	looks := m.database()
	eventually(m.T, "the end of the lease", func() bool {
		return m.is(looks, fmt.Sprintf(`NOT EXISTS (SELECT 1 FROM waybill.process WHERE sending AND ended IS NULL
			AND seen > clock_timestamp() - make_interval(secs => %f))`, killLease(m.T).Seconds()))
	})
}

// TestWavesTakenUp has the only process of a rollout die between two waves: whoever is asked goes on, looks at the wave that is out and at
// those after it, and sends everybody one message.
func TestWavesTakenUp(t *testing.T) {
	t.Parallel()
	type world struct {
		later    bool // its lease is over
		commands [][]string
		runs     int
	}
	apply := []string{"apply", "JOB", "--yes", "--no-receiver"}
	for name, w := range map[string]world{
		"by two applies that join it": {commands: [][]string{apply, apply}, runs: 1},
		"by two applies later":        {later: true, commands: [][]string{apply, apply}, runs: 2},
		"by resume":                   {later: true, commands: [][]string{{"resume", "last", "--yes", "--no-receiver"}}, runs: 1},
		"by a worker that joins it":   {commands: [][]string{{"worker", "JOB"}}, runs: 1},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "by two applies that join it" {
				atLength(t)
			}
			t.Parallel()
			m := leftBetweenWaves(t)
			if w.later {
				m.leaseOver()
			}
			pauses := m.watchPauses(2500 * time.Millisecond)
			var crew []*child
			for _, command := range w.commands {
				command = append([]string(nil), command...)
				if len(command) > 1 && command[1] == "JOB" {
					command[1] = m.job
				}
				crew = append(crew, m.start(command))
			}
			eventually(t, "the end of the run", func() bool { return m.counts().Status == "succeeded" }, &crew[0].errs)
			if at := pauses(); len(at) == 0 || at[len(at)-1] > m.people/2 {
				t.Errorf("it paused after %v messages", at)
			}
			for _, c := range crew {
				if c.args[1] == "worker" {
					m.signal(c, syscall.SIGINT)
					c.want(0, 130)
					continue
				}
				c.want(0)
			}
			m.judged()
			if run := m.counts(); m.runs() != w.runs || run.Counts.Total != m.people || run.Counts.Succeeded != m.people {
				t.Errorf("%d runs; the last %s with %+v", m.runs(), run.Status, run.Counts)
			}
		})
	}
}

// TestWavesFailedMeanwhile has messages of the wave fail while nobody lives, or the process die that stopped the rollout for it before it
// could say so: the next apply does not go on with the next wave, and only a person does.
func TestWavesFailedMeanwhile(t *testing.T) {
	t.Parallel()
	ends := func(t *testing.T, m *many) {
		t.Helper()
		apply := append(m.apply(), "--no-receiver")
		for _, c := range []*child{m.start(apply), m.start(apply)} {
			if c.want(5); !strings.Contains(c.out.String()+c.errs.String(), "only a person goes on") {
				t.Errorf("one says\n%s%s", &c.out, &c.errs)
			}
		}
		if got, _ := m.log.seen(); got > 20 {
			t.Errorf("%d messages", got)
		}
		if run := m.counts(); run.Status != "stopped" || run.Counts.Total != m.people {
			t.Errorf("the last run %s (%s) with %+v", run.Status, run.Reason, run.Counts)
		}
		m.start(append(apply, "--next-wave")).want(0, 1)
		m.nobodyTwice()
	}
	t.Run("failed", func(t *testing.T) {
		atLength(t)
		t.Parallel()
		m := leftBetweenWaves(t, sandbox.Fault{Kind: sandbox.FaultFailed, Times: 3})
		env := m.serveEnv()
		env["WHATSAPP_APP_SECRET"], env["WHATSAPP_VERIFY_TOKEN"] = sandbox.DefaultAppSecret, sandbox.DefaultVerifyToken
		m.post.url = startServe(t, env, nil, "--state", m.state).Webhooks
		m.record()
		m.leaseOver()
		eventually(t, "the failures", func() bool { return m.counts().Counts.Undelivered == 3 })
		ends(t, m)
	})
	t.Run("stopped", func(t *testing.T) {
		t.Parallel()
		m := waved(t, 200, "3s")
		if _, err := m.box.AddFault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131026, Status: 400, Times: 3}); err != nil {
			t.Fatal(err)
		}
		only := m.start(append(m.apply(), "--no-receiver"))
		m.awaitMessages(only, 5)
		held, looks := m.database(), m.database()
		hold, err := held.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := hold.Exec(t.Context(), `SELECT 1 FROM waybill.run FOR UPDATE`); err != nil { // nobody says how it ended
			t.Fatal(err)
		}
		eventually(t, "the end of the rollout", func() bool {
			return m.is(looks, `EXISTS (SELECT 1 FROM waybill.rollout WHERE state::json ->> 'stopped' <> '')`)
		}, &only.errs)
		only.kill()
		if err := hold.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		m.leaseOver()
		ends(t, m)
	})
}
