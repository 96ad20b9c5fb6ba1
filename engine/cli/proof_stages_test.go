//go:build unix

package cli_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"waybill/engine/reliability/tally"
	"waybill/engine/report"
	"waybill/whatsapp/sandbox"
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
    sendText: { to: "+34633333333", body: "${{ steps.again.succeeded ?? 'nobody' }}" }
outputs: { greeted: "${{ steps.people.succeeded }}", first: "${{ steps.opening.messageId }}" }
`

// killLease is how long a process may be silent where one is killed: those that live are to be heard also on a machine that is busy.
func killLease(t *testing.T) time.Duration {
	t.Helper()
	return time.Duration(number(t, "WAYBILL_LEASE_SECONDS", 5)) * time.Second
}

// newStaged is a world with the steps of staged.
func newStaged(t *testing.T, w terms) *many {
	t.Helper()
	m := newMany(t, sharedServer(t), w, killLease(t))
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
	tally.Worlds(t, "stages", 1, func(t *testing.T, r *rand.Rand) tally.Count {
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

// TestLimitTogether has processes share the first rows of a file, of those that `where` leaves in.
func TestLimitTogether(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 500, throughput: 25}, longLease)
	m.edit("csv: people.csv", `csv: people.csv, where: "${{ !(item.id endsWith '7-') }}"`)
	apply := append(m.apply(), "--limit", "250")
	helper := m.start([]string{"worker", m.job})
	first := m.start(apply)
	m.awaitMessages(first, 10)
	for _, c := range []*child{first, m.start(apply)} {
		c.want(0)
	}
	m.signal(helper, syscall.SIGINT)
	helper.want(0, 130) // it may be looking still how the run ends
	met := 0
	for n := range m.people {
		want := 0
		if n%10 != 7 && met < 250 {
			want, met = 1, met+1
		}
		if got := len(m.log.of(phone(n))); got != want {
			t.Errorf("row %d got %d messages, want %d", n, got, want)
		}
	}
	if run := m.counts(); m.runs() != 1 || run.Status != "succeeded" || run.Counts.Succeeded != 250 || len(run.Processes) != 3 {
		t.Errorf("%d runs; the last %+v", m.runs(), run)
	}
}

// edit changes the job.
func (m *many) edit(was, is string) {
	m.Helper()
	text, err := os.ReadFile(m.job)
	if err != nil || !strings.Contains(string(text), was) {
		m.Fatalf("the job has no %q: %v", was, err)
	}
	m.file(m.job, strings.Replace(string(text), was, is, 1))
}

// TestPlanTogether has processes apply one saved plan. Who comes when it is applied has a stale one.
func TestPlanTogether(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 500, throughput: 50}, longLease)
	plan := filepath.Join(filepath.Dir(m.job), "proof.plan")
	m.start([]string{"plan", m.job, "--out", plan}).want(0)
	apply := func() *child {
		return launch(t, []string{"waybill", "apply", plan, "--yes"}, filepath.Dir(m.job), m.env)
	}
	first := apply()
	m.awaitMessages(first, 20)
	if other := m.start(m.apply()); other.want(3) == 3 && !strings.Contains(other.errs.String(), "saved plan") {
		t.Errorf("beside a plan, apply says\n%s", &other.errs)
	}
	for _, c := range []*child{first, apply(), apply()} {
		c.want(0)
	}
	if got := m.judged(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	if run := m.counts(); m.runs() != 1 || run.Status != "succeeded" || run.Counts.Succeeded != 500 || len(run.Processes) != 3 {
		t.Errorf("%d runs; the last %+v", m.runs(), run)
	}
	if late := apply(); late.want(3) == 3 && !strings.Contains(late.errs.String(), "is stale") {
		t.Errorf("applied once more, it says\n%s", &late.errs)
	}
}

// TestAgainTogether has processes send once more what changed, one of which is killed.
func TestAgainTogether(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 150, throughput: 100}, shortLease)
	m.start(m.apply()).want(0)
	m.edit("Hello", "Good morning")
	apply := append(m.apply(), "--changed", "--again")
	crew := []*child{m.start(apply), m.start(apply), m.start(apply)}
	m.awaitMessages(crew[0], 150+40)
	crew[1].kill()
	crew[0].want(0, 4)
	crew[2].want(0, 4)
	run := m.counts()
	for n := range m.people {
		if got := len(m.log.of(phone(n))); got > 2 || got < 2 && run.Counts.InDoubt == 0 {
			t.Errorf("%s got %d messages", phone(n), got)
		}
	}
	if got, _ := m.log.seen(); got < 2*m.people-run.Counts.InDoubt || run.Counts.Succeeded+run.Counts.InDoubt != m.people {
		t.Errorf("%d messages, and the run says %+v", got, run.Counts)
	}
}

// waved makes the people of a world be messaged in waves.
func waved(t *testing.T, people int, observe string) *many {
	t.Helper()
	m := newMany(t, sharedServer(t), terms{people: people, throughput: 150}, killLease(t))
	m.edit("csv: people.csv", "rollout: { waves: [20, 50%, 100%], observe: "+observe+", stopIf: { failed: 3 } }, csv: people.csv")
	return m
}

// TestWavesKilled has three processes do a rollout, and kills one at a random moment: no wave begins before the one before it was looked at.
func TestWavesKilled(t *testing.T) {
	t.Parallel()
	tally.Worlds(t, "waves", 1, func(t *testing.T, r *rand.Rand) tally.Count {
		t.Helper()
		m := waved(t, 200, "3s")
		apply := append(m.apply(), "--no-receiver")
		crew := []*child{m.start(apply), m.start(apply), m.start(apply)}
		pauses := m.watchPauses(2500 * time.Millisecond)
		m.awaitMessages(crew[0], 1+r.IntN(m.people-1))
		victim := r.IntN(len(crew))
		time.Sleep(within(r, 500*time.Millisecond))
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
		at := pauses()
		if len(at) < 2 || at[0] > 20 || at[1] > m.people/2 {
			t.Errorf("it paused after %v messages", at)
		}
		t.Logf("process %d of 3 killed: %d of %d in doubt, run %s, pauses after %v messages", victim+1, inDoubt, m.people, run.Status, at)
		return tally.Count{Done: 1, People: m.people, InDoubt: inDoubt}
	})
}

// watchPauses watches, until seen is called or everybody has a message, after how many messages none came for so long.
func (m *many) watchPauses(long time.Duration) (seen func() []int) {
	ended, pauses := make(chan struct{}), make(chan []int, 1)
	end := sync.OnceFunc(func() { close(ended) })
	m.Cleanup(end)
	go func() { pauses <- m.pauses(long, ended) }()
	return func() []int {
		end()
		return <-pauses
	}
}

func (m *many) pauses(long time.Duration, ended <-chan struct{}) (after []int) {
	for last, waited := -1, time.Duration(0); ; {
		n, next := m.log.seen()
		if n >= m.people {
			return after
		}
		began := time.Now()
		select {
		case <-ended:
			return after
		case <-next:
			waited = 0
		case <-time.After(time.Second):
			waited += time.Since(began)
		}
		if n > 0 && n != last && waited >= long {
			after, last = append(after, n), n
		}
	}
}

// TestWavesStopped has a wave fail: all processes end with it, and only a person goes on, for all.
func TestWavesStopped(t *testing.T) {
	t.Parallel()
	m := waved(t, 120, "1s")
	if _, err := m.box.AddFault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131026, Status: 400, Times: 3}); err != nil {
		t.Fatal(err)
	}
	apply := append(m.apply(), "--no-receiver")
	for _, c := range []*child{m.start(apply), m.start(apply)} {
		if c.want(5); !strings.Contains(c.out.String(), "only a person goes on") {
			t.Errorf("one says\n%s%s", &c.out, &c.errs)
		}
	}
	run := m.counts()
	if n := m.runs(); n != 1 || run.Status != "stopped" || run.Counts.Failed != 3 || run.Counts.Total != m.people || run.Counts.NotSent < m.people-20 {
		t.Errorf("%d runs; the last %+v", n, run)
	}
	m.start(apply).want(5)
	for _, c := range []*child{m.start(append(apply, "--next-wave")), m.start(append(apply, "--next-wave"))} {
		c.want(1)
	}
	if run := m.counts(); run.Status != "failed" || run.Counts.Succeeded != m.people-3 || run.Counts.Total != m.people {
		t.Errorf("the last run %+v", run)
	}
	m.nobodyTwice()
}

// TestOneAlone tells a second process why it cannot help, where all of a job is what one process does.
func TestOneAlone(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 200, throughput: 25}, longLease)
	text, err := os.ReadFile(m.job)
	if err != nil {
		t.Fatal(err)
	}
	head, steps, _ := strings.Cut(string(text), "steps:\n")
	m.file(m.job, head+"steps:\n  - id: group\n    steps:\n"+regexp.MustCompile(`(?m)^ `).ReplaceAllString(steps, "     "))
	first := m.start(m.apply())
	m.awaitMessages(first, 10)
	other := m.start(m.apply())
	if other.want(1); !strings.Contains(other.errs.String(), "one process alone works at such a run: step group is no forEach") {
		t.Errorf("it says\n%s", &other.errs)
	}
	m.signal(first, syscall.SIGINT)
	first.want(130)
}

// TestOneAloneResumes tells who comes second to a run that is one process's for how it was begun, or for what is asked: run, and resolve with
// --resend.
func TestOneAloneResumes(t *testing.T) {
	t.Parallel()
	t.Run("run", func(t *testing.T) {
		t.Parallel()
		m := newMany(t, sharedServer(t), terms{people: 200, throughput: 25}, longLease)
		first := m.start([]string{"run", m.job, "--yes"}) // a test with --test-to is one, too
		m.awaitMessages(first, 10)
		m.signal(first, syscall.SIGINT)
		first.want(130)
		resume := []string{"resume", "last", "--yes"}
		second := m.start(resume)
		m.awaitMessages(second, 40)
		other := m.start(resume)
		if other.want(1); !strings.Contains(other.errs.String(), "one process alone works at such a run: waybill run makes a run of its own each time; apply is shared") {
			t.Errorf("it says\n%s", &other.errs)
		}
		m.signal(second, syscall.SIGINT)
		second.want(130)
	})
	t.Run("resolve --resend", func(t *testing.T) {
		t.Parallel()
		m := newMany(t, sharedServer(t), terms{people: 200, throughput: 25}, longLease)
		if _, err := m.box.AddFault(sandbox.Fault{Kind: sandbox.FaultLost, Times: 1}); err != nil {
			t.Fatal(err)
		}
		m.start(append(m.apply(), "--limit", "1")).want(4)
		run := m.counts().Run
		others := m.start(m.apply())
		m.awaitMessages(others, 10)
		late := m.start([]string{"resolve", run, "--resend", "--yes"})
		if late.want(1); !strings.Contains(late.errs.String(), "one process alone works at such a run: it sends again what is in doubt, which are few; apply when it is done") {
			t.Errorf("it says\n%s", &late.errs)
		}
		others.want(4)
		m.start([]string{"resolve", run, "--resend", "--yes"}).want(0)
		if got, _ := m.log.seen(); got != m.people+1 || len(m.log.of(phone(0))) != 2 {
			t.Errorf("%d messages; the one in doubt got %d", got, len(m.log.of(phone(0))))
		}
	})
}

// TestServesShare has two copies of serve do an occurrence together, which one of them began.
func TestServesShare(t *testing.T) {
	t.Parallel()
	m := newMany(t, sharedServer(t), terms{people: 400, throughput: 50}, longLease)
	m.edit("steps:", "schedule: { cron: \"30 2 * * *\", timezone: Europe/Madrid, sends: new }\nsettle: 1s\nsteps:")
	env := secrets()
	for _, line := range m.env {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	copies := []*serving{
		startServeAt(t, env, "2026-03-29T01:29:50Z", "--state", m.state, m.job),
		startServeAt(t, env, "2026-03-29T01:29:50Z", "--state", m.state, m.job),
	}
	for _, s := range copies {
		eventually(t, "the end of the occurrence", func() bool { return strings.Contains(s.logs.String(), "occurrence ended") })
		if logs := s.logs.String(); !strings.Contains(logs, "run started") || !strings.Contains(logs, "total=400") {
			t.Errorf("one says\n%s", logs)
		}
		if s.metric(`waybill_attempts_total{code="0",result="accepted"}`) == "0" {
			t.Error("one sent nothing")
		}
	}
	m.judged()
	run := m.counts()
	if m.runs() != 1 || run.Mode != "serve" || run.Status != "succeeded" || run.Counts.Succeeded != m.people {
		t.Errorf("%d runs; the last %+v", m.runs(), run)
	}
}

// TestStagesInterrupted has all processes of a run interrupted, and one that goes on with it.
func TestStagesInterrupted(t *testing.T) {
	t.Parallel()
	m := newStaged(t, terms{people: 150, throughput: 60})
	crew := []*child{m.start(m.apply()), m.start(m.apply())}
	m.awaitMessages(crew[0], 200) // in the second forEach
	for _, c := range crew {
		m.signal(c, syscall.SIGINT)
	}
	for _, c := range crew {
		c.want(130)
	}
	if run := m.counts(); run.Status != "interrupted" {
		t.Errorf("it is %s", run.Status)
	}
	m.start([]string{"resume", "last", "--yes"}).want(0)
	if inDoubt, run := m.each("people/greet", "again/thank"), m.counts(); inDoubt > 0 || run.Status != "succeeded" || run.Counts.Succeeded != 2*m.people+3 {
		t.Errorf("%d are in doubt; the run %+v", inDoubt, run)
	}
	if got, _ := m.log.seen(); got != 2*m.people+3 {
		t.Errorf("%d messages", got)
	}
}

// TestStopAfterKilled kills one of two processes whose items failed: who takes its parts decides these anew, and they count once. So a run
// in which fewer fail than stopAfter says is not stopped.
func TestStopAfterKilled(t *testing.T) {
	t.Parallel()
	const bad = 60
	m := newMany(t, sharedServer(t), terms{people: 400, throughput: 50}, killLease(t))
	m.edit(`forEach: { csv`, fmt.Sprintf(`forEach: { stopAfter: %d, csv`, bad+10))
	m.edit(`to: "${{ item.phone }}"`, fmt.Sprintf(`to: "${{ item.phone < '+%s' ? 'nobody' : item.phone }}"`, phone(bad)))
	crew := []*child{m.start(m.apply()), m.start(m.apply())}
	m.awaitMessages(crew[0], 100)       // the bad rows come first: both met theirs
	time.Sleep(1500 * time.Millisecond) // for both to have told it
	crew[1].kill()
	if crew[0].want(0, 1, 4, 5) == 5 {
		t.Errorf("it was stopped\n%s", &crew[0].errs)
	}
	if run := m.counts(); m.runs() != 1 || run.Counts.Total != m.people || run.Counts.Failed != bad || run.Counts.NotSent != 0 {
		t.Errorf("%d runs; the last %s (%s) %+v", m.runs(), run.Status, run.Reason, run.Counts)
	}
	m.nobodyTwice()
}

// TestStagesStopped has stopAfter end a forEach for all processes: what asks for always() still follows, once.
func TestStagesStopped(t *testing.T) {
	t.Parallel()
	m := newStaged(t, terms{people: 300, throughput: 60})
	m.edit(`forEach: { csv`, `forEach: { stopAfter: 30, csv`)
	m.edit(`to: "${{ item.phone }}"`, `to: "${{ item.phone endsWith '3' || item.phone endsWith '7' ? 'nobody' : item.phone }}"`)
	m.edit("  - id: again\n    if: ${{ always() }}\n", "  - id: again\n") // it does not follow
	apply, saw := append(m.apply(), "-o", "json"), 0
	for _, c := range []*child{m.start(apply), m.start(apply)} {
		c.want(5)
		var run report.Run
		if err := json.Unmarshal(c.out.Bytes(), &run); err != nil {
			t.Fatal(err)
		}
		if run.Steps["again"] == nil {
			continue // it was told that the run is over, before it saw what came then
		}
		saw++
		if failed, _ := run.Steps["people"]["failed"].(float64); failed < 30 || failed > 60 || run.Steps["again"]["skipped"] != true {
			t.Errorf("one says %v\n%s", run.Steps, &c.errs)
		}
	}
	if saw == 0 {
		t.Error("nobody came to the end")
	}
	run := m.counts()
	if run.Status != "stopped" || !strings.Contains(run.Reason, "stopAfter") {
		t.Errorf("it ended as %s (%s)", run.Status, run.Reason)
	}
	for _, number := range []string{"34611111111", "34622222222", "34633333333"} {
		if got := len(m.log.of(number)); got != 1 {
			t.Errorf("%s got %d messages", number, got)
		}
	}
}
