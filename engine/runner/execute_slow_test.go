package runner_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/whatsapp/sandbox"
)

// The number's throughput is reached although answers take so long that many must be waited for at once.
func TestSlowAnswersDoNotSlowTheNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{Throughput: 1000})
		h.fault(sandbox.Fault{Kind: sandbox.FaultLatency, Delay: 1500 * time.Millisecond, Every: 1})
		job := strings.Replace(table(h, 2000, ""), "throughput: 1000", "throughput: 100", 1)
		begin := time.Now()
		s := h.do(job, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 2000, Succeeded: 2000}, engine.RunSucceeded)
		if took := time.Since(begin); took > 26*time.Second {
			t.Errorf("2,000 messages at 100 a second took %s", took)
		}
	})
}
