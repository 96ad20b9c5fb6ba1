package cli_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waybill/engine/ledger"
	"waybill/whatsapp/sandbox"
)

// heldClock stands still until Run, so that a slow start misses nothing, and goes as any other clock from then on.
type heldClock struct {
	start time.Time
	began atomic.Pointer[time.Time]
}

func clockFrom(t *testing.T, at string) *heldClock {
	t.Helper()
	start, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	return &heldClock{start: start}
}

func (c *heldClock) Now() time.Time {
	if began := c.began.Load(); began != nil {
		return c.start.Add(time.Since(*began))
	}
	return c.start
}

func (c *heldClock) Run() {
	now := time.Now()
	c.began.Store(&now)
}

// startServeAt starts serve at a time of day.
func startServeAt(t *testing.T, env map[string]string, at string, args ...string) *serving {
	t.Helper()
	clock := clockFrom(t, at)
	s := startServe(t, env, clock.Now, args...)
	clock.Run()
	return s
}

const scheduled = `version: 1
name: reminders
schedule: { cron: "30 2 * * *", timezone: Europe/Madrid, sends: everyone }
steps:
  - id: people
    forEach: { items: ["+34612345678", "+34612345679"], key: "${{ item }}" }
    sendText: { to: "${{ item }}", body: Hello }
`

type runLine struct{ Run, Job, Mode, Scope, Status string }

func runsOf(t *testing.T, state string) []runLine {
	t.Helper()
	status, out, errs := call(t, nil, "runs", "--state", state, "-o", "json")
	if status != 0 {
		t.Fatalf("runs ended with %d: %s", status, errs)
	}
	var list []runLine
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// On the night in which 02:30 does not come, the job runs at 03:30 summer time, once; started again, serve knows that.
func TestServeRunsOnSchedule(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	job := writeFile(t, filepath.Join(dir, "reminders.yaml"), scheduled)
	state := filepath.Join(dir, ".waybill", "sandbox.db")
	s := startServeAt(t, nil, "2026-03-29T01:29:58Z", "--sandbox", job)
	if len(s.Schedules) != 1 || s.Schedules[0].Next != "Sun 2026-03-29 03:30 CEST" {
		t.Errorf("the card says %+v", s.Schedules)
	}
	s.await("run ended")
	for _, words := range []string{"status=succeeded", "total=2", "scope=schedule/2026-03-29T02:30[Europe/Madrid]"} {
		if !strings.Contains(s.logs.String(), words) {
			t.Errorf("the log does not say %q", words)
		}
	}
	if _, page := s.get("/schedules"); !strings.Contains(page, "Mon 2026-03-30 02:30 CEST") || !strings.Contains(page, "/runs/") {
		t.Errorf("the dashboard does not show when it runs next, or its last run:\n%s", page)
	}
	if got := s.metric(`waybill_schedule_occurrences_total{job="reminders",result="began"}`); got != "1" {
		t.Errorf("%s occurrences began", got)
	}
	if got := s.metric(`waybill_attempts_total{code="0",result="accepted"}`); got != "2" {
		t.Errorf("%s requests were accepted", got)
	}
	s.stop()

	again := startServeAt(t, nil, "2026-03-30T00:29:59Z", "--sandbox", job)
	again.await("run ended") // that of the next day, and none before it
	again.stop()
	list := runsOf(t, state)
	if len(list) != 2 || list[0].Mode != "serve" || list[0].Status != "succeeded" || list[0].Scope != "schedule/2026-03-30T02:30[Europe/Madrid]" {
		t.Errorf("the ledger has the runs %+v, want one a day", list)
	}
	if text := s.logs.String(); strings.Contains(text, "34612345678") {
		t.Errorf("a phone number is in the log:\n%s", text)
	}
}

// Two jobs that are due at the same time run one after the other, at once.
func TestServeRunsJobsOfOneTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := []string{"--sandbox"}
	for _, name := range []string{"one", "two", "three"} {
		args = append(args, writeFile(t, filepath.Join(dir, name+".yaml"), strings.Replace(scheduled, "name: reminders", "name: "+name, 1)))
	}
	s := startServeAt(t, nil, "2026-06-01T00:29:58Z", args...)
	eventually(t, "three runs", func() bool { return strings.Count(s.logs.String(), "status=succeeded") >= 3 }, s.logs)
}

// While another process sends, an occurrence waits and says so; nothing goes out. Interrupted, it is taken up later.
func TestServeWaitsForAnotherSender(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	box, url := newBox(t, sandbox.Options{})
	job := writeFile(t, filepath.Join(dir, "reminders.yaml"), scheduled+"connection: { baseUrl: $<URL> }\n")
	state := filepath.Join(dir, ".waybill", "ledger.db")
	l, err := ledger.Open(state, ledger.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	release, err := l.Lock(t.Context(), "waybill apply")
	if err != nil {
		t.Fatal(err)
	}
	s := startServeAt(t, boxEnv(url), "2026-06-01T00:29:58Z", job)
	s.await("occurrence waits for another sender")
	if got := s.call([]byte(`{"object":"x","entry":[]}`)); got != 200 {
		t.Errorf("beside a sender a webhook was answered %d", got)
	}
	s.stop()
	if n := box.State().Accepted; n != 0 {
		t.Errorf("%d messages went out beside another sender", n)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if list := runsOf(t, state); len(list) != 0 {
		t.Errorf("runs were begun: %+v", list)
	}
}

// A broken new version keeps the old one in force, and says so in the log and on the dashboard; the next good one counts.
func TestServeReadsJobsAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	job := writeFile(t, filepath.Join(dir, "reminders.yaml"), scheduled)
	s := startServeAt(t, nil, "2026-06-01T10:00:00Z", "--sandbox", job)
	writeFile(t, job, strings.Replace(scheduled, "sendText", "sendTxt", 1))
	s.await("the version before stays in force")
	s.await("did you mean sendText")
	if _, page := s.get("/schedules"); !strings.Contains(page, "older version") || !strings.Contains(page, "02:30") {
		t.Errorf("the dashboard does not say that the file is wrong:\n%s", page)
	}
	if _, page := s.get("/metrics"); !strings.Contains(page, "\nwaybill_job_files_broken 1\n") {
		t.Errorf("the metrics do not say that a file is wrong:\n%s", page)
	}
	writeFile(t, job, strings.Replace(scheduled, "30 2", "45 7", 1))
	s.await("job file read again")
	if _, page := s.get("/schedules"); strings.Contains(page, "older version") || !strings.Contains(page, "07:45") {
		t.Errorf("the dashboard does not show the new version:\n%s", page)
	}
	if _, page := s.get("/metrics"); !strings.Contains(page, "\nwaybill_job_files_broken 0\n") {
		t.Errorf("the metrics say that a file is wrong:\n%s", page)
	}
}

// A file that is wrong when serve starts keeps the others from nothing; the log and the dashboard say so, and mended it runs, too.
func TestServeStartsWithoutWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	job := writeFile(t, filepath.Join(dir, "reminders.yaml"), scheduled)
	other := strings.NewReplacer("30 2", "45 7", "name: ", "name: other-").Replace(scheduled)
	wrong := writeFile(t, filepath.Join(dir, "other.yaml"), strings.Replace(other, "sendText", "sendTxt", 1))
	s := startServeAt(t, nil, "2026-06-01T10:00:00Z", "--sandbox", job, wrong)
	s.await("none of its jobs runs until it is mended")
	s.await("did you mean sendText")
	if _, page := s.get("/schedules"); !strings.Contains(page, "none of its jobs runs until the file is mended") || !strings.Contains(page, "02:30") {
		t.Errorf("the dashboard does not show the one, or what is wrong with the other:\n%s", page)
	}
	writeFile(t, wrong, other)
	s.await("job file read again")
	if _, page := s.get("/schedules"); strings.Contains(page, "is mended") || !strings.Contains(page, "07:45") {
		t.Errorf("the dashboard does not show what was mended:\n%s", page)
	}
}

// The dashboard gives a run's deliveries as the table that the command line prints, and shows what was sent to a person.
func TestServeGivesTables(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "people.csv"), "id,phone\n1,+34600000001\n2,N/A\n")
	job := writeFile(t, filepath.Join(dir, "job.yaml"), `version: 1
name: tables
steps:
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}" }
    steps:
      - id: hello
        sendText: { to: "${{ item.phone }}", body: Hello }
`)
	if status, _, errs := call(t, nil, "apply", job, "--sandbox", "-q"); status != 1 {
		t.Fatalf("apply ended with %d: %s", status, errs)
	}
	state := filepath.Join(dir, ".waybill", "sandbox.db")
	s := startServe(t, nil, nil, "--sandbox", job)
	run := runsOf(t, state)[0].Run
	_, table := s.get("/runs/" + run + "/deliveries.csv")
	_, want, _ := call(t, nil, "deliveries", run, "--state", state, "-o", "csv")
	if table != want || strings.Count(table, "\n") != 3 {
		t.Errorf("the table is\n%s\nwant\n%s", table, want)
	}
	if _, page := s.get("/inbox?contact=%2B34600000001"); !strings.Contains(page, "people/<wbr>hello") {
		t.Errorf("what was sent is not there:\n%s", page)
	}
}

// Ctrl-C in a scheduled run: what is in flight ends, and the next serve goes on where it ended, with the file as it is then.
func TestServeGoesOnAfterInterrupt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	box, url := newBox(t, sandbox.Options{Throughput: -1})
	slow := `version: 1
name: slow
settle: 0s
connection: { baseUrl: $<URL>, throughput: 2 }
schedule: { cron: "30 2 * * *", timezone: Europe/Madrid, sends: everyone }
steps:
  - forEach: { items: "${{ 1..30 }}", key: "${{ item }}", concurrency: 2 }
    sendText: { to: "${{ 34600000100 + item }}", body: Hello }
`
	job := writeFile(t, filepath.Join(dir, "slow.yaml"), slow)
	s := startServeAt(t, boxEnv(url), "2026-06-01T00:29:59Z", job)
	eventually(t, "a few messages", func() bool { return box.State().Accepted >= 4 }, s.logs)
	if status := s.stop(); status != 0 {
		t.Errorf("interrupted, it ended with %d\n%s", status, s.logs)
	}
	if n := box.State().Accepted; n >= 30 {
		t.Fatalf("%d messages went out although it was interrupted after four", n)
	}
	state := filepath.Join(dir, ".waybill", "ledger.db")
	if list := runsOf(t, state); len(list) != 1 || list[0].Status != "interrupted" {
		t.Fatalf("the ledger has %+v, want one that was interrupted", list)
	}
	writeFile(t, job, strings.Replace(slow, "throughput: 2", "throughput: 80", 1))
	again := startServeAt(t, boxEnv(url), "2026-06-01T00:40:00Z", job)
	again.await("status=succeeded")
	again.stop()
	if counts := box.Recipients(); len(counts) != 30 {
		t.Errorf("%d people were messaged, want 30", len(counts))
	}
	for to, n := range box.Recipients() {
		if n != 1 {
			t.Errorf("%s got %d messages", to, n)
		}
	}
}

// A delivery that is throttled to its last try was never sent, and /metrics counts its requests as that.
func TestServeCountsThrottledTries(t *testing.T) {
	t.Parallel()
	box, url := newBox(t, sandbox.Options{})
	if _, err := box.AddFault(sandbox.Fault{Kind: sandbox.FaultThrottle, Every: 1}); err != nil {
		t.Fatal(err)
	}
	job := writeFile(t, filepath.Join(t.TempDir(), "throttled.yaml"), `version: 1
name: throttled
connection: { baseUrl: $<URL> }
defaults: { retry: { attempts: 2, delay: 10ms, maxDelay: 20ms } }
schedule: { cron: "30 2 * * *", timezone: Europe/Madrid, sends: everyone }
steps:
  - sendText: { to: +34612345678, body: Hello }
`)
	s := startServeAt(t, boxEnv(url), "2026-06-01T00:29:59Z", job)
	s.await("run ended")
	if got := s.metric(`waybill_attempts_total{code="130429",result="notSent"}`); got != "2" {
		_, all := s.get("/metrics")
		t.Errorf("%q requests were not sent, want 2:\n%s", got, all)
	}
	if got := s.metric(`waybill_attempts_total{code="130429",result="refused"}`); got != "" {
		t.Errorf("%s requests were refused, want none", got)
	}
}

// An occurrence that sends what is new alone sends what neither an earlier one nor an apply has sent, and its lists, counts and proof are
// of all rows.
func TestServeSendsWhatIsNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	box, url := newBox(t, sandbox.Options{})
	env := boxEnv(url)
	text := strings.Replace(scheduled, "sends: everyone", "sends: new", 1) + "connection: { baseUrl: $<URL> }\nsettle: 0s\n"
	job := writeFile(t, filepath.Join(dir, "reminders.yaml"), text)
	state := filepath.Join(dir, ".waybill", "ledger.db")
	if status, _, errs := call(t, env, "apply", job, "--limit", "1"); status != 0 {
		t.Fatalf("apply ended with %d: %s", status, errs)
	}
	s := startServeAt(t, env, "2030-06-01T00:29:59Z", job)
	s.await("run ended")
	s.stop()
	if n := box.Recipients(); len(n) != 2 || n["34612345678"] != 1 || n["34612345679"] != 1 {
		t.Errorf("accepted: %v, want one each", n)
	}
	if status, out, errs := call(t, env, "deliveries", "last", "--state", state, "-o", "json"); status != 0 || strings.Count(out, `"item":`) != 2 {
		t.Errorf("deliveries ended with %d and lists %s%s", status, out, errs)
	}
	if status, out, errs := call(t, env, "show", "last", "--state", state, "-o", "json"); status != 0 || !strings.Contains(out, `"succeeded": 2`) {
		t.Errorf("show ended with %d: %s%s", status, out, errs)
	}
	file := filepath.Join(dir, "proof.jsonl")
	if status, _, errs := call(t, env, "proof", "last", "--state", state, "--out", file); status != 0 {
		t.Errorf("proof ended with %d: %s", status, errs)
	}
	if status, out, errs := call(t, env, "proof", "--check", file, "--state", state); status != 0 || !strings.Contains(out, "2 deliveries as in the file") {
		t.Errorf("proof --check ended with %d: %s%s", status, out, errs)
	}
}
