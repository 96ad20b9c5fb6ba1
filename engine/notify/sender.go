package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/avast/retry-go/v4"
)

// MaxDelay is how long telling an event may take, all tries and all targets together.
const MaxDelay = 10 * time.Second

const (
	tries     = 5
	firstWait = 250 * time.Millisecond // doubled before each further try
)

// Sender tells events. The zero value is ready.
type Sender struct {
	// Transport carries requests to https addresses; nil: one with the proxy of the environment. It must not follow redirects.
	Transport http.RoundTripper
}

// Send tells an event to all targets at once, and again where that may help. It returns when all is told, when nothing more can
// be tried, when ctx ends or after MaxDelay. The errors are those of the targets, in their order; nil: that one was told.
func (s *Sender) Send(ctx context.Context, targets []Target, e Event) []error {
	ctx, cancel := context.WithTimeout(ctx, MaxDelay)
	defer cancel()
	over := s.Transport
	if over == nil {
		over = newTransport()
	}
	errs := make([]error, len(targets))
	var all sync.WaitGroup
	for i, t := range targets {
		all.Go(func() { errs[i] = tell(ctx, over, t, e) })
	}
	all.Wait()
	return errs
}

// tell tells one target. Its tries need no care of the runner's: a notification that arrives twice harms nobody.
func tell(ctx context.Context, over http.RoundTripper, t Target, e Event) error {
	last := error(&failure{reason: "no time was left to tell it"})
	err := retry.Do(func() error { last = t.once(ctx, over, e); return last },
		retry.Context(ctx), retry.Attempts(tries), retry.LastErrorOnly(true), retry.Delay(firstWait),
		retry.RetryIf(func(err error) bool {
			f, ok := errors.AsType[*failure](err)
			deadline, limited := ctx.Deadline()
			return ok && f.again && (!limited || time.Until(deadline) > f.after)
		}),
		retry.DelayType(func(n uint, err error, c *retry.Config) time.Duration {
			wait := retry.CombineDelay(retry.BackOffDelay, retry.RandomDelay)(n, err, c)
			if f, ok := errors.AsType[*failure](err); ok {
				wait = max(wait, f.after)
			}
			return wait
		}),
	)
	if err == nil {
		return nil
	}
	return fmt.Errorf("notify %s: %w", t, last)
}

// newTransport keeps no connection: a notification is one request.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: MaxDelay / 2}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, TLSHandshakeTimeout: MaxDelay / 2,
		ForceAttemptHTTP2: true, DisableKeepAlives: true,
	}
}
