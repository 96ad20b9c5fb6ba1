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

// TestExpiresBeforeThePlaceIsFree: whom the ledger gives a place only when the message's time is over does not wait for it.
func TestExpiresBeforeThePlaceIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		text := `
version: 1
name: often
recipients: { atMost: { messages: 1, per: 7d } }
steps:
  - { id: one, sendText: { to: "+34600000001", body: hi } }
  - { id: two, sendText: { to: "+34600000001", body: soon, expires: 6d } }
  - { id: three, sendText: { to: "+34600000001", body: later, expires: 8d } }
`
		plan := h.plan(text)
		if plan.Skipped["expired"] != 1 || plan.Waiting != 1 {
			t.Errorf("plan: %d skipped as expired and %d to wait, want 1 and 1", plan.Skipped["expired"], plan.Waiting)
		}
		s := h.do(text, engine.ModeApply)
		wantCounts(t, s, engine.Counts{Total: 3, Succeeded: 1, Skipped: 1, Waiting: 1}, engine.RunStopped)
	})
}
