package runner

import (
	"testing"
	"time"

	"waybill/engine"
)

// TestOtherWaitsAreNotToldOffline: while nothing connects, no other wait is told as what sending waits for.
func TestOtherWaitsAreNotToldOffline(t *testing.T) {
	told := 0
	x := &execution{engine: &Engine{Now: time.Now, Observe: func(engine.Event) { told++ }}}
	wait := func() {
		d := &dispatch{x: x}
		if err := d.waitFor(decision{reason: "pair-limit", wait: time.Minute}, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	x.line.since = time.Now()
	wait()
	if told != 0 {
		t.Error("the pair limit was told while nothing connects")
	}
	x.line.online()
	wait()
	if told != 1 {
		t.Errorf("a wait was told %d times, want once", told)
	}
}
