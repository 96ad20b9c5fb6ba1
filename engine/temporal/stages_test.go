package temporal

import (
	"context"
	"slices"
	"testing"
	"time"

	"waybill/engine/cli"
)

// TestStages has a run of several stages, some of which one process does for all: each is driven to its end before the next begins.
func TestStages(t *testing.T) {
	l := newLedger(1, 64, 1, 64, 1)
	var order []int
	l.do = func(int, int) (cli.PartEnd, error) {
		order = append(order, l.stage)
		return cli.PartEnd{Done: true}, nil
	}
	if got := ended(t, environment(t, l)); got != (result{Status: "succeeded"}) {
		t.Errorf("it ended as %+v", got)
	}
	if len(order) != 131 || !slices.IsSorted(order) || !slices.Equal(l.nexts, []int{0, 1, 2, 3}) { // the last of all wrote how the run ended
		t.Errorf("%d parts were done, in the order of stages %v; it went on from %v", len(order), order, l.nexts)
	}
}

// leaving is a ledger whose workers go away some times before the run is in its next stage.
type leaving struct {
	*ledger
	times int
}

func (l *leaving) Next(ctx context.Context, run string, stage int) (cli.PartEnd, error) {
	if l.times--; l.times >= 0 {
		return cli.PartEnd{}, nil
	}
	return l.ledger.Next(ctx, run, stage)
}

// TestStagesLeft has workers end on the way to the next stage: another is asked, after pauses.
func TestStagesLeft(t *testing.T) {
	l := &leaving{newLedger(2, 2), 4}
	env := environment(t, l)
	began := env.Now()
	if got := ended(t, env); got != (result{Status: "succeeded"}) || l.stage != 1 {
		t.Errorf("it ended as %+v in stage %d", got, l.stage)
	}
	if took := env.Now().Sub(began); took != 30*time.Second { // 2, 4, 8 and 16
		t.Errorf("it took %s", took)
	}
}

// TestStagesAnew has a run taken up anew while a part of its second stage is asked for: it goes through the first once more.
func TestStagesAnew(t *testing.T) {
	l := newLedger(2, 3)
	again := false
	l.do = func(part, _ int) (cli.PartEnd, error) {
		if !again && l.stage == 1 && part == 1 {
			again = true
			l.begin(0, 2)
			l.later = []int{3}
			return cli.PartEnd{Before: true}, nil
		}
		return cli.PartEnd{Done: true}, nil
	}
	env := environment(t, l)
	began := env.Now()
	if got := ended(t, env); got != (result{Status: "succeeded"}) || !again || l.stage != 1 {
		t.Errorf("it ended as %+v in stage %d", got, l.stage)
	}
	if took := env.Now().Sub(began); took != againFrom { // and asks not at once, whoever told it so
		t.Errorf("it took %s", took)
	}
	if !slices.Equal(l.nexts, []int{0, 0}) {
		t.Errorf("it went on from %v", l.nexts)
	}
}

// TestStagesHeld has a part of a stage held by another process, and the stage ended by it: nobody waits for the part of that number in the
// next one.
func TestStagesHeld(t *testing.T) {
	l := newLedger(2, 2)
	l.do = func(part, _ int) (cli.PartEnd, error) {
		return cli.PartEnd{Done: l.stage == 1 || part == 0, Held: l.stage == 0 && part == 1}, nil
	}
	l.held = func(look int) []int {
		if look == 3 {
			l.begin(1, 2)
			l.later = nil
		}
		if look > 20 {
			return nil
		}
		return []int{1}
	}
	if got := ended(t, environment(t, l)); got != (result{Status: "succeeded"}) || l.stage != 1 || l.looks > 10 {
		t.Errorf("it ended as %+v in stage %d after %d looks", got, l.stage, l.looks)
	}
}
