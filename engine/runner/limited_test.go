package runner_test

import (
	"testing"
	"testing/synctest"

	"waybill/engine"
	"waybill/engine/runner"
	"waybill/whatsapp/sandbox"
)

// What --limit leaves to later is none of the run's messages, also where the run is stopped; and the first rows are the same for all waves.
func TestLimitBoundsTheRun(t *testing.T) {
	first := func(r *runner.Request) { r.Limit = 12 }
	t.Run("stopped", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := build(t, sandbox.Options{})
			h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131026, Times: 3})
			s := h.applyWaves(people(40, `, stopAfter: 3, where: "${{ item != '+34600000001' }}"`), first, nil)
			if c := s.Run.Counts; s.Run.Status != engine.RunStopped || c.NotSent == 0 || c.Total > 13 {
				t.Errorf("the run is %s (%s) with %+v", s.Run.Status, s.Run.Reason, c)
			}
		})
	})
	t.Run("in waves", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := build(t, sandbox.Options{})
			s := h.applyWaves(people(40, inWaves), first, nil)
			wantCounts(t, s, engine.Counts{Total: 12, Succeeded: 12}, engine.RunSucceeded)
		})
	})
	t.Run("stopped in waves", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := build(t, sandbox.Options{})
			h.fault(sandbox.Fault{Kind: sandbox.FaultError, Code: 131026, Times: 1})
			s := h.applyWaves(people(40, inWaves), first, nil)
			if c := s.Run.Counts; s.Run.Status != engine.RunStopped || c.NotSent == 0 || c.Total != 12 {
				t.Errorf("the run is %s (%s) with %+v", s.Run.Status, s.Run.Reason, c)
			}
		})
	})
}
