package runner_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
	"waybill/whatsapp/sandbox"
)

// lookups is a ledger that counts how often it is asked about rows.
type lookups struct {
	engine.Ledger
	n atomic.Int32
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
