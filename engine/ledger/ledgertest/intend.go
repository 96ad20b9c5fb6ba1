package ledgertest

import (
	"errors"
	"testing"

	"waybill/engine"
	"waybill/engine/delivery"
)

func testIntend(t *testing.T, newStore NewStore) {
	t.Helper()
	t.Run("grants what is new", func(t *testing.T) {
		d := newDesk(t, newStore)
		got := d.intend(intent("ana"))
		if got.Delivery == 0 || got.Attempt != 1 || got.At.IsZero() || got.Callback == "" {
			t.Errorf("ticket %+v", got)
		}
		if len(got.Callback) > 64 {
			t.Errorf("callback of %d characters", len(got.Callback))
		}
		r := d.wantState("ana", delivery.Intended)
		if r.Key != key("ana") || r.Run != theRun || r.Recipient != "+34612345678" || r.Digest != 77 || r.Row != 2 || r.Attempts != 1 ||
			!r.IntendedAt.Equal(got.At) || !r.SettledAt.IsZero() {
			t.Errorf("delivery %+v", r)
		}
	})
	t.Run("shows a duplicate its first", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.intend(intent("ana"))
		second := intent("ana")
		second.Row = 9
		if got := d.held(second); got.Run != theRun || got.Row != 2 {
			t.Errorf("held by run %s row %d", got.Run, got.Row)
		}
	})
	t.Run("needs a started run", func(t *testing.T) {
		d := newDesk(t, newStore)
		i := intent("ana")
		i.Run = "20260325-090000-zzzz"
		if _, err := d.Intend(t.Context(), i); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
		if found, err := d.Lookup(t.Context(), []delivery.Key{i.Key}); err != nil || len(found) != 0 {
			t.Errorf("%v, %v: nothing was allowed", found, err)
		}
	})
	t.Run("needs the lock", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.must(d.release())
		if _, err := d.Intend(t.Context(), intent("ana")); !errors.Is(err, engine.ErrNotLocked) {
			t.Errorf("%v, want ErrNotLocked", err)
		}
		d.lock()
		d.intend(intent("ana"))
	})
	// What each state grants, by the words of the intent.
	type words struct{ plain, refused, resend bool }
	for name, c := range map[string]struct {
		bring func(d *desk, i delivery.Intent, message string)
		want  words
	}{
		"planned": {
			func(d *desk, i delivery.Intent, _ string) {
				d.settle(d.intend(i), delivery.Attempt{Result: delivery.ResultNotSent})
			},
			words{true, true, true},
		},
		"given up": {func(d *desk, i delivery.Intent, _ string) {
			d.settle(d.intend(i), delivery.Attempt{Result: delivery.ResultNotSent, Last: true})
		}, words{true, true, true}},
		"refused": {
			func(d *desk, i delivery.Intent, _ string) {
				d.settle(d.intend(i), delivery.Attempt{Result: delivery.ResultRefused})
			},
			words{false, true, false},
		},
		"refused, again": {func(d *desk, i delivery.Intent, _ string) {
			d.settle(d.intend(i), delivery.Attempt{Result: delivery.ResultRefused, Retryable: true})
		}, words{true, true, true}},
		"in doubt": {
			func(d *desk, i delivery.Intent, _ string) {
				d.settle(d.intend(i), delivery.Attempt{Result: delivery.ResultInDoubt})
			},
			words{false, false, true},
		},
		"accepted": {func(d *desk, i delivery.Intent, message string) { d.settle(d.intend(i), accepted(message)) }, words{}},
		"intended": {func(d *desk, i delivery.Intent, _ string) { d.intend(i) }, words{}},
		"crashed":  {func(d *desk, i delivery.Intent, _ string) { d.intend(i); d.crash() }, words{false, false, true}},
		"failed": {func(d *desk, i delivery.Intent, message string) {
			d.settle(d.intend(i), accepted(message))
			d.record(delivery.Status{MessageID: message, State: delivery.Failed, Word: "failed", At: at(5)})
		}, words{false, true, false}},
		"failed, again": {func(d *desk, i delivery.Intent, message string) {
			d.settle(d.intend(i), accepted(message))
			d.record(delivery.Status{MessageID: message, State: delivery.Failed, Word: "failed", At: at(5), Retryable: true})
		}, words{true, true, true}},
		"failed, then read": {func(d *desk, i delivery.Intent, message string) {
			d.settle(d.intend(i), accepted(message))
			d.record(delivery.Status{MessageID: message, State: delivery.Failed, Word: "failed", At: at(5), Retryable: true})
			d.record(delivery.Status{MessageID: message, State: delivery.Read, Word: "read", At: at(6)})
		}, words{}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, newStore)
			for n, w := range []struct {
				name string
				with func(*delivery.Intent)
				want bool
			}{
				{"plain", func(*delivery.Intent) {}, c.want.plain},
				{"refused", func(i *delivery.Intent) { i.Allowed.Refused = true }, c.want.refused},
				{"resend", func(i *delivery.Intent) { i.Allowed.Resend = true }, c.want.resend},
			} {
				i := intent(w.name)
				c.bring(d, i, wamid(n))
				w.with(&i)
				if !w.want {
					d.held(i)
					continue
				}
				if got := d.intend(i); got.Attempt != 2 {
					t.Errorf("%s: attempt %d, want 2", w.name, got.Attempt)
				}
				d.wantState(w.name, delivery.Intended)
			}
		})
	}
}
