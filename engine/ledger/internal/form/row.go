package form

import "waybill/engine/delivery"

// Row is what the row of a delivery says of it: what it is, and its current attempt.
type Row struct {
	delivery.Delivery // Answer and Cause are the attempt's; see Failed

	Attempt  delivery.Attempt // the current one; without its message, Run and Answer
	Failed   bool             // it was accepted and failed later, and Failure says why
	Failure  delivery.Answer
	FailedBy delivery.Cause
}

// Told returns the delivery as callers see it: a later failure has the last word on the answer and its cause.
func (r *Row) Told() delivery.Delivery {
	d := r.Delivery
	if r.Failed && r.State == delivery.Failed {
		d.Answer, d.Cause = r.Failure, r.FailedBy
	}
	return d
}

// Record returns the row as a record, as far as it tells. Attempts before the current one are left empty.
func (r *Row) Record() delivery.Record {
	d := &r.Delivery
	out := delivery.Record{
		ID: d.ID, Key: d.Key, Recipient: d.Recipient, NumberID: d.NumberID, Digest: d.Digest, Row: d.Row, State: d.State, Retryable: d.Retryable,
		Attempts: make([]delivery.Attempt, d.Attempts), MessageID: d.MessageID, SettledAt: d.SettledAt, StatusAt: d.StatusAt,
	}
	if r.Failed {
		failure := r.Standing()
		out.Failure = &failure
	}
	c := &out.Attempts[d.Attempts-1]
	*c = r.Attempt
	c.Run, c.Answer = d.Run, d.Answer
	return out
}

// Standing is what the row knows of its one message.
func (r *Row) Standing() delivery.Standing {
	return delivery.Standing{State: r.State, At: r.StatusAt, Retryable: r.Retryable, Cause: r.FailedBy, Answer: r.Failure}
}

// CurrentMessage is the message of a record's current attempt: the delivery's, unless that is an earlier attempt's.
func CurrentMessage(r *delivery.Record) string {
	if r.AttemptOf(r.MessageID) == len(r.Attempts) {
		return r.MessageID
	}
	for _, f := range r.Further {
		if f.Attempt == len(r.Attempts) {
			return f.MessageID
		}
	}
	return ""
}

// The bits of result_flags. The two of flagResolved are a delivery.Resolution.
const (
	flagLast      = 1
	flagRetryable = 2
	flagAwaited   = 4
	flagResolved  = 8 | 16
	resolvedShift = 3
	// FlagFurther is a bit that no attempt has, for a ledger's own use.
	FlagFurther = 32
)

// PackFlags returns what result_flags holds of an attempt.
func PackFlags(a *delivery.Attempt) int64 {
	n := int64(a.Resolved) << resolvedShift
	if a.Last {
		n |= flagLast
	}
	if a.Retryable {
		n |= flagRetryable
	}
	if a.Awaited {
		n |= flagAwaited
	}
	return n
}

// UnpackFlags gives an attempt what result_flags holds of it.
func UnpackFlags(n int64, a *delivery.Attempt) {
	a.Last, a.Retryable, a.Awaited = n&flagLast != 0, n&flagRetryable != 0, n&flagAwaited != 0
	a.Resolved = delivery.Resolution(n & flagResolved >> resolvedShift)
}
