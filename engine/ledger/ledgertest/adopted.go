package ledgertest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// TestAdopted adopts a ledger of a job that serve runs, which sends what is new: what the ledger does not have may have been sent in the time
// that is lost, and is in doubt until a run has met all rows. adopt puts the ledger, which nobody has open, behind its witness and adopts it.
func TestAdopted(t *testing.T, open func() engine.Ledger, adopt func()) {
	t.Helper()
	begins := func(n int, asked engine.Asked) *desk {
		t.Helper()
		asked.DeliveryScope = "ever"
		d := &desk{TB: t, Ledger: open(), open: open}
		d.must(d.StartRun(t.Context(), engine.Run{
			ID: theRun + fmt.Sprint(n), Job: "job", Mode: engine.ModeServe, Scope: fmt.Sprint("schedule/", n), StartedAt: at(n), Asked: asked,
		}))
		d.lock()
		return d
	}
	ends := func(d *desk, n int) {
		t.Helper()
		d.must(d.FinishRun(t.Context(), engine.Run{ID: theRun + fmt.Sprint(n), Status: engine.RunSucceeded, FinishedAt: at(n)}, nil))
		d.must(d.Close())
	}
	of := func(n int, item string) delivery.Intent {
		i := intent(item)
		i.Run = theRun + fmt.Sprint(n)
		return i
	}
	d := begins(1, engine.Asked{})
	d.settle(d.intend(of(1, "ana")), accepted(wamid(1)))
	if at, err := d.AdoptedAt(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("it was adopted at %v, %v", at, err)
	}
	ends(d, 1)
	adopt()
	for n, asked := range []engine.Asked{{Limit: 5}, {NoReceiver: true, Engine: "other", NewRows: true, RetryFailed: true, AllowPaths: []string{"/"}}} {
		n += 2
		d := begins(n, asked)
		_, err := d.Intend(t.Context(), of(n, fmt.Sprint("new ", n)))
		if held, is := errors.AsType[*delivery.DecidedError](err); !is || held.Delivery.State != delivery.InDoubt {
			t.Errorf("run %d: %v, want it in doubt", n, err)
		}
		ends(d, n)
	}
	d = begins(4, engine.Asked{})
	if at, err := d.AdoptedAt(t.Context()); err != nil || time.Since(at).Abs() > time.Minute {
		t.Errorf("it was adopted at %v, %v", at, err)
	}
	d.intend(of(4, "new 4")) // the run before met all
	d.must(d.Close())
}
