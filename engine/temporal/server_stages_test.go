//go:build unix

package temporal

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"waybill/engine/report"
)

// staged are steps before, between and behind two forEachs, the first of which is a rollout: what one worker does for all, and what all
// divide.
const staged = `version: 1
name: clinic
connection: { baseUrl: $<BASE>, throughput: 60 }
steps:
  - id: opening
    sendText: { to: "+34711111111", body: "It begins" }
  - id: people
    forEach: { csv: people.csv, key: "${{ item.id }}", rollout: { waves: [20, 100%], observe: 2s, stopIf: { failed: 3 } } }
    steps:
      - id: greet
        sendText: { to: "${{ item.phone }}", body: "Hello ${{ item.name }}, ${{ steps.opening.messageId }}" }
  - id: report
    sendText: { to: "+34722222222", body: "${{ steps.people.succeeded }} of ${{ steps.people.total }}" }
  - id: more
    if: ${{ steps.people.succeeded > 0 }}
    forEach: { csv: more.csv, key: "${{ item.id }}" }
    steps:
      - id: thank
        sendText: { to: "${{ item.phone }}", body: "Thanks ${{ item.name }}, one of ${{ steps.people.total }}" }
  - id: closing
    if: ${{ always() }}
    sendText: { to: "+34733333333", body: "${{ steps.more.succeeded }}" }
outputs: { greeted: "${{ steps.people.succeeded }}", first: "${{ steps.opening.messageId }}" }
`

// others are whom the steps of staged write to that one worker does for all.
const others = 3

// newStaged is a world with the steps of staged: half of its people are in each forEach.
func newStaged(t *testing.T, people int) *world {
	t.Helper()
	w := newWorld(t, people)
	w.write("job.yaml", staged)
	list := strings.SplitAfter(w.read("people.csv"), "\n")
	half := 1 + people/2
	w.write("people.csv", strings.Join(list[:half], ""))
	w.write("more.csv", list[0]+strings.Join(list[half:], ""))
	w.people += others
	return w
}

// stages are those that a run's workflow asked for parts of, in order.
func (w *world) stages(run string) (stages []int) {
	w.Helper()
	for _, e := range w.history(run).GetEvents() {
		a := e.GetActivityTaskScheduledEventAttributes()
		if e.GetEventType() != enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED || a.GetActivityType().GetName() != partActivity {
			continue
		}
		var id string
		var part, stage int
		if err := converter.GetDefaultDataConverter().FromPayloads(a.GetInput(), &id, &part, &stage); err != nil || id != run {
			w.Errorf("a part of run %q: %v", id, err)
		}
		stages = append(stages, stage)
	}
	return slices.Compact(stages)
}

// TestServerStages has Temporal drive a job of several stages, one of whose workers is killed: the steps come in their order, and who gave the
// run tells what came of all.
func TestServerStages(t *testing.T) {
	w := newStaged(t, 500)
	workers := []*process{w.start("worker", "job.yaml"), w.start("worker", "job.yaml")}
	apply := w.start("apply", "job.yaml", "--yes", "--engine", "temporal", "--no-receiver", "-o", "json")
	w.awaits(100, append(workers, apply)...)
	workers[0].kill()
	apply.want(0, 4)
	inDoubt, run := w.judge(), w.lastRun()
	w.endsAs(run.Status)
	var told report.Run
	out := apply.out.String()
	if err := json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &told); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	if first, _ := told.Outputs["first"].(string); inDoubt == 0 && (told.Outputs["greeted"] != 250.0 || !strings.HasPrefix(first, "wamid.")) {
		t.Errorf("who gave it says %v", told.Outputs)
	}
	stages := w.stages(run.Run)
	if !slices.IsSorted(stages) || len(stages) < 8 { // an if, three steps, two looks at a rollout, three times the people
		t.Errorf("parts were asked for of the stages %v", stages)
	}
	t.Logf("%d of %d in doubt; stages %v, and a history of %d events", inDoubt, w.people, stages, len(w.history(run.Run).GetEvents()))
	w.holdsNobody(run.Run)
	workers[1].interrupt()
	workers[1].want(0)
}

// TestServerStagesAnew has who gave a run and its only worker go while the second forEach is done: the workflow goes on with the next worker,
// from the first stage.
func TestServerStagesAnew(t *testing.T) {
	w := newStaged(t, 400)
	worker := w.start("worker", "job.yaml")
	apply := w.start("apply", "job.yaml", "--yes", "--engine", "temporal", "--no-receiver")
	w.awaits(250, worker, apply)
	apply.interrupt()
	apply.want(130)
	worker.interrupt()
	worker.want(0, 130)
	if run := w.lastRun(); run.Status != "interrupted" {
		t.Errorf("the run is %s", run.Status)
	}
	next := w.start("worker", "job.yaml")
	w.endsAs("succeeded")
	if got := w.judge(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	stages := w.stages(w.lastRun().Run)
	if slices.IsSorted(stages) {
		t.Errorf("parts were asked for of the stages %v", stages)
	}
	t.Logf("stages %v", stages)
	next.interrupt()
	next.want(0)
}

// TestServerStagesLeft has the workflow terminated before the last stage: a worker that nobody asks any more leaves the run to whoever
// resumes it.
func TestServerStagesLeft(t *testing.T) {
	w := newStaged(t, 400)
	worker := w.start("worker", "job.yaml")
	apply := w.start("apply", "job.yaml", "--yes", "--engine", "temporal", "--no-receiver")
	w.awaits(10, worker, apply)
	if err := w.client().TerminateWorkflow(t.Context(), workflowID(w.lastRun().Run), "", "a test"); err != nil {
		t.Fatal(err)
	}
	apply.want(1, 5)
	began := time.Now()
	for limit := began.Add(patience); w.lastRun().Status == "running"; time.Sleep(time.Second) {
		if time.Now().After(limit) {
			t.Fatalf("the worker does not leave the run:\n%s", &worker.out)
		}
	}
	t.Logf("the worker left it after %s, and said\n%s", time.Since(began).Round(time.Second), &worker.out)
	if run := w.lastRun(); run.Status != "interrupted" {
		t.Errorf("the run is %s", run.Status)
	}
	w.start("resume", "last", "--engine", "temporal", "--yes", "--no-receiver").want(0)
	if got := w.judge(); got != 0 {
		t.Errorf("%d are in doubt", got)
	}
	worker.interrupt()
	worker.want(0, 130)
}
