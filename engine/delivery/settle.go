package delivery

// Settle notes how an attempt ended. An acceptance counts whenever it comes, also after the delivery was put in doubt or
// planned again by hand. Anything else counts while nothing better is known of the attempt, and changes the delivery only when
// the attempt is its last and the user has not decided meanwhile. a.Number must be one of the record's attempts, and
// a.MessageID must be there when a.Result is ResultAccepted.
func (r *Record) Settle(a Attempt) {
	r.keepAwaited()
	own, last := &r.Attempts[a.Number-1], a.Number == len(r.Attempts)
	own.Awaited = false
	unknown := own.Result == 0 || own.Result == ResultInDoubt
	if unknown || last && a.Result == ResultAccepted {
		own.Answer, own.Cause, own.HeldBack = a.Answer, a.Cause, a.HeldBack
	}
	if a.Result == ResultAccepted {
		r.prove(Observation{Attempt: a.Number, MessageID: a.MessageID, Standing: Standing{State: Accepted}, Seen: a.Ended})
		return
	}
	if unknown {
		own.Result, own.Last, own.Retryable, own.Ended = a.Result, a.Last, a.Retryable, a.Ended
	}
	open := r.State == Intended || r.State == InDoubt
	r.decide()
	if last && open {
		r.SettledAt = a.Ended
	}
}

// Accepted is the delivery of an intent after the attempt a, its last, was accepted, when nothing came between.
func (i Intent) Accepted(a Attempt) Delivery {
	return Delivery{
		ID: a.Delivery, Key: i.Key, Run: i.Run, Recipient: i.Recipient, NumberID: i.NumberID, Digest: i.Digest, State: Accepted, Row: i.Row,
		Attempts:  a.Number,
		MessageID: a.MessageID, HeldBack: a.HeldBack, Answer: a.Answer, IntendedAt: a.At, SettledAt: a.Ended,
	}
}
