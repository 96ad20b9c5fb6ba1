package runner_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp/sandbox"
)

var errDisk = errors.New("the disk is gone")

// tardy is a ledger that writes what nobody waits for later, or not at all.
type tardy struct {
	engine.Ledger
	later time.Duration
	lose  bool
	soon  atomic.Int64 // outcomes that were handed over
	open  atomic.Int64 // and not written yet
}

func (l *tardy) SettleSoon(a delivery.Attempt, then func(error)) {
	l.soon.Add(1)
	l.open.Add(1)
	go func() {
		time.Sleep(l.later)
		l.open.Add(-1)
		if l.lose {
			then(errDisk)
			return
		}
		_, err := l.Settle(context.Background(), a)
		then(err)
	}()
}

func (l *tardy) FinishRun(ctx context.Context, r engine.Run, met *delivery.IDs) error {
	if l.open.Load() != 0 {
		return errors.New("the run ended before its outcomes were written")
	}
	return l.Ledger.FinishRun(ctx, r, met)
}

func TestRunEndsBehindItsOutcomes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		slow := &tardy{Ledger: h.ledger, later: time.Second}
		h.ledger = slow
		wantCounts(t, h.do(table(h, 40, ""), engine.ModeRun), engine.Counts{Total: 40, Succeeded: 40}, engine.RunSucceeded)
		if slow.soon.Load() != 40 {
			t.Errorf("%d outcomes were not waited for, want 40", slow.soon.Load())
		}
	})
}

func TestStepsBehindAMessageFollowItsOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		slow := &tardy{Ledger: h.ledger, later: time.Second}
		h.ledger = slow
		job := table(h, 3, "") + `
      - id: second
        sendText: { to: "${{ item.phone }}", body: "part two" }
`
		wantCounts(t, h.do(job, engine.ModeRun), engine.Counts{Total: 6, Succeeded: 6}, engine.RunSucceeded)
		if slow.soon.Load() != 3 {
			t.Errorf("%d outcomes were not waited for, want those of the last steps, 3", slow.soon.Load())
		}
	})
}

func TestOutcomeThatCannotBeWrittenEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		h.ledger = &tardy{Ledger: h.ledger, lose: true}
		request := h.request(h.load(table(h, 400, "")), engine.ModeApply)
		s, err := h.engine().Execute(context.Background(), request)
		if !errors.Is(err, errDisk) || s.Run.Status != engine.RunStopped {
			t.Fatalf("the run ended as %s with %v, want stopped with %v", s.Run.Status, err, errDisk)
		}
		if len(h.posts()) == 400 {
			t.Error("it went on to the last row")
		}
	})
}
