package runner

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/avast/retry-go/v4"

	"waybill/engine"
	"waybill/engine/delivery"
)

// try calls once, and again as long as its error says so and tries are left: n counts them from 1, and after the last none
// follows. It is the one retry loop of the house; what attemptInTime makes again is no try. It returns nil for success,
// errInterrupted when the run ended meanwhile, else the last error; and how many tries were made.
func (x *execution) try(ctx context.Context, q *sequence, s *engine.Step, once func(n int, last bool) error) (tries int, last error) {
	if ctx.Err() != nil {
		return 0, errInterrupted
	}
	spec := s.Retry.Over(x.req.Job.Retry).Over(engine.DefaultRetry())
	again := func() error {
		if q.permit.take(ctx) != nil {
			last = errInterrupted
			return last
		}
		tries++
		last = once(tries, tries >= spec.Attempts)
		return last
	}
	if again() == nil || !x.retries(last) {
		return tries, last // nearly all, for which no loop need be set up
	}
	call := func() error { return last } // of the loop's first round, which was that
	err := retry.Do(func() error {
		now := call
		call = again
		return now()
	},
		retry.Context(ctx), retry.Attempts(uint(spec.Attempts)), retry.LastErrorOnly(true), retry.WithTimer(q.permit), retry.RetryIf(x.retries),
		retry.DelayType(func(n uint, err error, _ *retry.Config) time.Duration {
			wait := backoff(spec, n, err)
			x.tell(engine.Event{Kind: engine.Attempted, Step: s, Item: q.item, Row: q.row, Attempt: attemptOf(tries, err), Wait: wait})
			return wait
		}),
	)
	if err != nil && ctx.Err() != nil && x.retries(last) {
		return tries, errInterrupted // by retry-go, between two tries
	}
	return tries, last
}

// retries says whether an error lets the same call be made once more.
func (x *execution) retries(err error) bool {
	v, ok := errors.AsType[*engine.Verdict](err)
	if !ok {
		return false
	}
	switch v.Result {
	case delivery.ResultNotSent:
		return true
	case delivery.ResultInDoubt:
		return x.req.Job.OnUncertain == engine.Resend
	case delivery.ResultRefused, delivery.ResultAccepted:
	}
	return false
}

// backoff is the wait before try n+1: what the API asked for, else doubled each time up to the most, never less than
// asked and with jitter, so that many who failed together do not come back together.
func backoff(r engine.RetrySpec, n uint, err error) time.Duration {
	d := r.Delay
	for ; n > 1 && d < r.MaxDelay; n-- {
		d *= 2
	}
	if v, ok := errors.AsType[*engine.Verdict](err); ok {
		if v.After > 0 {
			return v.After + jitter(min(v.After/10, time.Second))
		}
		d = max(d, v.Advised)
	}
	if d >= r.MaxDelay {
		d = r.MaxDelay
		return d - jitter(d/5)
	}
	return min(d+jitter(d/4), r.MaxDelay)
}

// jitter is a random part of d.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return rand.N(d) //nolint:gosec // spreads load; nothing is guessed from it
}

// attemptOf shapes a failed try for the observer.
func attemptOf(n int, err error) *delivery.Attempt {
	v := verdictOf(err, delivery.ResultNotSent)
	return &delivery.Attempt{Number: n, Result: v.Result, Answer: v.Answer}
}

// verdictOf returns the Verdict that an error carries; of a plain error, one of the given judgement.
func verdictOf(err error, plain delivery.Result) *engine.Verdict {
	if v, ok := errors.AsType[*engine.Verdict](err); ok {
		return v
	}
	return &engine.Verdict{Result: plain, Answer: delivery.Answer{Message: err.Error()}, Err: err}
}
