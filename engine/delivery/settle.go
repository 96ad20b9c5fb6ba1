package delivery

// Settle notes how an attempt ended. An acceptance counts whenever it comes, also after the delivery was put in doubt or
// planned again by hand. Anything else changes a delivery only while it is intended or in doubt, and the attempt its last.
// a.Number must be one of the record's attempts, and a.MessageID must be there when a.Result is ResultAccepted.
func (r *Record) Settle(a Attempt) {
	own := &r.Attempts[a.Number-1]
	own.Awaited = false
	if own.Result == 0 || own.Result == ResultInDoubt || a.Number == len(r.Attempts) && a.Result == ResultAccepted {
		own.Answer, own.HeldBack = a.Answer, a.HeldBack
	}
	if a.Result == ResultAccepted {
		r.prove(Observation{Attempt: a.Number, MessageID: a.MessageID, Standing: Standing{State: Accepted}, Seen: a.Ended})
		return
	}
	if own.Result == 0 || own.Result == ResultInDoubt {
		own.Result, own.Last, own.Retryable, own.Ended = a.Result, a.Last, a.Retryable, a.Ended
	}
	if a.Number == len(r.Attempts) && (r.State == Intended || r.State == InDoubt) {
		r.SettledAt = a.Ended
		r.State, r.Retryable = a.outcome()
	}
}

// outcome is where an attempt leaves its delivery that was not accepted.
func (a *Attempt) outcome() (s State, retryable bool) {
	switch {
	case a.Result == ResultRefused:
		return Rejected, a.Retryable
	case a.Result == ResultNotSent && a.Last:
		return Rejected, true
	case a.Result == ResultNotSent:
		return Planned, false
	}
	return InDoubt, false
}
