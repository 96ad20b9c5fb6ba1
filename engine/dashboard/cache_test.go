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
				f.onRun = func(context.Context) error { time.Sleep(tc.cost); return nil }
				o := demoOptions(f)
				o.Now = time.Now
				h := dashboard.New(o)
				get(t, h, "/runs/r1")
				time.Sleep(tc.kept - time.Millisecond)
				get(t, h, "/runs/r1")
				if n := f.counted.Load(); n != 1 {
					t.Errorf("counted %d times within %s", n, tc.kept)
				}
				time.Sleep(2 * time.Millisecond)
				get(t, h, "/runs/r1")
				if n := f.counted.Load(); n != 2 {
					t.Errorf("counted %d times after %s", n, tc.kept)
				}
			})
		})
	}
}
