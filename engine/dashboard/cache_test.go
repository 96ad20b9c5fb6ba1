package dashboard_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/engine/dashboard"
	"waybill/engine/delivery"
)

// TestKeptAsLongAsItCost has a ledger that counts slowly: it is asked seldom, and a cheap one more often.
func TestKeptAsLongAsItCost(t *testing.T) {
	for name, tc := range map[string]struct{ cost, kept time.Duration }{
		"cheap":     {0, 2 * time.Second},
		"slow":      {time.Second, 20 * time.Second},
		"very slow": {9 * time.Second, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := small(map[delivery.State]int{delivery.Read: 1}, aRun(engine.RunRunning))
				f.onTally = func(context.Context) error { time.Sleep(tc.cost); return nil }
				o := demoOptions(f)
				o.Now = time.Now
				h := dashboard.New(o)
				get(t, h, "/runs/r1")
				time.Sleep(tc.kept - time.Millisecond)
				get(t, h, "/runs/r1")
				if n := f.tallies.Load(); n != 1 {
					t.Errorf("counted %d times within %s", n, tc.kept)
				}
				time.Sleep(2 * time.Millisecond)
				get(t, h, "/runs/r1")
				if n := f.tallies.Load(); n != 2 {
					t.Errorf("counted %d times after %s", n, tc.kept)
				}
			})
		})
	}
}

// TestScopeThatIsTooLarge gives up counting a scope beside a run, and the run's page is shown all the same.
func TestScopeThatIsTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := aRun(engine.RunSucceeded)
		run.Scope = "ever"
		f := small(map[delivery.State]int{delivery.Read: 3}, run)
		slow := false
		f.onTally = func(ctx context.Context) error {
			if slow = !slow; slow {
				return nil // the run's own
			}
			<-ctx.Done()
			return ctx.Err()
		}
		w := get(t, dashboard.New(demoOptions(f)), "/runs/r1")
		if w.Code != 200 {
			t.Fatalf("status %d", w.Code)
		}
		contains(t, w.Body.String(), "too many to count for a page", "/runs/r1/deliveries?scope=all")
	})
}
