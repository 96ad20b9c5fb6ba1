package serve

import (
	"context"
	"log/slog"
	"sync/atomic"

	"golang.org/x/time/rate"
)

// throttled passes on a few records a second: unauthenticated requests must not fill the disk with words about them. The
// next record says how many were left out.
type throttled struct {
	slog.Handler

	limiter *rate.Limiter
	dropped *atomic.Int64
}

func newThrottled(h slog.Handler) throttled {
	const perSecond, burst = 5, 20
	return throttled{Handler: h, limiter: rate.NewLimiter(perSecond, burst), dropped: &atomic.Int64{}}
}

// Handle passes a record on, or counts it.
func (t throttled) Handle(ctx context.Context, r slog.Record) error {
	if !t.limiter.AllowN(r.Time, 1) {
		t.dropped.Add(1)
		return nil
	}
	if n := t.dropped.Swap(0); n > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int64("left_out_before", n))
	}
	return t.Handler.Handle(ctx, r)
}

// WithAttrs keeps the bound.
func (t throttled) WithAttrs(attrs []slog.Attr) slog.Handler {
	t.Handler = t.Handler.WithAttrs(attrs)
	return t
}

// WithGroup keeps the bound.
func (t throttled) WithGroup(name string) slog.Handler {
	t.Handler = t.Handler.WithGroup(name)
	return t
}
