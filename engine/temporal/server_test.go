//go:build unix

package temporal

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"
)

var record = flag.String("record", "", "write the history of the test that runs to this file.json.gz, for TestReplay: of TestServerWorkerKilled or TestServerStages")

// awayFor is how long the server is.
func awayFor(t *testing.T) time.Duration {
	t.Helper()
	if text := os.Getenv("WAYBILL_AWAY"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	return 12 * time.Second
}

// client is Temporal's, while the test goes on.
func (w *world) client() client.Client {
	w.Helper()
	c, err := client.Dial(client.Options{HostPort: w.temporal.address(), Logger: quiet()})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(c.Close)
	return c
}

// history is what Temporal keeps of a run.
func (w *world) history(run string) *historypb.History {
	w.Helper()
	h := &historypb.History{}
	events := w.client().GetWorkflowHistory(w.Context(), workflowID(run), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			w.Fatal(err)
		}
		h.Events = append(h.Events, e)
	}
	return h
}

// holdsNobody looks for what the rows hold in all that Temporal has: its history, and the bytes of its store.
func (w *world) holdsNobody(run string) {
	w.Helper()
	h, err := protojson.Marshal(w.history(run))
	if err != nil {
		w.Fatal(err)
	}
	text := string(h)
	for _, name := range []string{"temporal.db", "temporal.db-wal"} {
		kept, err := os.ReadFile(w.temporal.dir + "/" + name)
		if err != nil {
			w.Log(err)
		}
		text += string(kept)
	}
	for _, secret := range []string{"3460000", "patient-0", "Grace0", "Hopper", "Hello", "people.csv"} {
		if at := strings.Index(text, secret); at >= 0 {
			w.Errorf("Temporal knows %q: …%q…", secret, text[max(0, at-100):min(len(text), at+100)])
		}
	}
	if *record != "" {
		host := regexp.MustCompile(`"\d+@[^"]*"|"[^"]*:[0-9a-f-]{36}"`) // of processes, and their own queues
		text := host.ReplaceAllString(protojson.Format(w.history(run)), `"worker"`)
		var packed bytes.Buffer
		into := gzip.NewWriter(&packed)
		if _, err := into.Write([]byte(text)); err != nil {
			w.Fatal(err)
		}
		if err := into.Close(); err != nil {
			w.Fatal(err)
		}
		if err := os.WriteFile(*record, packed.Bytes(), 0o600); err != nil {
			w.Fatal(err)
		}
	}
}

// TestServerWorkerKilled kills the one worker of a run by SIGKILL, and starts another: it goes on within 20 seconds, nobody gets two
// messages and nobody is lost. What Temporal keeps of it names nobody.
func TestServerWorkerKilled(t *testing.T) {
	w := newWorld(t, 600)
	first := w.start("worker", "job.yaml")
	apply := w.start("apply", "job.yaml", "--yes", "--engine", "temporal")
	w.awaits(100, first, apply)
	first.kill()
	w.accepted.resetPause()
	second := w.start("worker", "job.yaml")
	apply.want(0, 4)
	if pause := w.accepted.resetPause(); pause > 20*time.Second { // until the parts of the first are free, when all others are done
		t.Errorf("nothing went out for %s", pause)
	} else {
		t.Logf("the longest pause between two messages was %s", pause.Round(10*time.Millisecond))
	}
	t.Logf("%d of %d in doubt", w.judge(), w.people)
	run := w.lastRun()
	w.endsAs(run.Status)
	t.Logf("its history has %d events", len(w.history(run.Run).GetEvents()))
	w.holdsNobody(run.Run)
	second.interrupt()
	second.want(0)
}

// endsAs waits until the workflow of the last run has ended, and checks how.
func (w *world) endsAs(status string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	var end result
	if err := w.client().GetWorkflow(ctx, workflowID(w.lastRun().Run), "").Get(ctx, &end); err != nil || end.Status != status {
		w.Errorf("the workflow ended as %+v, %v, want %s", end, err, status)
	}
}

// TestServerLongHistory has the history be long in the middle of a run: its workflow goes on in another, while workers go on with what they
// have begun.
func TestServerLongHistory(t *testing.T) {
	w := newWorldWith(t, 900, 200)
	workers := []*process{w.start("worker", "job.yaml"), w.start("worker", "job.yaml")}
	w.start("apply", "job.yaml", "--yes", "--engine", "temporal").want(0)
	if got := w.judge(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	w.endsAs("succeeded")
	got, err := w.client().DescribeWorkflow(t.Context(), workflowID(w.lastRun().Run), "")
	if err != nil {
		t.Fatal(err)
	}
	if info := got.RawResponse.GetWorkflowExecutionInfo(); info.GetFirstRunId() == info.GetExecution().GetRunId() {
		t.Errorf("it did not go on in another: %d events", info.GetHistoryLength())
	} else {
		t.Logf("its last history has %d events", info.GetHistoryLength())
	}
	for _, worker := range workers {
		worker.interrupt()
		worker.want(0)
	}
}

// TestServerReadme types the commands of the README.
func TestServerReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "### On Temporal")
	section, _, _ = strings.Cut(section, "\n## ")
	commands := regexp.MustCompile(`(?m)^waybill-temporal (.*?) +#`).FindAllStringSubmatch(section, -1)
	if len(commands) != 2 {
		t.Fatalf("the README has the commands %q", commands)
	}
	w := newWorld(t, 50)
	if err := os.Rename(w.dir+"/job.yaml", w.dir+"/reminders.yaml"); err != nil {
		t.Fatal(err)
	}
	w.start(strings.Fields(commands[0][1])...)
	w.start(strings.Fields(commands[1][1])...).want(0)
	if got := w.judge(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	again := regexp.MustCompile("`waybill(?:-temporal)? (resume RUN .*?|stop RUN)`").FindAllStringSubmatch(section, -1)
	if len(again) != 3 {
		t.Errorf("the README has the commands %q", again)
	}
	for _, command := range again {
		w.start(strings.Fields(strings.Replace(command[1], "RUN", "last", 1))...).want(0) // it ended
	}
}

// TestServerAway kills Temporal's server in the middle of a run and starts it again: what is under way goes on meanwhile, and the run ends well.
func TestServerAway(t *testing.T) {
	w := newWorld(t, 900)
	workers := []*process{w.start("worker", "job.yaml"), w.start("worker", "job.yaml")}
	apply := w.start("apply", "job.yaml", "--yes", "--engine", "temporal")
	w.awaits(100, append(workers, apply)...)
	w.temporal.kill()
	before := w.accepted.seen()
	time.Sleep(awayFor(t))
	t.Logf("%d messages went out in the %s in which it was away", w.accepted.seen()-before, awayFor(t))
	if before = w.accepted.seen(); before == w.people {
		t.Fatal("no part was left to begin after it")
	}
	back := time.Now()
	w.temporal.up(t)
	w.awaits(before+1, append(workers, apply)...)
	if pause := time.Since(back); pause > 20*time.Second {
		t.Errorf("the parts went on after %s", pause)
	} else {
		t.Logf("the parts went on after %s", pause.Round(10*time.Millisecond))
	}
	apply.want(0)
	if got := w.judge(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	w.endsAs("succeeded")
	for _, p := range append(workers, apply) {
		if said := p.out.String(); strings.Count(said, "Temporal does not answer") != 1 || strings.Count(said, "Temporal answers again") != 1 || strings.Contains(said, "WorkerType") {
			t.Errorf("it says\n%s", said)
		}
	}
}

// TestServerGone kills Temporal's server for good, and the worker with it. resume finishes the run from the ledger.
func TestServerGone(t *testing.T) {
	w := newWorld(t, 600)
	worker := w.start("worker", "job.yaml")
	apply := w.start("apply", "job.yaml", "--yes", "--engine", "temporal")
	w.awaits(100, worker, apply)
	w.temporal.kill()
	apply.interrupt()
	apply.want(130)
	worker.interrupt()
	worker.want(0, 130)
	refused := w.start("apply", "job.yaml", "--yes", "--engine", "temporal")
	refused.want(1)
	if said := refused.out.String(); !strings.Contains(said, "nothing was sent") || !strings.Contains(said, "--engine local") {
		t.Errorf("it says\n%s", said)
	}
	w.start("resume", "last", "--engine", "local", "--yes").want(0)
	if got := w.judge(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	if run := w.lastRun(); run.Status != "succeeded" {
		t.Errorf("the run is %s", run.Status)
	}
}
