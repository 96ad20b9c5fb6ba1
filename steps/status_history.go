package steps

import (
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// statusHistory holds the known statuses of a message, ordered by WhatsApp's time.
type statusHistory struct{ statuses []delivery.Status }

func (s statusHistory) empty() bool { return len(s.statuses) == 0 }

// last returns the status that stays by delivery's one rule. An arrival ranks above a failure: with several devices either may
// come later.
func (s statusHistory) last() delivery.Status {
	var best delivery.Status
	for _, status := range s.statuses {
		if status.Outranks(best) {
			best = status
		}
	}
	return best
}

// reached reports whether the message has the wanted status or a later one.
func (s statusHistory) reached(want delivery.State) bool {
	last := s.last()
	return last.State != delivery.Failed && last.State.Rank() >= want.Rank()
}

func (s statusHistory) failed() bool { return s.last().State == delivery.Failed }

// failure returns the error of a message that was accepted and not delivered.
func (s statusHistory) failure() error {
	last := s.last()
	text := last.Answer.Message
	if text == "" {
		text = "WhatsApp gave no reason"
	}
	return &engine.Verdict{
		Result: delivery.ResultRefused, Cause: last.Cause, Answer: last.Answer,
		Err: fmt.Errorf("the message was accepted and then failed: %s", text),
	}
}

// outcome returns the outputs of getStatus; none without a status.
func (s statusHistory) outcome() engine.Outcome {
	if s.empty() {
		return engine.Outcome{}
	}
	events, failures := []any{}, []any{}
	for _, status := range s.statuses {
		events = append(events, map[string]any{"status": status.Word, "timestamp": timestamp(status.At)})
		if status.State == delivery.Failed {
			failures = append(failures, map[string]any{"code": status.Answer.Code, "message": status.Answer.Message})
		}
	}
	last := s.last()
	return engine.Outcome{Values: map[string]any{
		"status": last.Word, "timestamp": timestamp(last.At), "events": events, "errors": failures,
	}}
}

// timestamp writes a moment as the job file reads it; "" for none.
func timestamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}
