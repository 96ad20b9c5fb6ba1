//go:build unix

package cli_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"waybill/engine/reliability/tally"
	"waybill/engine/report"
)

// staged are the steps of a job that many share: what one of them does alone, before, between and behind what they divide.
const staged = `version: 1
name: proof
connection: { baseUrl: $<WAYBILL_PROOF_URL>, throughput: %d }
defaults: { retry: { attempts: 5, delay: 20ms, maxDelay: 500ms } }
settle: 0s
steps:
  - id: opening
    sendText: { to: "+34611111111", body: "It begins" }
  - id: people
    if: ${{ always() }}
    forEach: { csv: people.csv, key: "${{ item.id }}" }
    steps:
      - id: greet
        sendText: { to: "${{ item.phone }}", body: "Hello ${{ item.id }}, ${{ steps.opening.messageId ?? 'nobody' }}" }
  - id: report
    if: ${{ always() }}
    sendText: { to: "+34622222222", body: "${{ steps.people.succeeded }} of ${{ steps.people.total }}" }
  - id: again
    if: ${{ always() }}
    forEach: { csv: people.csv, key: "${{ item.id }}" }
    steps:
      - id: thank
        sendText: { to: "${{ item.phone }}", body: "Thanks ${{ item.id }}, one of ${{ steps.people.total }}" }
  - id: closing
    if: ${{ always() }}
    sendText: { to: "+34633333333", body: "${{ steps.again.succeeded }}" }
outputs: { greeted: "${{ steps.people.succeeded }}", first: "${{ steps.opening.messageId }}" }
`

// newStaged is a world with the steps of staged.
func newStaged(t *testing.T, w terms) *many {
	t.Helper()
	m := newMany(t, postgresServer(t), w, shortLease)
	m.file(m.job, fmt.Sprintf(staged, w.throughput))
	return m
}

// each wants that every step wrote to whom it was to, once: who has nothing of a step is in doubt. It returns how many are.
func (m *many) each(steps ...string) (inDoubt int) {
	m.Helper()
	var list []report.Delivery
	if err := json.Unmarshal([]byte(m.look(0, "deliveries", "last", "-o", "json")), &list); err != nil {
		m.Fatal(err)
	}
	accepted, known := 0, map[string]bool{}
	for _, d := range list {
		known[d.Step+" "+d.Item] = true
		switch {
		case d.State == "in doubt":
			inDoubt++
		case d.MessageID == "":
			m.Errorf("%s of %s is %q", d.Step, d.Item, d.State)
		default:
			accepted++
		}
	}
	for n := range m.people {
		callbacks := map[string]bool{}
		for _, callback := range m.log.of(phone(n)) {
			if callbacks[callback] {
				m.Errorf("%s got a message twice", phone(n))
			}
			callbacks[callback] = true
		}
		for _, step := range steps {
			if !known[step+" "+person(n)] {
				m.Errorf("%s was not sent to %s", step, person(n))
			}
		}
	}
	if got, _ := m.log.seen(); got < accepted || got > accepted+inDoubt {
		m.Errorf("%d messages; the ledger knows of %d, and %d are in doubt", got, accepted, inDoubt)
	}
	return inDoubt
}

// TestStages has three processes share a job of several stages: what one of them did, all know.
func TestStages(t *testing.T) {
	t.Parallel()
	m := newStaged(t, terms{people: 200, throughput: 100})
	apply := append(m.apply(), "-o", "json")
	crew := []*child{m.start(apply), m.start(apply), m.start(apply)}
	for _, c := range crew {
		c.want(0)
		var run report.Run
		if err := json.Unmarshal(c.out.Bytes(), &run); err != nil {
			t.Fatal(err)
		}
		if run.Outputs["greeted"] != 200.0 || !strings.HasPrefix(fmt.Sprint(run.Outputs["first"]), "wamid.") {
			t.Errorf("one says %v", run.Outputs)
		}
	}
	if inDoubt := m.each("people/greet", "again/thank"); inDoubt > 0 {
		t.Errorf("%d are in doubt", inDoubt)
	}
	run := m.counts()
	if n := m.runs(); n != 1 || run.Status != "succeeded" || run.Counts.Succeeded != 403 || run.Counts.Total != 403 {
		t.Errorf("%d runs; the last %+v", n, run)
	}
	m.start(m.apply()).want(0)
	if got, _ := m.log.seen(); got != 403 {
		t.Errorf("one more apply made it %d messages", got)
	}
}

// TestStagesKilled kills one of three at random moments.
func TestStagesKilled(t *testing.T) {
	t.Parallel()
	tally.Worlds(t, "stages", 2, func(t *testing.T, r *rand.Rand) tally.Count {
		t.Helper()
		m := newStaged(t, terms{people: 150, throughput: 150})
		crew := []*child{m.start(m.apply()), m.start(m.apply()), m.start(m.apply())}
		m.awaitMessages(crew[0], 1+r.IntN(2*m.people))
		victim := r.IntN(len(crew))
		time.Sleep(within(r, 50*time.Millisecond))
		crew[victim].kill()
		for i, c := range crew {
			if i != victim {
				c.want(0, 4)
			}
		}
		inDoubt, run := m.each("people/greet", "again/thank"), m.counts()
		if run.Counts.InDoubt != inDoubt || run.Counts.Succeeded+inDoubt != 2*m.people+3 {
			t.Errorf("%d are in doubt, and the run says %+v", inDoubt, run.Counts)
		}
		t.Logf("process %d of 3 killed: %d of %d in doubt, run %s", victim+1, inDoubt, 2*m.people+3, run.Status)
		return tally.Count{Done: 1, People: m.people, InDoubt: inDoubt}
	})
}
