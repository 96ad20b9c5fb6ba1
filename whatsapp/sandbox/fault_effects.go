package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// effects is what faults do to an accepted message.
type effects struct {
	noWaID      bool          // the answer names no wa_id
	held        bool          // for quality assessment: the answer says so
	hold        time.Duration // before the first status
	fail        int           // the code with which it fails by webhook; 0: it does not
	early       bool          // the first status is told before the answer
	late        time.Duration // by which all statuses come later
	twice       bool          // each status is told twice
	disorder    bool          // the statuses are told in reverse order
	noDelivered bool          // read comes without delivered
	dropped     bool          // no status is told
}

// faultBefore answers instead of carrying the request out, if a fault says so.
func (s *Server) faultBefore(c *call) *answer {
	f := s.fire(phaseEarly, &c.info)
	if f == nil {
		return nil
	}
	var a answer
	switch f.Kind {
	case FaultRefuse:
		a.cut = cutDial
	case FaultCut:
		a.cut = cutUnread
	default:
		a = f.refusal(c)
	}
	if f.Delay > 0 {
		a.delay = f.Delay
	}
	return &a
}

// refusal is the answer of error, throttle, status and html.
func (f *Fault) refusal(c *call) answer {
	var a answer
	switch f.Kind {
	case FaultStatus:
		a = answer{status: f.Status, contentType: "text/plain; charset=utf-8", body: []byte(http.StatusText(f.Status))}
	case FaultHTML:
		a = answer{status: f.Status, contentType: "text/html; charset=utf-8", body: fmt.Appendf(nil,
			"<!DOCTYPE html>\n<html><head><title>%[1]d %[2]s</title></head>\n<body><center><h1>%[1]d %[2]s</h1></center></body></html>\n",
			f.Status, http.StatusText(f.Status))}
	default:
		e := refuse(f.Code, "A fault of the sandbox asked for this code.")
		e.status = f.Status
		e.transient = f.Code == 2 || f.Code == 4
		a = e.answer(c.trace)
	}
	if f.RetryAfter > 0 {
		a.header = map[string]string{"Retry-After": strconv.Itoa(f.RetryAfter)}
	}
	return a
}

// faultAfter spoils the answer of a request that was carried out.
func (s *Server) faultAfter(c *call, a *answer) {
	if a.status != http.StatusOK {
		return
	}
	if f := s.fire(phaseAnswer, &c.info); f != nil {
		switch f.Kind {
		case FaultLost:
			a.cut = cutNoAnswer
		case FaultCutBody:
			a.cut = cutInBody
		case FaultSlowBody:
			a.slow = f.Delay
		case FaultNoID:
			*a = jsonAnswer(http.StatusOK, map[string]any{"messaging_product": "whatsapp", "contacts": []any{}, "messages": []any{}})
		case FaultNotJSON:
			a.contentType, a.body = "text/plain; charset=utf-8", []byte("OK")
		default:
			*a = f.refusal(c)
		}
		if f.Kind != FaultSlowBody && f.Delay > 0 {
			a.delay = f.Delay
		}
	}
	if f := s.fire(phaseDelay, &c.info); f != nil {
		a.delay += f.Delay
	}
}

// effects asks the faults what they do to the message that is about to be accepted. The caller holds the lock.
func (s *Server) effects(c *call) effects {
	var e effects
	f := s.fireLocked(phaseDelivery, &c.info)
	if f == nil {
		return e
	}
	switch f.Kind {
	case FaultNoWaID:
		e.noWaID = true
	case FaultHeld:
		e.held, e.hold, e.fail = true, f.Delay, f.Code
	case FaultFailed:
		e.fail, e.hold = f.Code, f.Delay
	case FaultWebhookEarly:
		e.early = true
	case FaultWebhookLate:
		e.late = f.Delay
	case FaultWebhookTwice:
		e.twice = true
	case FaultWebhookDisorder:
		e.disorder = true
	case FaultWebhookNoDelivered:
		e.noDelivered = true
	case FaultWebhookDropped:
		e.dropped = true
	}
	return e
}
