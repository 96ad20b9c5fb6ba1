package delivery

// decide says where the delivery stands. It follows from what is known and from nothing else, so the order in which it became
// known does not matter. The best of the messages that are on their way or arrived counts. When there is none, the last request
// decides: what failed was known to have failed, or the user allowed a request beside it.
func (r *Record) decide() {
	best, failed := r.bestMessage(0)
	c := r.current()
	switch {
	case best.State != 0:
		r.stand(best)
	case c.Result == ResultAccepted && failed.State != 0:
		r.stand(failed)
	default:
		s, retryable := c.outcome()
		r.stand(Standing{State: s, Retryable: retryable})
	}
	c.Awaited = c.Awaited && r.State != Intended // which says the same
}

// bestMessage returns the standing of the message that came furthest, and that of the failed message of the latest attempt that
// has one; the zero Standing: there is none. It looks at the messages of one attempt, or of all (0).
func (r *Record) bestMessage(attempt int) (best, failed Standing) {
	latest := 0
	for id := range r.messages() {
		s, n := r.standing(id), r.AttemptOf(id)
		switch {
		case attempt != 0 && attempt != n:
		case s.arrives():
			best = best.Merge(s)
		case n > latest:
			latest, failed = n, s
		case n == latest:
			failed = failed.Merge(s)
		}
	}
	return best, failed
}

// stand moves the delivery to where its message stands.
func (r *Record) stand(s Standing) {
	r.State, r.StatusAt, r.Retryable, r.Failure = s.State, s.At, s.Retryable, nil
	if s.State == Failed {
		failure := s // of its own, so that only a failure costs an allocation
		r.Failure = &failure
	}
}

// outcome is where an attempt that was not accepted leaves its delivery.
func (a *Attempt) outcome() (s State, retryable bool) {
	switch {
	case a.Awaited:
		return Intended, false
	case a.Resolved == ResolvedSent:
		return Accepted, false
	case a.Resolved == ResolvedPlanned:
		return Planned, false
	case a.Result == ResultRefused:
		return Rejected, a.Retryable
	case a.Result == ResultNotSent && a.Last && !a.unreached():
		return Rejected, true
	case a.Result == ResultNotSent:
		return Planned, false
	}
	return InDoubt, false
}

// unreached says of an attempt that sent nothing that WhatsApp did not answer it, or answered only that it was too much.
func (a *Attempt) unreached() bool {
	return a.Cause == CauseLimit || a.Cause == CauseConnection || a.Answer.Status == 0 && a.Answer.Code == 0
}

// UnderWay says whether the answer to the last request is still awaited by the sender that made it.
func (r *Record) UnderWay() bool { return r.State == Intended || r.current().Awaited }

// keepAwaited notes that the last request is under way, before the delivery is moved on by something else than its answer.
func (r *Record) keepAwaited() { r.current().Awaited = r.UnderWay() }
