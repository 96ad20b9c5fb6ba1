package temporal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"waybill/engine"
	"waybill/engine/cli"
)

const theRun = "20260325-090000-c47049"

// ledger is what the activities find: a run of some parts.
type ledger struct {
	mu      sync.Mutex
	status  engine.RunStatus
	stage   int
	open    []int
	later   []int       // parts of each stage behind this one
	tries   map[int]int // of the parts of this stage
	nexts   []int       // stages that were gone on from
	stopped int
	looks   int
	do      func(part, try int) (cli.PartEnd, error) // nil: it is done
	held    func(look int) []int                     // nil: none is
}

// newLedger makes one, with so many parts in its first stage, and in each behind it.
func newLedger(parts int, later ...int) *ledger {
	l := &ledger{status: engine.RunRunning, later: later}
	l.begin(0, parts)
	return l
}

func (l *ledger) begin(stage, parts int) {
	l.stage, l.open, l.tries = stage, nil, map[int]int{}
	for part := range parts {
		l.open = append(l.open, part)
	}
}

// Next begins the next stage. Without one the run ends.
func (l *ledger) Next(_ context.Context, _ string, stage int) (cli.PartEnd, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.nexts = append(l.nexts, stage)
	switch {
	case stage != l.stage:
		return cli.PartEnd{}, fmt.Errorf("it is asked for what follows stage %d in stage %d", stage, l.stage)
	case len(l.later) > 0:
		l.begin(l.stage+1, l.later[0])
		l.later = l.later[1:]
		return cli.PartEnd{Done: true}, nil
	}
	l.status = engine.RunSucceeded
	return cli.PartEnd{Over: true}, nil
}

func (l *ledger) Do(_ context.Context, _ string, stage, part int) (cli.PartEnd, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if stage != l.stage {
		return cli.PartEnd{Before: stage > l.stage, Done: stage < l.stage}, nil
	}
	l.tries[part]++
	end, err := cli.PartEnd{Done: true}, error(nil)
	if l.do != nil {
		end, err = l.do(part, l.tries[part])
	}
	if end.Done {
		l.open = slices.DeleteFunc(l.open, func(p int) bool { return p == part })
	}
	if len(l.open) == 0 && len(l.later) == 0 {
		l.status = engine.RunSucceeded
	}
	return end, err
}

func (l *ledger) Stands(context.Context, string) (cli.Standing, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	stands := cli.Standing{Status: l.status, Over: l.status != engine.RunRunning, Stage: l.stage, Open: slices.Clone(l.open)}
	if l.looks++; l.held != nil {
		if stands.Held = l.held(l.looks); len(stands.Held) > 0 {
			stands.FreeIn = 14 * time.Second
		}
	}
	return stands, nil
}

func (l *ledger) Stop(context.Context, string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status = engine.RunStopped
	l.stopped++
	return nil
}

// quiet is Temporal's logger without any output.
func quiet() sdklog.Logger { return sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)) }

// environment is a workflow's world without a server; its time is skipped.
func environment(t *testing.T, parts cli.Parts) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	env := bare()
	env.SetTestTimeout(time.Minute)
	register(env, &activities{parts: parts, log: slog.New(slog.DiscardHandler)})
	return env
}

// bare is a workflow's world without anything.
func bare() *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet())
	return suite.NewTestWorkflowEnvironment()
}

// ended executes the workflow and wants it to end well.
func ended(t *testing.T, env *testsuite.TestWorkflowEnvironment) result {
	t.Helper()
	env.ExecuteWorkflow(runWorkflow, theRun)
	var got result
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if err := env.GetWorkflowResult(&got); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestRun has parts done: all of them, those that fail or are left again and again until they are.
func TestRun(t *testing.T) {
	l := newLedger(engine.Parts)
	l.do = func(part, try int) (cli.PartEnd, error) {
		switch {
		case part == 7 && try < 4:
			return cli.PartEnd{}, errors.New("this worker could not go on with the run")
		case part == 9 && try < 3:
			return cli.PartEnd{}, nil // its worker ended
		}
		return cli.PartEnd{Done: true}, nil
	}
	if got := ended(t, environment(t, l)); got != (result{Status: "succeeded"}) {
		t.Errorf("it ended as %+v", got)
	}
	if len(l.tries) != engine.Parts || l.tries[7] != 4 || l.tries[9] != 3 || l.tries[0] != 1 {
		t.Errorf("the parts were tried %v", l.tries)
	}
}

// TestRunAndLostWorker has a worker silent: its part is given to another.
func TestRunAndLostWorker(t *testing.T) {
	l := newLedger(3)
	l.do = func(part, try int) (cli.PartEnd, error) {
		if part == 1 && try < 3 {
			return cli.PartEnd{}, temporal.NewTimeoutError(enums.TIMEOUT_TYPE_HEARTBEAT, nil)
		}
		return cli.PartEnd{Done: true}, nil
	}
	if got := ended(t, environment(t, l)); got != (result{Status: "succeeded"}) || l.tries[1] != 3 || l.tries[0] != 1 {
		t.Errorf("it ended as %+v, and the parts were tried %v", got, l.tries)
	}
}

// TestRunOpensAgain has parts open again that were done: whoever took the run up had all of it divided anew.
func TestRunOpensAgain(t *testing.T) {
	l := newLedger(3)
	again := false
	l.do = func(int, int) (cli.PartEnd, error) {
		if !again && len(l.open) == 1 {
			again = true
			l.open = []int{0, 1, 2}
		}
		return cli.PartEnd{Done: true}, nil
	}
	got := ended(t, environment(t, l))
	if tries := l.tries[0] + l.tries[1] + l.tries[2]; got != (result{Status: "succeeded"}) || tries != 5 { // the last of them was done then
		t.Errorf("it ended as %+v, and the parts were tried %v", got, l.tries)
	}
}

// TestRunStopped ends when the ledger says that the run is over.
func TestRunStopped(t *testing.T) {
	l := newLedger(5)
	l.do = func(int, int) (cli.PartEnd, error) {
		l.status = engine.RunStopped
		return cli.PartEnd{Over: true}, nil
	}
	if got := ended(t, environment(t, l)); got != (result{Status: "stopped", Open: 5}) {
		t.Errorf("it ended as %+v", got)
	}
}

// TestRunCancelled has a cancelled workflow stop the run in the ledger, once.
func TestRunCancelled(t *testing.T) {
	l := newLedger(4)
	l.do = func(int, int) (cli.PartEnd, error) { return cli.PartEnd{}, nil } // nobody comes to an end
	env := environment(t, l)
	env.RegisterDelayedCallback(env.CancelWorkflow, time.Hour)
	env.ExecuteWorkflow(runWorkflow, theRun)
	if err := env.GetWorkflowError(); !temporal.IsCanceledError(errors.Unwrap(err)) {
		t.Errorf("it ended with %v", err)
	}
	if l.stopped != 1 {
		t.Errorf("the run was stopped %d times", l.stopped)
	}
}

// TestFailuresStay tells Temporal nothing of what failed in the ledger.
func TestFailuresStay(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet())
	env := suite.NewTestActivityEnvironment()
	a := &activities{parts: failing{}, log: slog.New(slog.DiscardHandler)}
	env.RegisterActivity(a.Stands)
	env.RegisterActivity(a.Stop)
	_, asked := env.ExecuteActivity(a.Stands, theRun)
	_, stopped := env.ExecuteActivity(a.Stop, theRun)
	for _, err := range []error{asked, stopped} {
		if app, is := errors.AsType[*temporal.ApplicationError](err); !is || app.Message() != errLedger.Error() {
			t.Errorf("it is told %v", err)
		}
	}
}

type failing struct{ cli.Parts }

func (failing) Stands(context.Context, string) (cli.Standing, error) {
	return cli.Standing{}, errors.New("row 5: +34612345678 is taken")
}

func (failing) Stop(context.Context, string) error { return errors.New("row 5: +34612345678 is taken") }
