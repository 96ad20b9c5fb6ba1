package steps

import (
	"errors"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp"
)

// sendVerdict says what a failed send means. The number's limiter learns of throttling.
func sendVerdict(err error, p whatsapp.Pace, to whatsapp.Recipient) error {
	e, ok := errors.AsType[*whatsapp.Error](err)
	if !ok {
		return err // nobody knows: in doubt
	}
	advice := e.Advice()
	v := verdict(e, advice)
	switch advice.Kind {
	case whatsapp.NotSent, whatsapp.Retry:
	case whatsapp.SlowDown:
		p.Throttled(e.RetryAfter)
	case whatsapp.Pair:
		v.After = max(e.RetryAfter, p.PairThrottled(string(to)))
	case whatsapp.Unsure:
		v.Judgement = engine.JudgedUnclear
	case whatsapp.Refused:
		// What the account is to blame for can be tried again once the account is put right.
		v.Judgement, v.Stop, v.Retryable = engine.JudgedRefused, advice.Run, advice.Run
	case whatsapp.InDoubt:
		v.Judgement = engine.JudgedInDoubt
	}
	return v
}

// verdict is one that lets the call be made again, and says when.
func verdict(e *whatsapp.Error, advice whatsapp.Advice) *engine.Verdict {
	a := answer(e)
	v := &engine.Verdict{Judgement: engine.JudgedRetry, After: e.RetryAfter, Answer: a, Err: told{a.Message, e}}
	if advice.Delay > e.RetryAfter {
		v.After, v.Advised = 0, advice.Delay
	}
	return v
}

// readVerdict says what a failed question means: whatever is not refused may be asked again, for it reaches nobody.
func readVerdict(err error) error {
	e, ok := errors.AsType[*whatsapp.Error](err)
	if !ok {
		return err
	}
	advice := e.Advice()
	v := verdict(e, advice)
	if advice.Kind == whatsapp.Refused {
		v.Judgement, v.Stop, v.Retryable = engine.JudgedRefused, stopsReads(e), true
	}
	return v
}

// stopsReads says whether a refused question tells that everything else would be refused too. A missing right to
// read statistics does not keep messages from going out.
func stopsReads(e *whatsapp.Error) bool { return e.Class() == whatsapp.ClassAuth }

// answer keeps of an error what the ledger and the report want to know, in words that say what to do.
func answer(e *whatsapp.Error) delivery.Answer {
	bare := *e
	bare.Op = "" // the step says what was being done
	message := bare.Error()
	switch {
	case e.Status == 0 && e.Sent:
		message = "the request left and no answer came (" + message + ")"
	case e.Status == 0 && !errors.Is(e, engine.ErrLate) && !errors.Is(e, whatsapp.ErrUnsendable):
		message = "no connection was made (" + message + ")"
	}
	if code, ok := whatsapp.Explain(e.Code); ok && e.Graph && code.Action != "" {
		message = strings.TrimSuffix(message, ".") + ". " + code.Action
	}
	return delivery.Answer{Status: e.Status, Code: e.Code, Message: message, TraceID: e.TraceID}
}

// told is an error in the words of its answer.
type told struct {
	text  string
	cause error
}

func (e told) Error() string { return e.text }
func (e told) Unwrap() error { return e.cause }
