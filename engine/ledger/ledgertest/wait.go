package ledgertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// testWait waits through one handle for what is changed through the same or through another.
func testWait(t *testing.T, newStore NewStore) {
	t.Helper()
	t.Run("change", func(t *testing.T) {
		d := newDesk(t, newStore)
		further := d.open()
		seen := func(l engine.Ledger, item string) <-chan error {
			done := newDone()
			go func() { done <- waitFor(t.Context(), l, item) }()
			return done
		}
		for name, l := range map[string]engine.Ledger{"same": d.Ledger, "other": further} {
			first, second := seen(l, name), seen(l, name)
			d.intend(intent(name))
			d.soon(first)
			d.soon(second)
		}
		d.wantEnded("Change", func(ctx context.Context) error { return d.Change(ctx) })
	})
	t.Run("await", func(t *testing.T) {
		d := newDesk(t, newStore)
		further := d.open()
		tell := func(id string, state delivery.State) {
			d.record(delivery.Status{MessageID: id, State: state, Word: state.String(), At: at(int(state))})
		}
		tell("wamid.A", delivery.Sent)
		d.must(d.Await(t.Context(), "wamid.A", 0)) // it is there already
		for known, l := range []engine.Ledger{d.Ledger, further} {
			ctx, cancel := context.WithCancel(t.Context())
			woken, other := newDone(), newDone()
			go func() { woken <- l.Await(t.Context(), "wamid.A", known+1) }()
			go func() { other <- l.Await(ctx, "wamid.B", 0) }()
			tell("wamid.A", delivery.Delivered+delivery.State(known))
			d.soon(woken)
			select {
			case err := <-other:
				t.Errorf("woken by another's status: %v", err)
			default:
			}
			cancel()
			if err := <-other; !errors.Is(err, context.Canceled) {
				t.Errorf("%v, want context.Canceled", err)
			}
		}
		d.wantEnded("Await", func(ctx context.Context) error { return d.Await(ctx, "wamid.B", 0) })
	})
	t.Run("ends with the ledger", func(t *testing.T) {
		d := newDesk(t, newStore)
		d.must(d.Close())
		for name, err := range map[string]error{"Change": d.Change(t.Context()), "Await": d.Await(t.Context(), "wamid.A", 0)} {
			if !errors.Is(err, engine.ErrClosed) {
				t.Errorf("%s: %v, want ErrClosed", name, err)
			}
		}
	})
}

func newDone() chan error { return make(chan error, 1) }

// waitFor is how Change is used: look, and wait for a reason to look again.
func waitFor(ctx context.Context, l engine.Ledger, item string) error {
	for {
		found, err := l.Lookup(ctx, []delivery.Key{key(item)})
		if err != nil || len(found) > 0 {
			return err
		}
		if err := l.Change(ctx); err != nil {
			return err
		}
	}
}

// soon wants a wait to end well.
func (d *desk) soon(done <-chan error) {
	d.Helper()
	select {
	case err := <-done:
		d.must(err)
	case <-time.After(10 * time.Second):
		d.Fatal("not woken")
	}
}

// wantEnded wants a wait to end with its context.
func (d *desk) wantEnded(name string, wait func(context.Context) error) {
	d.Helper()
	ctx, cancel := context.WithCancel(d.Context())
	cancel()
	if err := wait(ctx); !errors.Is(err, context.Canceled) {
		d.Errorf("%s: %v, want context.Canceled", name, err)
	}
}
