package cli

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"sync/atomic"

	"golang.org/x/time/rate"
)

// serveLog is the log of a process that nobody watches: what changed in the world, everything under -v, and warnings
// alone under -q. Phone numbers are masked in it, whoever wrote them into an error.
func (a *app) serveLog(format string) *slog.Logger {
	level := slog.LevelInfo
	switch {
	case a.verbose:
		level = slog.LevelDebug
	case a.quiet:
		level = slog.LevelWarn
	}
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: maskAttr}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(a.err, options))
	}
	return slog.New(slog.NewTextHandler(a.err, options))
}

// maskAttr masks texts and errors. Names that the user chose, and addresses, stay readable.
func maskAttr(_ []string, attr slog.Attr) slog.Attr {
	switch attr.Key {
	case slog.TimeKey, slog.LevelKey, slog.MessageKey, "job", "run", "scope", "path", "file", "remote", "url", "ledger", "account_id":
		return attr
	}
	attr.Value = attr.Value.Resolve()
	switch attr.Value.Kind() {
	case slog.KindString:
		attr.Value = slog.StringValue(maskPhones(attr.Value.String()))
	case slog.KindAny:
		if err, ok := attr.Value.Any().(error); ok {
			attr.Value = slog.StringValue(maskPhones(err.Error()))
		}
	default:
	}
	return attr
}

// phoneLike finds what may be a phone number: 7 to 15 digits after a plus, 9 to 15 without one. A message id holds
// the number of its recipient in another form.
var phoneLike = regexp.MustCompile(`\+[0-9]{7,15}|wamid\.[A-Za-z0-9+/=_-]+|[A-Za-z0-9]+`)

// maskPhones leaves of each number what tells two apart: "+34…78".
func maskPhones(text string) string {
	return phoneLike.ReplaceAllStringFunc(text, func(found string) string {
		const kept = 2
		switch {
		case strings.HasPrefix(found, "wamid."):
			return "wamid.…"
		case found[0] == '+':
			return found[:1+kept] + "…" + found[len(found)-kept:]
		case len(found) >= 9 && len(found) <= 15 && strings.Trim(found, "0123456789") == "":
			return found[:kept] + "…" + found[len(found)-kept:]
		}
		return found
	})
}

// throttled lets a few records a second through: whoever knocks at the webhook's door must not fill the disk with
// words about it. The next record says how many were left out.
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
