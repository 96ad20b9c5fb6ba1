package runner

import (
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
