package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"waybill/engine"
)

// Story is one delivery with every request made for it and every word that came back: `show RUN --item KEY`.
type Story struct {
	Delivery Delivery       `json:"delivery"`
	Attempts []StoryAttempt `json:"attempts"`
	Statuses []StoryStatus  `json:"statuses"`
}

// StoryAttempt is one request.
type StoryAttempt struct {
	Number    int     `json:"number"`
	Run       string  `json:"run"`
	At        *string `json:"at"`
	Ended     *string `json:"ended"`  // null: never heard of again
	Result    string  `json:"result"` // accepted, refused, not sent, in doubt or unanswered
	MessageID string  `json:"messageId,omitempty"`
	HTTP      int     `json:"http,omitempty"`
	Code      int     `json:"code,omitempty"`
	Message   string  `json:"message,omitempty"`
	TraceID   string  `json:"traceId,omitempty"`
}

// StoryStatus is one word of WhatsApp's about the message.
type StoryStatus struct {
	At      *string `json:"at"`
	Word    string  `json:"word"`
	Code    int     `json:"code,omitempty"`
	Message string  `json:"message,omitempty"`
}

// NewStory makes the form for programs.
func NewStory(d engine.Delivery, attempts []engine.Attempt, statuses []engine.Status) Story {
	s := Story{Delivery: NewDelivery(d), Attempts: []StoryAttempt{}, Statuses: []StoryStatus{}}
	for _, a := range attempts {
		s.Attempts = append(s.Attempts, StoryAttempt{
			Number: a.Number, Run: a.Run, At: instant(a.At), Ended: instant(a.Ended), Result: a.Result.String(),
			MessageID: a.MessageID, HTTP: a.Answer.Status, Code: a.Answer.Code, Message: a.Answer.Message, TraceID: a.Answer.TraceID,
		})
	}
	for _, st := range statuses {
		s.Statuses = append(s.Statuses, StoryStatus{At: instant(st.At), Word: st.Word, Code: st.Answer.Code, Message: st.Answer.Message})
	}
	return s
}

// WriteStory prints it in the order of time.
func WriteStory(w io.Writer, s Story, paint Paint) error {
	var b strings.Builder
	d := s.Delivery
	fmt.Fprintf(&b, "%s to %s: %s\n", paint.clean(whose(Error{Step: d.Step, Item: d.Item, Row: d.Row})), paint.clean(d.Recipient), paint.Bold(d.State))
	if d.MessageID != "" {
		fmt.Fprintf(&b, "  %s\n", paint.Dim(paint.clean(d.MessageID)))
	}
	for _, a := range s.Attempts {
		line := fmt.Sprintf("attempt %d: %s", a.Number, a.Result)
		if a.HTTP > 0 {
			line += fmt.Sprintf(", HTTP %d", a.HTTP)
		}
		if a.Code != 0 {
			line += fmt.Sprintf(", code %d", a.Code)
		}
		if a.Message != "" {
			line += ": " + a.Message
		}
		if took := elapsed(a.At, a.Ended); took > 0 {
			line += " (" + span(took) + ")"
		}
		fmt.Fprintf(&b, "  %s  %s\n", text(a.At), paint.clean(line))
	}
	for _, st := range s.Statuses {
		line := "WhatsApp says " + st.Word
		if st.Code != 0 {
			line += fmt.Sprintf(", code %d: %s", st.Code, st.Message)
		}
		fmt.Fprintf(&b, "  %s  %s\n", text(st.At), paint.clean(line))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func elapsed(from, to *string) time.Duration {
	if from == nil || to == nil {
		return 0
	}
	a, err := time.Parse(time.RFC3339, *from)
	if err != nil {
		return 0
	}
	b, err := time.Parse(time.RFC3339, *to)
	if err != nil {
		return 0
	}
	return b.Sub(a)
}
