package delivery

import "time"

// Resolve settles a delivery in doubt by the user's word: as sent, or to be planned again. It leaves a trace in the answer of
// the last attempt, so that a person's word is never taken for WhatsApp's. A delivery that was taken as sent by hand is accepted
// and has no message id until a webhook confirms it. by names the user in that trace; it may be empty.
// A *DecidedError means that it is not in doubt, and nothing changed.
func (r *Record) Resolve(sent bool, by string, at time.Time) error {
	if r.State != InDoubt {
		return &DecidedError{Delivery: r.Delivery()}
	}
	c, word := r.current(), "planned again"
	c.Resolved = ResolvedPlanned
	if sent {
		c.Resolved, word = ResolvedSent, "taken as sent"
	}
	c.Answer.Message = trace(c.Answer.Message, word, by, at)
	r.decide()
	r.SettledAt = at
	return nil
}

// trace adds to what an attempt got what a person decided about it, when, and who it was.
func trace(answer, word, by string, at time.Time) string {
	word += " by hand at " + at.UTC().Format(time.RFC3339)
	if by != "" {
		word += " by " + by
	}
	if answer == "" {
		return "no answer was seen; " + word
	}
	return answer + "; " + word
}
