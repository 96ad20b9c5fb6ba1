package delivery

import "time"

// Observation is evidence that WhatsApp took a message: a status about it, or an answer with its id.
type Observation struct {
	Attempt   int // the attempt that the message was made by; 0: whichever has it, else the last
	MessageID string
	Standing
	Seen time.Time // when it was learnt
}

// Observe notes a status: it proves that its message was accepted, and tells what became of it.
func (r *Record) Observe(o Observation) {
	if c := r.current(); r.State == Intended && c.Result == 0 {
		c.Awaited = true
	}
	r.prove(o)
}

// prove notes that a message was accepted, and weighs anew where the delivery stands.
func (r *Record) prove(o Observation) {
	r.hear(o.MessageID, o.Standing)
	if o.Attempt < 1 || o.Attempt > len(r.Attempts) {
		o.Attempt = r.attemptOf(o.MessageID)
	}
	if o.Attempt == len(r.Attempts) {
		r.proveCurrent(o)
	} else {
		r.proveFormer(o)
	}
	r.weigh()
	if r.SettledAt.IsZero() && r.State != Intended {
		r.SettledAt = o.Seen
	}
}

// attemptOf finds the attempt that has a message; the last one when none has.
func (r *Record) attemptOf(message string) int {
	for _, a := range r.Attempts {
		if a.MessageID == message {
			return a.Number
		}
	}
	for _, f := range r.Further {
		if f.MessageID == message {
			return f.Attempt
		}
	}
	return len(r.Attempts)
}

// proveCurrent notes that the last attempt was accepted.
func (r *Record) proveCurrent(o Observation) {
	c := r.current()
	c.accepted(o)
	switch r.MessageID {
	case "":
		r.MessageID = o.MessageID
	case o.MessageID:
	default:
		r.further(o)
	}
}

// proveFormer notes that an attempt before the last was accepted.
func (r *Record) proveFormer(o Observation) {
	a := &r.Attempts[o.Attempt-1]
	news := a.MessageID != o.MessageID
	if a.MessageID != "" && news {
		r.further(o)
		return
	}
	a.accepted(o)
	arrives := r.standing(o.MessageID).arrives() && o.State != Failed
	switch {
	case r.MessageID == "" && arrives:
		r.MessageID = o.MessageID
	case r.MessageID != "" && r.MessageID != o.MessageID && (news || arrives):
		r.further(o)
	}
}

// accepted notes the message that an attempt was accepted with. The first one stays the attempt's.
func (a *Attempt) accepted(o Observation) {
	if a.MessageID == "" {
		a.MessageID = o.MessageID
	}
	if a.Result == ResultAccepted {
		return
	}
	a.Result, a.Last, a.Retryable = ResultAccepted, false, false
	if a.Ended.IsZero() {
		a.Ended = o.Seen
	}
}

// further notes a second message id: the person got it twice. The first one stays the delivery's.
func (r *Record) further(o Observation) {
	for _, f := range r.Further {
		if f.MessageID == o.MessageID {
			return
		}
	}
	r.Further = append(r.Further, Further{MessageID: o.MessageID, Attempt: o.Attempt, FoundAt: o.Seen})
}

// weigh says where the delivery stands: where the best of its messages stands. A failed one frees it only when no other
// request for it may have been taken, or it would be sent again beside one that is on its way.
func (r *Record) weigh() {
	var best, failed Standing
	for id := range r.messages() {
		if s := r.standing(id); s.arrives() {
			best = best.Merge(s)
		} else {
			failed = s
		}
	}
	switch c := r.current(); {
	case best.State != 0:
		r.stand(best)
	case c.Result == ResultAccepted:
		r.stand(failed)
	case r.State == Intended, r.State == Planned, r.State == Rejected: // the last request decides
	case c.Result == 0, c.Result == ResultInDoubt:
		r.stand(Standing{State: InDoubt})
	default:
		r.stand(failed)
	}
}

// stand moves the delivery to where its message stands.
func (r *Record) stand(s Standing) {
	r.State, r.StatusAt, r.Retryable, r.Failure = s.State, s.At, s.Retryable, nil
	if s.State == Failed {
		r.Failure = &s.Answer
	}
}
