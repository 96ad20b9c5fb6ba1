package runner

import (
	"context"
	"time"

	"waybill/engine"
)

// expired: a message whose time is over is left out, whatever kept it from being sent before.
func expired(ctx context.Context, x *execution, c *candidate) decision {
	if c.step == nil || c.step.Expires == nil {
		return decision{}
	}
	if c.expires.IsZero() {
		at, err := x.expiry(ctx, c)
		if err != nil {
			return decision{} // Request.Job's checks have judged what is literal; render says what else is wrong
		}
		c.expires = at
	}
	if x.engine.Now().Before(c.expires) {
		return decision{}
	}
	return decision{admission: admitSkip, reason: "expired"}
}

// inTime leaves a message out at once that would have to wait until its time is over: it would never be sent.
func (c *candidate) inTime(d decision) decision {
	if d.admission == admitWait && !d.until.IsZero() && !c.expires.IsZero() && !d.until.Before(c.expires) {
		return decision{admission: admitSkip, reason: "expired"}
	}
	return d
}

// expiry is when a candidate's message expires. A duration counts from the start of the run that met its row first.
func (x *execution) expiry(ctx context.Context, c *candidate) (time.Time, error) {
	value, err := c.step.Expires.Render(ctx, c.q.names)
	if err != nil {
		return time.Time{}, err
	}
	began := x.run.StartedAt
	if c.known && x.engine.Ledger != nil {
		attempts, err := x.engine.Ledger.Attempts(context.WithoutCancel(ctx), c.was.ID)
		if err != nil {
			return time.Time{}, err
		}
		if len(attempts) > 0 && attempts[0].At.Before(began) {
			began = attempts[0].At
		}
	}
	return engine.Expiry(value, began)
}
