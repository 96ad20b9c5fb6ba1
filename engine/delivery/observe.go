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
	r.keepAwaited()
	r.prove(o)
}

// prove notes that a message was accepted, and decides anew where the delivery stands.
func (r *Record) prove(o Observation) {
	r.hear(o.MessageID, o.Standing)
	if o.Attempt < 1 || o.Attempt > len(r.Attempts) {
		o.Attempt = r.AttemptOf(o.MessageID)
	}
	if o.Attempt == len(r.Attempts) {
		r.proveCurrent(o)
	} else {
		r.proveFormer(o)
	}
	r.decide()
	switch {
	case r.State == Intended:
		r.SettledAt = time.Time{}
	case r.SettledAt.IsZero():
		r.SettledAt = o.Seen
	}
}

// AttemptOf returns the number of the attempt that has a message; of the last one when none has.
func (r *Record) AttemptOf(message string) int {
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

// proveFormer notes that an attempt before the last was accepted. Its message is the delivery's when it is the first that arrives.
func (r *Record) proveFormer(o Observation) {
	a := &r.Attempts[o.Attempt-1]
	news := a.MessageID != o.MessageID
	a.accepted(o)
	arrives := r.standing(o.MessageID).arrives()
	if r.MessageID == "" && arrives {
		r.MessageID = o.MessageID
	}
	beside := r.MessageID != "" && r.MessageID != o.MessageID && (news || arrives)
	if beside || a.MessageID != o.MessageID {
		r.further(o)
	}
}

// accepted notes the message that an attempt was accepted with. The first one stays the attempt's.
func (a *Attempt) accepted(o Observation) {
	if a.MessageID == "" {
		a.MessageID = o.MessageID
	}
	a.Cause = 0
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
