package steps

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp"
	"waybill/whatsapp/webhook"
)

// judge decides what a failed request means for its message: the only place where that is decided. The error code
// counts before the HTTP status, since Meta documents that statuses change: throttling comes as 400, and some 5xx are
// final.
func judge(e *whatsapp.Error) *engine.Verdict {
	a := answer(e)
	v := &engine.Verdict{
		Result: delivery.ResultNotSent, After: e.RetryAfter, Cause: causeOfError(e), Answer: a, Err: answerError{a.Message, e},
	}
	switch {
	case errors.Is(e.Err, whatsapp.ErrUnsendable):
		refuse(v)
	case e.Graph:
		judgeCode(v, e)
	case e.Status != 0:
		judgeStatus(v, e)
	case e.Sent:
		v.Result = delivery.ResultInDoubt
	}
	return v
}

// codeOptedOut says that the person opted out of marketing messages. Source: Meta, support/error-codes.
const codeOptedOut = 131050

// WhatsApp pauses a template for some hours for its quality, and disables it in the end. Source: Meta, templates/template-pausing.
const (
	codePaused   = 132015
	codeDisabled = 132016
)

// judgeCode judges an answer that carries an error code.
func judgeCode(v *engine.Verdict, e *whatsapp.Error) {
	code, known := whatsapp.Explain(e.Code)
	v.OptedOut = e.Code == codeOptedOut
	switch {
	case known && code.Retry != whatsapp.RetryNever:
		if wait := code.Wait(); wait > e.RetryAfter {
			v.After, v.Advised = 0, wait
		}
	case known:
		refuse(v)
		if code.StopsRun() || e.ObjectMissing() {
			stopRun(v)
		}
		v.Halted = e.Code == codePaused || e.Code == codeDisabled
		v.Retryable = v.Retryable || e.Code == codePaused
	case e.Status == http.StatusTooManyRequests, e.Status >= 500, e.Transient:
	default:
		refuse(v)
		if e.Status == http.StatusUnauthorized {
			stopRun(v)
		}
	}
}

// judgeStatus judges an answer without an error code.
func judgeStatus(v *engine.Verdict, e *whatsapp.Error) {
	switch {
	case !e.Sent && (e.Status < 300 || e.Status == http.StatusRequestTimeout || e.Status >= 500):
		// Answered before the message was handed over.
	case e.Status < 300:
		v.Result = delivery.ResultInDoubt
	case e.Status < 400:
		refuse(v)
		stopRun(v) // a redirect: the base address is wrong for every message
	case e.Status == http.StatusTooManyRequests:
	case e.Status >= 500:
		v.Ambiguous = true
	case e.Err != nil:
		// Refused, but the body with the reason was cut: another try shows the reason.
	default:
		refuse(v)
		switch e.Status {
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
			stopRun(v)
		}
	}
}

// refuse makes a verdict final: this message will not be sent.
func refuse(v *engine.Verdict) {
	v.Result, v.After = delivery.ResultRefused, 0
}

// stopRun adds to a refusal that the token, a permission, the account or the address is at fault: all other messages would be refused
// too, and can be sent once that is put right.
func stopRun(v *engine.Verdict) {
	v.Stop, v.Retryable = true, true
}

// sendVerdict returns what it means that a send failed that began at a time, and tells the number's limiter what there is to learn. An
// error that is not the client's is returned as it is, which the engine takes for in doubt.
func sendVerdict(err error, p whatsapp.Pace, to whatsapp.Recipient, began time.Time) error {
	e, ok := errors.AsType[*whatsapp.Error](err)
	if !ok {
		return err
	}
	v := judge(e)
	switch {
	case e.PairThrottled():
		v.After = max(e.RetryAfter, p.PairThrottled(string(to)))
	case e.Throttled():
		p.Throttled(e.RetryAfter)
	case !e.Sent:
		p.Unsent(string(to), began)
	}
	return v
}

// mediaVerdict returns what it means that a message was refused for a medium that is gone and can be uploaded again: nothing was
// sent, and the next try may succeed.
func mediaVerdict(e *whatsapp.Error) *engine.Verdict {
	v := judge(e)
	v.Result, v.Stop, v.Retryable, v.Cause = delivery.ResultNotSent, false, true, delivery.CauseMessage
	return v
}

// readVerdict returns what a failed read means. A read reaches no recipient, so that it may be repeated unless it was
// refused. Of the refusals only a bad token ends the run: without the right to read statistics, messages still go out.
func readVerdict(err error) error {
	e, ok := errors.AsType[*whatsapp.Error](err)
	if !ok {
		return err
	}
	v := judge(e)
	if v.Result == delivery.ResultRefused {
		v.Stop, v.Retryable = e.Class() == whatsapp.ClassAuth, true
	} else {
		v.Result = delivery.ResultNotSent
	}
	return v
}

// judgeFailure notes why an accepted message was not delivered, whose fault that is, and whether sending it again may succeed.
func judgeFailure(s *delivery.Status, errs []webhook.Error) {
	if len(errs) == 0 {
		s.Answer.Message = "WhatsApp gave no reason"
		return
	}
	e := errs[0]
	text := e.Title
	if e.Details != "" && e.Details != e.Title {
		text = strings.TrimPrefix(text+": "+e.Details, ": ")
	}
	code, known := whatsapp.Explain(e.Code)
	s.Answer = delivery.Answer{Code: e.Code, Message: withAction(text, code)}
	if !known {
		return
	}
	s.Cause = causeOfFailure(code)
	s.Retryable = code.Retry != whatsapp.RetryNever || s.Cause == delivery.CauseAccount || s.Cause == delivery.CausePacing
}

// answer returns what the ledger and the report keep of an error, in words that say what to do.
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
	if code, ok := whatsapp.Explain(e.Code); ok && e.Graph {
		message = withAction(message, code)
	}
	return delivery.Answer{Status: e.Status, Code: e.Code, Message: message, TraceID: e.TraceID}
}

// withAction appends what to do about a code, if the table says so.
func withAction(text string, code whatsapp.Code) string {
	if code.Action == "" {
		return text
	}
	return strings.TrimSuffix(text, ".") + ". " + code.Action
}

// answerError is an error whose text is that of its answer.
type answerError struct {
	text  string
	cause error
}

func (e answerError) Error() string { return e.text }
func (e answerError) Unwrap() error { return e.cause }
