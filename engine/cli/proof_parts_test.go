//go:build unix

package cli_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waybill/engine/reliability/tally"
	"waybill/engine/report"
)

// mixed is a world of which every third row is left out by `where`, and every tenth of the others cannot be sent.
func mixed(t *testing.T, w terms) (m *many, skipped, invalid int) {
	t.Helper()
	m = newMany(t, sharedServer(t), w, killLease(t))
	var list strings.Builder
	list.WriteString("id,phone,group\n")
	for n := range w.people {
		to, group := "+"+phone(n), "in"
		switch {
		case n%3 == 0:
			group = "out"
			skipped++
		case n%10 == 1:
			to = "nobody"
			invalid++
		}
		fmt.Fprintf(&list, "%s,%s,%s\n", person(n), to, group)
	}
	m.file(filepath.Join(filepath.Dir(m.job), "people.csv"), list.String())
	m.edit("csv: people.csv", `where: "${{ item.group == 'in' }}", csv: people.csv`)
	return m, skipped, invalid
}

// wantWhole wants the run to count every row of its file once, whoever says so.
func (m *many) wantWhole(skipped, invalid int) report.RunLine {
	m.Helper()
	run := m.counts()
	c := run.Counts
	if c.Total != m.people || c.Skipped != skipped || c.Invalid != invalid || c.Succeeded+c.InDoubt != m.people-skipped-invalid {
		m.Errorf("of %d rows %d are left out and %d invalid, and the run says %+v", m.people, skipped, invalid, c)
	}
	var list []report.RunLine
	if err := json.Unmarshal([]byte(m.look(0, "runs", "-o", "json")), &list); err != nil || len(list) == 0 || list[0].Counts != c {
		m.Errorf("runs says %+v, %v", list, err)
	}
	return run
}

// TestRowsKilled kills one of three processes at a random moment: each row is counted once, also those that became no request.
func TestRowsKilled(t *testing.T) {
	t.Parallel()
	tally.Worlds(t, "rows", 1, func(t *testing.T, r *rand.Rand) tally.Count {
		t.Helper()
		m, skipped, invalid := mixed(t, terms{people: 900, throughput: 100})
		first := m.start(m.apply())
		m.awaitMessages(first, 20)
		crew := []*child{first, m.start(m.apply()), m.start(m.apply())}
		m.awaitMessages(first, 40+r.IntN(m.people/2))
		victim := r.IntN(len(crew))
		time.Sleep(within(r, 500*time.Millisecond))
		crew[victim].kill()
		for i, c := range crew {
			if i != victim {
				c.want(1, 4)
			}
		}
		run := m.wantWhole(skipped, invalid)
		m.nobodyTwice()
		t.Logf("process %d of 3 killed: run %s %+v", victim+1, run.Status, run.Counts)
		m.start(m.apply()).want(1, 4) // what was decided, it meets
		m.wantWhole(skipped, invalid)
		return tally.Count{Done: 1, People: m.people, InDoubt: run.Counts.InDoubt}
	})
}

// TestRowsMetKilled has a run whose first half an earlier run sent, and kills a process of it: what it met counts.
func TestRowsMetKilled(t *testing.T) {
	t.Parallel()
	m, skipped, invalid := mixed(t, terms{people: 900, throughput: 100})
	m.start(append(m.apply(), "--limit", "300")).want(1)
	first := m.start(m.apply())
	m.awaitMessages(first, 300)
	crew := []*child{first, m.start(m.apply()), m.start(m.apply())}
	m.awaitMessages(first, 400)
	crew[0].kill()
	crew[1].want(1, 4)
	crew[2].want(1, 4)
	m.wantWhole(skipped, invalid)
	m.nobodyTwice()
}

// TestInnerItems has processes share items that have items of their own: those of an item are done by whoever has it.
func TestInnerItems(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 60, throughput: 60}, longLease)
	text := `version: 1
name: proof
connection: { baseUrl: $<WAYBILL_PROOF_URL>, throughput: 60 }
steps:
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}" }
    steps:
      - id: lines
        forEach: { items: [one, two, three], as: line, key: "${{ line }}" }
        steps:
          - id: greet
            sendText: { to: "${{ item.phone }}", body: "Hello ${{ item.id }}, ${{ line }}" }
`
	m.file(m.job, text)
	crew := []*child{m.start(append(m.apply(), "-o", "json")), m.start(append(m.apply(), "-o", "json"))}
	for _, c := range crew {
		c.want(0)
		var run report.Run
		if err := json.Unmarshal(c.out.Bytes(), &run); err != nil {
			t.Fatal(err)
		}
		if run.Steps["people"]["total"] != float64(m.people) || run.Steps["people"]["succeeded"] != float64(m.people) {
			t.Errorf("one says %v", run.Steps)
		}
	}
	for n := range m.people {
		if got := len(m.log.of(phone(n))); got != 3 {
			t.Errorf("%s got %d messages, want 3", phone(n), got)
		}
	}
	if run := m.counts(); run.Counts.Total != 3*m.people || run.Counts.Succeeded != 3*m.people {
		t.Errorf("the run says %+v", run.Counts)
	}
}
