package runner

import (
	"context"
	"testing"
	"time"

	"waybill/engine"
)

// TestPortionNearlyDone has others end their parts: a process that has had its own for about as long keeps them, and gives them up when it
// turns out to be slower. Who joins gets parts at once.
func TestPortionNearlyDone(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 3, 29, 9, 0, 0, 0, time.UTC)
	now := began
	p := &portion{share: &share{x: &execution{engine: &Engine{Now: func() time.Time { return now }}}}, began: began, open: 64}
	for _, step := range []struct {
		after time.Duration
		open  int
		want  bool
	}{
		{time.Second, 64, false},     // another process joined
		{10 * time.Second, 48, true}, // it has ended 16 parts
		{19 * time.Second, 32, true},
		{20 * time.Second, 32, false},
	} {
		now = began.Add(step.after)
		if got := p.isNearlyDone(engine.Lease{Open: make([]int, step.open)}); got != step.want {
			t.Errorf("after %s, with %d parts open: %t", step.after, step.open, got)
		}
	}
	now, p.began, p.ahead = began.Add(time.Hour), began, 0
	if !p.isNearlyDone(engine.Lease{}) {
		t.Error("others ended just now")
	}
	if now = now.Add(30 * time.Second); p.isNearlyDone(engine.Lease{}) {
		t.Error("others wait for half an hour")
	}
}

// TestPortionDrained has a part be given up: others get it when the last of its items that had begun has ended, and it is told at that moment.
func TestPortionDrained(t *testing.T) {
	t.Parallel()
	p := &portion{share: &share{}, drained: make(chan struct{}, 1)}
	p.parts[3].held, p.parts[5].held = true, true
	told := func() bool {
		select {
		case <-p.drained:
			return true
		default:
			return false
		}
	}
	of := func(part int) element { return element{part: part} }
	for range 2 {
		if !p.begin(of(3)) || !p.begin(of(5)) {
			t.Fatal("it does not begin")
		}
	}
	p.parts[3].dropped = true
	if p.begin(of(3)) {
		t.Error("an item of a part began that is given up")
	}
	p.end(of(5))
	p.end(of(5))
	if p.end(of(3)); told() {
		t.Error("one of its items is under way")
	}
	if p.end(of(3)); !told() {
		t.Error("it is not told that it has drained")
	}
}

// leased is a Divider that gives two parts each time, and notes what becomes of them.
type leased struct {
	engine.Sharing

	ended, freed int
}

func (*leased) LeaseParts(context.Context, string, engine.Leasing) (engine.Lease, error) {
	return engine.Lease{Has: []int{3, 5}, Open: []int{3, 5}, Share: 2, Status: engine.RunRunning}, nil
}

func (l *leased) EndParts(_ context.Context, _ string, parts []engine.EndedPart, _ engine.SoFar) (int, error) {
	l.ended += len(parts)
	return 0, nil
}

func (l *leased) FreeParts(_ context.Context, _ string, parts []engine.EndedPart) error {
	l.freed += len(parts)
	return nil
}

// TestPortionTakenTooLate has a run be stopped between the moment in which a process gets parts and its first look at their rows: it frees them,
// for none of their rows is counted.
func TestPortionTakenTooLate(t *testing.T) {
	t.Parallel()
	l := &leased{}
	x := &execution{engine: &Engine{Now: time.Now}}
	x.share = &share{x: x, ledger: l, place: shard{}}
	p := &portion{share: x.share, each: &engine.Step{}, drained: make(chan struct{}, 1)}
	for _, c := range []struct {
		begun        bool
		ended, freed int
	}{{true, 2, 0}, {false, 2, 2}} {
		if _, todo, err := p.take(t.Context()); err != nil || todo != some {
			t.Fatal(todo, err)
		}
		if c.begun {
			p.begun = true
		}
		if err := p.endParts(t.Context(), engine.RunStopped); err != nil || l.ended != c.ended || l.freed != c.freed {
			t.Errorf("begun: %t; %d ended, %d freed, %v", c.begun, l.ended, l.freed, err)
		}
	}
}
