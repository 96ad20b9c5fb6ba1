//go:build unix

package temporal

import (
	"flag"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/protobuf/encoding/protojson"
)

var record = flag.String("record", "", "write the history of TestServerWorkerKilled to this file, for TestReplay")

func quiet() sdklog.Logger { return sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)) }

// away is how long the server is.
func away(t *testing.T) time.Duration {
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

// history is what Temporal keeps of a run.
func (w *world) history(run string) *historypb.History {
	w.Helper()
	c, err := client.Dial(client.Options{HostPort: w.temporal.address(), Logger: quiet()})
	if err != nil {
		w.Fatal(err)
	}
	defer c.Close()
	h := &historypb.History{}
	events := c.GetWorkflowHistory(w.Context(), workflowID(run), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
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
		text := host.ReplaceAllString(protojson.MarshalOptions{Indent: " "}.Format(w.history(run)), `"worker"`)
		if err := os.WriteFile(*record, []byte(text), 0o600); err != nil {
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
	eventsEnd(w, run.Run)
	t.Logf("its history has %d events", len(w.history(run.Run).GetEvents()))
	w.holdsNobody(run.Run)
	second.interrupt()
	second.want(0)
}

// eventsEnd waits until the workflow has ended.
func eventsEnd(w *world, run string) {
	w.Helper()
	c, err := client.Dial(client.Options{HostPort: w.temporal.address(), Logger: quiet()})
	if err != nil {
		w.Fatal(err)
	}
	defer c.Close()
	var end result
	if err := c.GetWorkflow(w.Context(), workflowID(run), "").Get(w.Context(), &end); err != nil {
		w.Errorf("the workflow ended with %v", err)
	}
	w.Logf("the workflow ended as %+v", end)
}

// TestServerAway kills Temporal's server in the middle of a run and starts it again: what is under way goes on meanwhile, and the run ends well.
func TestServerAway(t *testing.T) {
	w := newWorld(t, 900)
	workers := []*process{w.start("worker", "job.yaml"), w.start("worker", "job.yaml")}
	apply := w.start("apply", "job.yaml", "--yes", "--engine", "temporal")
	w.awaits(100, append(workers, apply)...)
	w.temporal.kill()
	before := w.accepted.seen()
	time.Sleep(away(t))
	t.Logf("%d messages went out in the %s in which it was away", w.accepted.seen()-before, away(t))
	w.temporal.up(t)
	apply.want(0)
	if got := w.judge(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	eventsEnd(w, w.lastRun().Run)
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

// TestServerCancelled cancels the workflow: the ledger has the run stopped, and only a person takes it up again, also by Temporal.
func TestServerCancelled(t *testing.T) {
	w := newWorld(t, 500)
	worker := w.start("worker", "job.yaml")
	apply := w.start("apply", "job.yaml", "--yes", "--engine", "temporal")
	w.awaits(60, worker, apply)
	c, err := client.Dial(client.Options{HostPort: w.temporal.address(), Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	run := w.lastRun()
	if err := c.CancelWorkflow(t.Context(), workflowID(run.Run), ""); err != nil {
		t.Fatal(err)
	}
	apply.want(5)
	if run = w.lastRun(); run.Status != "stopped" || !strings.Contains(run.Reason, "Temporal") || w.accepted.seen() == w.people {
		t.Errorf("the run is %s (%s), and %d messages were accepted", run.Status, run.Reason, w.accepted.seen())
	}
	w.start("resume", "last", "--engine", "temporal", "--yes").want(0)
	if got := w.judge(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
}
