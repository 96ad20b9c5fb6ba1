package steps

import (
	"context"
	"errors"
	"net/http"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/whatsapp"
)

// causeOf returns whose fault a code is. A code that stops a run is the account's, and no other is.
func causeOf(c whatsapp.Code) delivery.Cause {
	if c.StopsRun() {
		return delivery.CauseAccount
	}
	switch c.Code {
	case 131021, 131062: // a request that no other text would mend: the recipient cannot have it
		return delivery.CausePerson
	case 131056, 132069:
		return delivery.CauseLimit
	}
	switch c.Class {
	case whatsapp.ClassTemplate, whatsapp.ClassRequest:
		return delivery.CauseMessage
	case whatsapp.ClassRecipient, whatsapp.ClassWindow, whatsapp.ClassPolicy:
		return delivery.CausePerson
	case whatsapp.ClassBackoff, whatsapp.ClassSlow:
		if c.Throttles() {
			return delivery.CauseLimit
		}
		return delivery.CauseService
	case whatsapp.ClassAuth, whatsapp.ClassPermission, whatsapp.ClassAccount: // they stop a run
	}
	return 0
}

// causeOfError returns whose fault a failed request is; 0 where this process itself ended it.
func causeOfError(e *whatsapp.Error) delivery.Cause {
	code, known := whatsapp.Explain(e.Code)
	switch {
	case errors.Is(e.Err, whatsapp.ErrUnsendable):
		return delivery.CauseMessage
	case e.ObjectMissing():
		return delivery.CauseAccount
	case e.Graph && known:
		return causeOf(code)
	case e.Status != 0:
		return causeOfStatus(e)
	case e.Sent:
		return delivery.CauseService // no answer came
	case errors.Is(e, engine.ErrLate), errors.Is(e, context.Canceled):
		return 0
	}
	return delivery.CauseConnection
}

// causeOfStatus returns whose fault an answer without a known code is. As in judge, it is the account's where the run stops.
func causeOfStatus(e *whatsapp.Error) delivery.Cause {
	switch s := e.Status; {
	case s == http.StatusTooManyRequests:
		return delivery.CauseLimit
	case s >= 500, e.Transient, !e.Graph && (s < 300 || s == http.StatusRequestTimeout || s >= 400 && e.Err != nil):
		return delivery.CauseService
	case s == http.StatusUnauthorized, !e.Graph && (s < 400 || s == http.StatusForbidden || s == http.StatusProxyAuthRequired):
		return delivery.CauseAccount
	}
	return delivery.CauseMessage
}

// causeOfFailure returns whose fault it is that an accepted message was not delivered; 0 for a code that is not known.
func causeOfFailure(code whatsapp.Code) delivery.Cause {
	switch code.Code {
	case codePaused, 135000: // it was accepted, so it was held, and then dropped with its wave
		return delivery.CausePacing
	}
	return causeOf(code)
}
