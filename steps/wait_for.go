package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"waybill/engine"
)

const (
	// receiverAliveFor is how recent the last webhook must be for a wait to rely on webhooks and not poll the API.
	receiverAliveFor = 24 * time.Hour
	// firstPoll and lastPoll bound the pauses between polls of the message history where no webhook arrives.
	firstPoll = time.Second
	lastPoll  = 30 * time.Second
)

// wait waits until the message has the wanted status. It wakes when any process records a webhook; only where no webhook
// arrives does it poll the message history, at growing intervals.
func (o *getStatus) wait(ctx context.Context, q statusQuery) (engine.Outcome, error) {
	pause := firstPoll
	var asked error
	for {
		known, err := o.recorded(ctx, q)
		if err != nil {
			return engine.Outcome{}, waitError(ctx, q, known, err)
		}
		recorded := len(known.statuses)
		alive, err := o.receiverAlive(ctx)
		if err != nil {
			return engine.Outcome{}, waitError(ctx, q, known, err)
		}
		if !known.reached(q.want) && !alive {
			var more statusHistory
			if more, asked = o.history(ctx, q); asked == nil {
				known.statuses = append(known.statuses, more.statuses...)
			}
			if isPermanent(asked) {
				return engine.Outcome{}, asked
			}
		}
		switch {
		case known.reached(q.want):
			return known.outcome(), nil
		case known.failed():
			return known.outcome(), known.failure()
		}
		if err := o.waitForUpdate(ctx, q, recorded, alive, pause); err != nil {
			return o.lastLookup(ctx, q, known, cmp.Or(asked, err))
		}
		pause = min(pause*2, lastPoll)
	}
}

// lastLookup ends a wait that timed out. A webhook may have been lost, so it reads the message history once more.
func (o *getStatus) lastLookup(ctx context.Context, q statusQuery, known statusHistory, cause error) (engine.Outcome, error) {
	if errors.Is(context.Cause(ctx), errWaitTimeout) {
		if more, err := o.history(context.WithoutCancel(ctx), q); err == nil && more.reached(q.want) {
			return more.outcome(), nil
		}
	}
	return known.outcome(), waitError(ctx, q, known, cause)
}

// waitForUpdate returns when a webhook brought another status of the message, and where no webhooks arrive after pause at the
// latest. It holds no worker meanwhile.
func (o *getStatus) waitForUpdate(ctx context.Context, q statusQuery, known int, alive bool, pause time.Duration) error {
	return q.call.WithoutPermit(ctx, func() error {
		if alive {
			return o.ledger.Await(ctx, q.messageID, known)
		}
		inner, cancel := context.WithTimeout(ctx, pause)
		defer cancel()
		if err := o.ledger.Await(inner, q.messageID, known); err != nil && inner.Err() == nil {
			return err
		}
		return ctx.Err()
	})
}

// receiverAlive reports whether webhooks reach this ledger.
func (o *getStatus) receiverAlive(ctx context.Context) (bool, error) {
	last, err := o.ledger.Receiving(ctx)
	if err != nil {
		return false, fmt.Errorf("read the ledger: %w", err)
	}
	return !last.IsZero() && o.world.Now().Sub(last) < receiverAliveFor, nil
}

// isPermanent reports whether polling again is useless. An unknown message is no such error: it may be known a moment later.
func isPermanent(err error) bool {
	v, ok := errors.AsType[*engine.Verdict](err)
	return ok && v.Stop
}

// waitError returns the error of a wait that timed out, or that ended with the run.
func waitError(ctx context.Context, q statusQuery, known statusHistory, cause error) error {
	if !errors.Is(context.Cause(ctx), errWaitTimeout) {
		if cause == nil {
			cause = context.Cause(ctx)
		}
		return cause
	}
	last := "nothing is known of it"
	if !known.empty() {
		last = "it is " + known.last().Word
	}
	err := fmt.Errorf("waited %s for %s: %s", q.timeout, q.waitFor, last)
	timeUp := errors.Is(cause, context.DeadlineExceeded) || errors.Is(cause, errWaitTimeout) // which the text says already
	if cause != nil && known.empty() && !timeUp {
		err = fmt.Errorf("%w (%w)", err, cause)
	}
	return err
}
