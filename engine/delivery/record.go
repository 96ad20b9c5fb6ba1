package delivery

import (
	"iter"
	"time"
)

// Record is all that a ledger keeps of one delivery. A ledger loads it, calls one of Begin, Intend, Settle, Observe, Resolve
// and TakeOver, and saves what changed under the condition that nothing else did meanwhile.
type Record struct {
	ID        ID
	Key       Key
	Recipient string
	NumberID  string
	Digest    Digest
	Row       int
	State     State
	Retryable bool      // of Rejected and Failed, see Delivery
	Attempts  []Attempt // every request in order, Number 1 first; never empty
	MessageID string    // the message that counts; empty until one is accepted
	Failure   *Standing // how its message failed after it was accepted; nil: it did not
	Further   []Further // proof that the person got it more than once
	SettledAt time.Time // zero while intended
	StatusAt  time.Time // WhatsApp's time of the status in State; zero before any

	// Heard is what statuses say of the record's messages, by message id. A message that is missing was accepted, and nothing
	// is known beyond that. Before Settle and Observe it must hold what is known of the message that they tell of.
	Heard map[string]Standing
}

// Further is a message id beyond the first that a delivery was accepted with.
type Further struct {
	MessageID string
	Attempt   int
	FoundAt   time.Time
}

// Delivery returns the record as callers see it. A later failure has the last word on the answer and its cause.
func (r *Record) Delivery() Delivery {
	c := r.current()
	d := Delivery{
		ID: r.ID, Key: r.Key, Run: c.Run, Recipient: r.Recipient, NumberID: r.NumberID, Digest: r.Digest, State: r.State, Retryable: r.Retryable,
		Row: r.Row, Attempts: len(r.Attempts), MessageID: r.MessageID, HeldBack: c.HeldBack, Cause: c.Cause, Answer: c.Answer,
		IntendedAt: c.At, SettledAt: r.SettledAt, StatusAt: r.StatusAt,
	}
	if r.Failure != nil && r.State == Failed {
		d.Answer, d.Cause = r.Failure.Answer, r.Failure.Cause
	}
	return d
}

// current is the last attempt.
func (r *Record) current() *Attempt { return &r.Attempts[len(r.Attempts)-1] }

// standing is what is known of one of its messages.
func (r *Record) standing(message string) Standing {
	return Standing{State: Accepted}.Merge(r.Heard[message])
}

// hear takes in what an observation says of its message.
func (r *Record) hear(message string, s Standing) {
	if r.Heard == nil {
		r.Heard = map[string]Standing{}
	}
	r.Heard[message] = r.standing(message).Merge(s)
}

// messages yields every message id that it was accepted with, the one that counts last.
func (r *Record) messages() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, a := range r.Attempts {
			if a.MessageID != "" && a.MessageID != r.MessageID && !yield(a.MessageID) {
				return
			}
		}
		for _, f := range r.Further {
			if f.MessageID != r.MessageID && !yield(f.MessageID) {
				return
			}
		}
		if r.MessageID != "" {
			yield(r.MessageID)
		}
	}
}
