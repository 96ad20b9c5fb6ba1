//go:build unix

package temporal

import (
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
)

// TestServerCancelled cancels the workflow: the ledger has the run stopped, and only a person takes it up again, also by Temporal.
func TestServerCancelled(t *testing.T) {
	w := newWorld(t, 500)
	worker := w.start("worker", "job.yaml")
	apply := w.start("apply", "job.yaml", "--yes", "--engine", "temporal")
	w.awaits(60, worker, apply)
	run := w.lastRun()
	if err := w.client().CancelWorkflow(t.Context(), workflowID(run.Run), ""); err != nil {
		t.Fatal(err)
	}
	apply.want(5)
	if run = w.lastRun(); run.Status != "stopped" || !strings.Contains(run.Reason, "Temporal") || w.accepted.seen() == w.people {
		t.Errorf("the run is %s (%s), and %d messages were accepted", run.Status, run.Reason, w.accepted.seen())
	}
	// A resume before the workflow has ended goes on with that one, and is told that it did not do all.
	if err := w.client().GetWorkflow(t.Context(), workflowID(run.Run), "").Get(t.Context(), nil); !temporal.IsCanceledError(err) {
		t.Errorf("the workflow ended with %v", err)
	}
	w.start("resume", "last", "--engine", "temporal", "--yes").want(0)
	if got := w.judge(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
}

// TestServerStopped has a person stop a run that Temporal drives: within seconds nothing more goes out and the workflow has ended. The run
// is taken up again by Temporal.
func TestServerStopped(t *testing.T) {
	w := newWorld(t, 500)
	worker := w.start("worker", "job.yaml")
	apply := w.start("apply", "job.yaml", "--yes", "--engine", "temporal")
	w.awaits(60, worker, apply)
	ordered := time.Now()
	w.start("stop", "last").want(0)
	apply.want(5)
	w.endsAs("stopped")
	if took := time.Since(ordered); took > 10*time.Second {
		t.Errorf("it took %s", took)
	} else {
		t.Logf("it took %s", took.Round(10*time.Millisecond))
	}
	if before := w.accepted.seen(); before == w.people {
		t.Error("all messages were accepted before")
	}
	w.start("resume", "last", "--engine", "temporal", "--yes").want(0)
	if got := w.judge(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	if run := w.lastRun(); run.Resumes != 1 || run.Engine != "temporal" {
		t.Errorf("the run is %+v", run)
	}
	w.endsAs("succeeded")
}

// TestServerTerminated has the workflow terminated, which tells no worker anything: the run stays as far as it came, and resume finishes
// it, by Temporal and without.
func TestServerTerminated(t *testing.T) {
	for _, engine := range []string{"temporal", "local"} {
		t.Run(engine, func(t *testing.T) {
			w := newWorld(t, 500)
			worker := w.start("worker", "job.yaml")
			apply := w.start("apply", "job.yaml", "--yes", "--engine", "temporal")
			w.awaits(60, worker, apply)
			if err := w.client().TerminateWorkflow(t.Context(), workflowID(w.lastRun().Run), "", "a test"); err != nil {
				t.Fatal(err)
			}
			apply.want(1, 5)
			if said := apply.out.String(); !strings.Contains(said, "terminated") || !strings.Contains(said, "waybill resume") {
				t.Errorf("it says\n%s", said)
			}
			run, want := w.lastRun(), engine
			if engine == "local" { // of a run that nobody works at any more, the processes divide the parts among themselves
				worker.interrupt()
				worker.want(0, 130)
				want = ""
			}
			w.start("resume", "last", "--engine", engine, "--yes").want(0)
			if got := w.judge(); got != 0 {
				t.Errorf("%d are in doubt", got)
			}
			if run = w.lastRun(); run.Status != "succeeded" || run.Engine != want {
				t.Errorf("the run is %+v", run)
			}
		})
	}
}

// TestServerLate has a worker wait for Temporal, which is not there yet, and say so. A namespace that is not there is told, too.
func TestServerLate(t *testing.T) {
	w := newWorld(t, 50)
	lost := w.start("worker", "job.yaml", "--namespace", "clinics")
	lost.says(`has no namespace "clinics": --namespace or TEMPORAL_NAMESPACE names another`)
	refused := w.start("apply", "job.yaml", "--yes", "--engine", "temporal", "--namespace", "clinics")
	if refused.want(1); !strings.Contains(refused.out.String(), `nothing was sent: Temporal at `+w.temporal.address()+` has no namespace "clinics"`) {
		t.Errorf("it says\n%s", &refused.out)
	}
	lost.interrupt()
	lost.want(0)
	w.temporal.kill()
	worker := w.start("worker", "job.yaml")
	worker.says("the next try is in 2s")
	w.temporal.up(t)
	w.start("apply", "job.yaml", "--yes", "--engine", "temporal").want(0)
	if got := w.judge(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	worker.interrupt()
	worker.want(0)
	t.Logf("the worker said:\n%s", &worker.out)
}
