package runner_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
	"waybill/whatsapp/sandbox"
)

// brokenPacer fails until a moment.
type brokenPacer struct {
	err   error
	until time.Time
}

func (p brokenPacer) Book(context.Context, engine.Booking) (engine.Places, error) {
	if time.Now().Before(p.until) {
		return engine.Places{}, p.err
	}
	return engine.Places{Every: time.Millisecond}, nil
}

func (brokenPacer) Throttled(context.Context, string, float64, time.Duration) error { return nil }

// A pace that cannot be had is waited for, for a while, and it is said why; what will not pass ends the run at once.
func TestPaceCannotBeHad(t *testing.T) {
	busy := fmt.Errorf("%w: the database is away", engine.ErrBusy)
	for name, c := range map[string]struct {
		err    error
		lasts  time.Duration
		within time.Duration // the run ends
		status engine.RunStatus
		told   int // times, at least
	}{
		"for a minute": {busy, time.Minute, 70 * time.Second, engine.RunSucceeded, 2},
		"for ever":     {busy, time.Hour, 140 * time.Second, engine.RunStopped, 4},
		"not allowed":  {errors.New("permission denied for function book"), time.Hour, time.Second, engine.RunStopped, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := build(t, sandbox.Options{})
				began := time.Now()
				h.pacer = brokenPacer{c.err, began.Add(c.lasts)}
				s, err := h.engine().Execute(t.Context(), h.request(h.load(people(10, "")), engine.ModeApply))
				if stopped := c.status == engine.RunStopped; stopped != errors.Is(err, c.err) || s == nil {
					t.Fatal(err)
				}
				if took := time.Since(began); s.Run.Status != c.status || took > c.within {
					t.Errorf("after %s the run is %s: %s", took, s.Run.Status, s.Run.Reason)
				}
				if c.status == engine.RunStopped && !strings.Contains(s.Run.Reason, c.err.Error()) {
					t.Errorf("it ended for %q", s.Run.Reason)
				}
				if told := h.waiting("no-pace"); len(told) < c.told || c.told > 0 && !strings.Contains(told[0], "the database is away") {
					t.Errorf("it said %q", told)
				}
			})
		})
	}
}
