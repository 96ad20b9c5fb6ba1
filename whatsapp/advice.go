package whatsapp

import (
	"errors"
	"net/http"
	"time"
)

// AdviceKind says what an *Error means for the message or the question.
type AdviceKind int

// The kinds of advice. The zero value is InDoubt, the safe one.
const (
	// InDoubt: the request may have left and nothing readable came back, or 200 without an id. Hold a message;
	// a question may be asked again.
	InDoubt AdviceKind = iota
	// NotSent: nothing left, because there was no connection, or because the gate or the caller's context said no.
	NotSent
	// Retry: answered, and not accepted, for a passing reason.
	Retry
	// SlowDown: answered, and not accepted, because the number, the app or the account asks too much. Lower the
	// number's rate, then try again.
	SlowDown
	// Pair: answered, and not accepted: this recipient gets too much. Others may go on.
	Pair
	// Refused: answered; the same request will be refused again.
	Refused
	// Unsure: a 5xx that carries no Graph error, a gateway's page mostly. Probably not accepted; nobody says so.
	Unsure
)

// String returns the kind's name.
func (k AdviceKind) String() string {
	switch k {
	case NotSent:
		return "not sent"
	case Retry:
		return "retry"
	case SlowDown:
		return "slow down"
	case Pair:
		return "pair"
	case Refused:
		return "refused"
	case Unsure:
		return "unsure"
	case InDoubt:
	}
	return "in doubt"
}

// Advice is what to make of an *Error.
type Advice struct {
	Kind AdviceKind
	// Delay is the least time to wait before another try: what the answer asked for, else what the page of error
	// codes says, else zero: choose.
	Delay time.Duration
	// Run: of Refused: the token, a permission, the account or the address is at fault, so that everything else
	// would be refused alike.
	Run bool
}

// Advice judges by the code first and by the HTTP status second, as statuses are documented as changing:
// throttling comes as 400, and some 5xx are for good. Source: Meta, support/error-codes.
func (e *Error) Advice() Advice {
	switch {
	case errors.Is(e.Err, ErrUnsendable):
		return Advice{Kind: Refused}
	case e.Graph:
		return e.byCode()
	case e.Status == 0 && !e.Sent:
		return Advice{Kind: NotSent}
	case e.Status == 0:
		return Advice{Kind: InDoubt}
	default:
		return e.byStatus()
	}
}

func (e *Error) byCode() Advice {
	code, known := Explain(e.Code)
	switch {
	case e.Code == codePair:
		return Advice{Kind: Pair, Delay: e.RetryAfter}
	case code.Throttles():
		return Advice{Kind: SlowDown, Delay: e.RetryAfter}
	case known && code.Retry != RetryNever:
		return Advice{Kind: Retry, Delay: max(e.RetryAfter, code.Wait())}
	case known:
		return Advice{Kind: Refused, Run: code.StopsRun() || e.objectMissing()}
	case e.Status == http.StatusTooManyRequests:
		return Advice{Kind: SlowDown, Delay: e.RetryAfter}
	case e.Status >= 500 || e.Transient:
		return Advice{Kind: Retry, Delay: e.RetryAfter}
	default:
		return Advice{Kind: Refused, Run: e.Status == http.StatusUnauthorized}
	}
}

// objectMissing: the number or account that the path names is not there, or not for this token.
func (e *Error) objectMissing() bool { return e.Code == codeParameter && e.Subcode == subcodeMissing }

// byStatus judges an answer without a Graph error.
func (e *Error) byStatus() Advice {
	delay := Advice{Delay: e.RetryAfter}
	switch {
	case !e.Sent && (e.Status < 300 || e.Status == http.StatusRequestTimeout):
		delay.Kind = NotSent // answered before the message was taken
	case !e.Sent && e.Status >= 500:
		delay.Kind = Retry
	case e.Status < 300:
		delay.Kind = InDoubt
	case e.Status < 400:
		return Advice{Kind: Refused, Run: true} // a redirect: the address is wrong, for everybody
	case e.Status == http.StatusTooManyRequests:
		delay.Kind = SlowDown
	case e.Status >= 500:
		delay.Kind = Unsure
	case e.Err != nil:
		delay.Kind = Retry // refused, but the body with the reason was cut: the next answer will tell
	default:
		return Advice{Kind: Refused, Run: e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden || e.Status == http.StatusProxyAuthRequired}
	}
	return delay
}

// Class is the class of the code (see Code.Class); of an error without a known code, what its status amounts to.
func (e *Error) Class() Class {
	if code, ok := Explain(e.Code); ok && e.Graph {
		return code.Class
	}
	switch {
	case e.Status == http.StatusUnauthorized:
		return ClassAuth
	case e.Status == http.StatusForbidden:
		return ClassPermission
	case e.Status == http.StatusTooManyRequests:
		return ClassSlow
	case e.Status >= 400 && e.Status < 500 && !e.Transient:
		return ClassRequest
	default:
		return ClassBackoff
	}
}
