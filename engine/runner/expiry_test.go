package runner_test

import (
	"testing"
	"testing/synctest"

	"waybill/engine"
	"waybill/whatsapp/sandbox"
)

// TestExpiresBetweenTries: a message that is tried and expires before it is tried again is counted once, as not sent; and by a later
// apply once, as skipped.
func TestExpiresBetweenTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.fault(sandbox.Fault{Kind: sandbox.FaultThrottle, Every: 1})
		text := `
version: 1
name: late
defaults: { retry: { attempts: 20, delay: 300ms } }
steps:
  - sendText: { to: "+34600000001", body: hi, expires: 1s }
`
		s := h.do(text, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 1, NotSent: 1}, engine.RunFailed)
		if n := len(h.posts()); n < 2 || n > 5 {
			t.Errorf("%d tries, want some within the second", n)
		}
		h.sandbox.ClearFaults()
		s = h.do(text, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 1, Skipped: 1}, engine.RunSucceeded)
	})
}
