package runner_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/whatsapp/sandbox"
)

// lookups is a ledger that counts how often it is asked about rows, and how often to look at all of them.
type lookups struct {
	engine.Ledger
	n, tallies atomic.Int32
}

func (l *lookups) Tally(ctx context.Context, f engine.DeliveryFilter) (map[delivery.State]int, error) {
	if f.Run == "" {
		l.tallies.Add(1)
	}
	return l.Ledger.Tally(ctx, f)
}

func (l *lookups) Lookup(ctx context.Context, keys []delivery.Key) (map[delivery.KeyHash]delivery.Delivery, error) {
	l.n.Add(1)
	return l.Ledger.Lookup(ctx, keys)
}

// TestAllSentIsNotCounted applies a job with a limit again and again: rows that all have their messages are not counted before.
func TestAllSentIsNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		asked := &lookups{Ledger: h.ledger}
		h.ledger = asked
		var rows []string
		for n := range 61 {
			rows = append(rows, fmt.Sprintf(`to: "+346000001%02d"`, n))
		}
		limited := func(step string, rows []string) string {
			return strings.Replace(peopleJob(`country: ES`, step, rows...), "steps:", "limits: { recipients: 30 }\nsteps:", 1)
		}
		const done, counted = 1, 2
		apply := func(job string, want int32) {
			t.Helper()
			asked.n.Store(0)
			if s := h.do(job, engine.ModeApply); s.Run.Status != engine.RunSucceeded {
				t.Error(s.Run.Status, s.Errors)
			}
			if got := asked.n.Load(); got != want {
				t.Errorf("the ledger was asked %d times, want %d", got, want)
			}
			if got := asked.tallies.Load(); got > 0 {
				t.Errorf("each message was looked at %d times", got)
			}
		}
		apply(limited(text, rows[:30]), counted)
		apply(limited(text, rows[:30]), done)
		apply(limited(text, rows[:30]), done)
		apply(limited(text, rows[:31]), counted) // others
		apply(limited(text, rows[:31]), done)
		sometimes := text + "\n    if: ${{ job.name != \"\" }}"
		apply(limited(sometimes, rows[:31]), counted)
		apply(limited(sometimes, rows[:31]), counted) // which rows get a message may change

		_, err := h.engine().Execute(t.Context(), h.request(h.load(limited(text, append(rows, `to: "+34600000299"`))), engine.ModeApply))
		if found, ok := errors.AsType[*diag.ListError](err); !ok || found.List[0].Code != "too-many-recipients" {
			t.Errorf("31 further people: %v", err)
		}
	})
}

// TestFailedSinceAllWereSent: of rows that had their messages, those whose messages failed since are people whom the next apply reaches,
// and a limit holds for them, also when a run of one of the rows came in between.
func TestFailedSinceAllWereSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, sandbox.Options{})
		var rows []string
		for n := range 9 {
			rows = append(rows, fmt.Sprintf(`to: "+3460000010%d"`, n))
		}
		job := strings.Replace(peopleJob(`country: ES`, text, rows...), "steps:", "limits: { recipients: 5 }\nsteps:", 1)
		for _, limit := range []int{5, 0, 0, 1} {
			r := h.request(h.load(job), engine.ModeApply)
			r.Limit = limit
			h.execute(t.Context(), r)
		}
		for d, err := range h.ledger.Deliveries(t.Context(), engine.DeliveryFilter{Limit: 6}) {
			if err != nil {
				t.Fatal(err)
			}
			h.record(delivery.Status{
				MessageID: d.MessageID, State: delivery.Failed, Word: "failed", At: time.Now(), Cause: delivery.CauseAccount, Retryable: true,
				Answer: delivery.Answer{Code: 131042, Message: "payment"},
			})
		}
		_, err := h.engine().Execute(t.Context(), h.request(h.load(job), engine.ModeApply))
		if found, ok := errors.AsType[*diag.ListError](err); !ok || found.List[0].Code != "too-many-recipients" {
			t.Errorf("6 people, of whom the job allows 5: %v", err)
		}
	})
}
