package steps

import (
	"fmt"
	"time"

	"waybill/engine"
)

// statusHistory is what is known of a message, in WhatsApp's order of time.
type statusHistory struct{ statuses []engine.Status }

func (s statusHistory) empty() bool { return len(s.statuses) == 0 }

// last gives the status that says most: arrivals over a failure, for with several devices either may come later.
func (s statusHistory) last() engine.Status {
	var best engine.Status
	for _, status := range s.statuses {
		if status.State.Rank() >= best.State.Rank() {
			best = status
		}
	}
	return best
}

// reached says whether the message came as far as wanted; read is content with more than delivered.
func (s statusHistory) reached(want engine.State) bool {
	last := s.last()
	return last.State != engine.Failed && last.State.Rank() >= want.Rank()
}

func (s statusHistory) failed() bool { return s.last().State == engine.Failed }

// failure is the error of a message that was accepted and then not delivered.
func (s statusHistory) failure() error {
	answer := s.last().Answer
	text := answer.Message
	if text == "" {
		text = "WhatsApp gave no reason"
	}
	return &engine.Verdict{
		Judgement: engine.JudgedRefused, Answer: answer, Err: fmt.Errorf("the message was accepted and then failed: %s", text),
	}
}

// outcome gives the outputs of getStatus; none when nothing is known.
func (s statusHistory) outcome() engine.Outcome {
	if s.empty() {
		return engine.Outcome{}
	}
	events, failures := []any{}, []any{}
	for _, status := range s.statuses {
		events = append(events, map[string]any{"status": status.Word, "timestamp": timestamp(status.At)})
		if status.State == engine.Failed {
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
