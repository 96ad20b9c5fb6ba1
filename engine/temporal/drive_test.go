package temporal

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"waybill/engine/cli"
)

// held has another process have some parts of a run, for so many looks at it.
func held(l *ledger, looks int, parts ...int) {
	l.do = func(part, _ int) (cli.PartEnd, error) {
		if l.looks <= looks && slices.Contains(parts, part) {
			return cli.PartEnd{Held: true}, nil
		}
		return cli.PartEnd{Done: true}, nil
	}
	l.held = func(look int) []int {
		if look <= looks {
			return parts
		}
		return nil
	}
}

// TestHeldParts has another process have parts for an hour: no worker is asked for them meanwhile, and one question in 14 seconds tells
// when they are free.
func TestHeldParts(t *testing.T) {
	l := newLedger(9)
	held(l, 250, 2, 5, 7)
	env := environment(t, l)
	began := env.Now()
	if got := ended(t, env); got != (result{Status: "succeeded"}) {
		t.Errorf("it ended as %+v", got)
	}
	if l.tries[2] != 2 || l.tries[5] != 2 || l.tries[7] != 2 || l.tries[0] != 1 {
		t.Errorf("the parts were tried %v", l.tries)
	}
	if took := env.Now().Sub(began); l.looks != 252 || took < 55*time.Minute || took > time.Hour { // the first, and the last
		t.Errorf("%d looks in %s", l.looks, took)
	}
}

// TestHeldPartsOfOld has a workflow go on that began before held parts were waited for apart: it asks for them after pauses.
func TestHeldPartsOfOld(t *testing.T) {
	l := newLedger(3)
	held(l, 0)
	l.do = func(part, try int) (cli.PartEnd, error) {
		return cli.PartEnd{Done: part != 1 || try > 4, Held: part == 1 && try <= 4}, nil
	}
	env := environment(t, l)
	env.OnGetVersion(partsChange, workflow.DefaultVersion, inStages).Return(workflow.DefaultVersion)
	if got := ended(t, env); got != (result{Status: "succeeded"}) || l.tries[1] != 5 || l.looks != 2 {
		t.Errorf("it ended as %+v after %d looks, and the parts were tried %v", got, l.looks, l.tries)
	}
}

// TestHeldPartsOver has the run come to its end while a part is held: nobody waits for it any more.
func TestHeldPartsOver(t *testing.T) {
	l := newLedger(3)
	l.do = func(part, try int) (cli.PartEnd, error) {
		return cli.PartEnd{Done: part != 1, Held: part == 1 && try == 1, Over: part == 1 && try == 2}, nil
	}
	l.held = func(look int) []int {
		if look > 2 {
			l.status = "stopped"
		}
		return []int{1}
	}
	if got := ended(t, environment(t, l)); got != (result{Status: "stopped", Open: 1}) || l.tries[1] != 2 {
		t.Errorf("it ended as %+v, and the parts were tried %v", got, l.tries)
	}
}

// TestLongHistory has the server suggest a new history while parts are under way and held: the workflow goes on in one, and waits for
// neither.
func TestLongHistory(t *testing.T) {
	l := newLedger(4)
	held(l, 1<<20, 1)
	a := &slow{ledger: l, part: 2, end: make(chan struct{})}
	defer close(a.end) // the suite calls no activity back
	env := environment(t, a)
	env.RegisterDelayedCallback(func() { env.SetContinueAsNewSuggested(true) }, time.Second) // in real time: an activity is under way
	env.ExecuteWorkflow(runWorkflow, theRun)
	if err := env.GetWorkflowError(); !workflow.IsContinueAsNewError(err) {
		t.Errorf("it ended with %v", err)
	}
}

// slow is a ledger with a part that is never done.
type slow struct {
	*ledger
	part int
	end  chan struct{} // closed when nobody waits any more; nil: somebody does
}

func (s *slow) Do(ctx context.Context, run string, stage, part int) (cli.PartEnd, error) {
	if part != s.part {
		return s.ledger.Do(ctx, run, stage, part)
	}
	select {
	case <-ctx.Done():
	case <-s.end:
	}
	return cli.PartEnd{}, ctx.Err()
}

// TestTurn has a part take longer than one activity may: its worker says in time that it is at it.
func TestTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var suite testsuite.WorkflowTestSuite
		suite.SetLogger(quiet())
		env := suite.NewTestActivityEnvironment()
		a := &activities{parts: &slow{part: 3}, log: slog.New(slog.DiscardHandler)}
		env.RegisterActivity(a.Part)
		began := time.Now()
		value, err := env.ExecuteActivity(a.Part, theRun, 3, 0)
		if err != nil {
			t.Fatal(err)
		}
		var end partEnd
		if err := value.Get(&end); err != nil || end != (partEnd{UnderWay: true}) {
			t.Errorf("it ended as %+v, %v", end, err)
		}
		if took := time.Since(began); took > 10*time.Minute-turnEnds || took < 10*time.Minute-turnEnds-time.Second { // the suite allows ten minutes
			t.Errorf("it took %s", took)
		}
	})
}

// TestUnderWay has the workflow ask at once for a part that its worker is at, as often as it takes.
func TestUnderWay(t *testing.T) {
	l := newLedger(2)
	turns, env := 0, bare()
	env.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: runWorkflow})
	env.RegisterActivityWithOptions(l.Stands, activity.RegisterOptions{Name: standActivity})
	env.RegisterActivityWithOptions(func(_ context.Context, run string, part, stage int) (partEnd, error) {
		if turns++; turns < 9 {
			return partEnd{UnderWay: true}, nil
		}
		end, err := l.Do(t.Context(), run, stage, part)
		return partEnd{PartEnd: end}, err
	}, activity.RegisterOptions{Name: partActivity})
	began := env.Now()
	if got := ended(t, env); got != (result{Status: "succeeded"}) || turns != 10 {
		t.Errorf("it ended as %+v after %d turns", got, turns)
	}
	if took := env.Now().Sub(began); took > time.Second {
		t.Errorf("it paused for %s", took)
	}
}

// TestRunEndIsAwaitedOfOld has a workflow go on that began before there were stages: the last part is done before the run's end is written,
// and it is never written.
func TestRunEndIsAwaitedOfOld(t *testing.T) {
	for _, looks := range []int{3, 1 << 20} {
		l := newLedger(0)
		l.held = func(look int) []int {
			if look >= looks {
				l.status = "failed"
			}
			return nil
		}
		env := environment(t, l)
		env.OnGetVersion(partsChange, workflow.DefaultVersion, inStages).Return(heldApart)
		began := env.Now()
		got := ended(t, env)
		if took := env.Now().Sub(began); looks == 3 && (got.Status != "failed" || l.looks != 4) || looks > 3 && (got.Status != "running" || took > 2*time.Minute) {
			t.Errorf("it ended as %+v after %d looks, in %s", got, l.looks, took)
		}
	}
}
