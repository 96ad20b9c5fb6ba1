package delivery

import "time"

// Standing is what became of one message as far as WhatsApp's statuses say. The zero value: nothing was heard.
type Standing struct {
	State     State     // Accepted, Sent, Delivered, Read or Failed
	At        time.Time // WhatsApp's time of that status; zero of an answer
	Retryable bool      // of Failed: sending it again may succeed
	Cause     Cause     // of Failed
	Answer    Answer    // of Failed: code and message
}

// Merge takes in one more status. The order in which statuses come does not matter: the one that proves most stays, of two
// that prove the same the earlier one, and of two of one moment the one that allows less.
func (s Standing) Merge(next Standing) Standing {
	if next.outranks(s) {
		return next
	}
	return s
}

func (s Standing) outranks(o Standing) bool {
	switch {
	case s.State.Rank() != o.State.Rank():
		return s.State.Rank() > o.State.Rank()
	case !s.At.Equal(o.At):
		return !s.At.IsZero() && (o.At.IsZero() || s.At.Before(o.At))
	case s.Retryable != o.Retryable:
		return o.Retryable
	}
	return s.Answer.Code < o.Answer.Code
}

// arrives says whether the message is on its way or with the person.
func (s Standing) arrives() bool { return s.State.Succeeded() }

// Standing returns what one status says of its message.
func (s Status) Standing() Standing {
	return Standing{State: s.State, At: s.At, Retryable: s.Retryable, Cause: s.Cause, Answer: s.Answer}
}

// Outranks says which of two statuses of one message stays, by the rule of Standing.Merge.
func (s Status) Outranks(o Status) bool { return s.Standing().outranks(o.Standing()) }
