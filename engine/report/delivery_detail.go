package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"waybill/engine/delivery"
	"waybill/engine/wording"
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
	Ended     *string `json:"ended"`            // null: never heard of again
	Result    string  `json:"result"`           // accepted, refused, not sent, in doubt or unanswered
	ToldBy    string  `json:"toldBy,omitempty"` // webhook: the answer was lost, or was none, and a webhook told that it was accepted
	MessageID string  `json:"messageId,omitempty"`
	HTTP      int     `json:"http,omitempty"`
	Code      int     `json:"code,omitempty"`
	Message   string  `json:"message,omitempty"`
	TraceID   string  `json:"traceId,omitempty"`
}

// StoryStatus is one word of WhatsApp's about one of the messages.
type StoryStatus struct {
	At        *string `json:"at"`
	MessageID string  `json:"messageId"`
	Word      string  `json:"word"`
	Code      int     `json:"code,omitempty"`
	Message   string  `json:"message,omitempty"`
}

// NewStory makes the form for programs. The statuses are those of all its messages: an attempt that was accepted and then
// failed has one of its own.
func NewStory(d delivery.Delivery, attempts []delivery.Attempt, statuses []delivery.Status) Story {
	s := Story{Delivery: NewDelivery(d), Attempts: []StoryAttempt{}, Statuses: []StoryStatus{}}
	for _, a := range attempts {
		told := StoryAttempt{
			Number: a.Number, Run: a.Run, At: instant(a.At), Ended: instant(a.Ended), Result: a.Result.String(),
			MessageID: a.MessageID, HTTP: a.Answer.Status, Code: a.Answer.Code, Message: a.Answer.Message, TraceID: a.Answer.TraceID,
		}
		answered := a.Answer.Status >= 200 && a.Answer.Status < 300 && a.Answer.Message == ""
		if a.Result == delivery.ResultAccepted && a.MessageID != "" && !answered {
			told.ToldBy = "webhook"
		}
		s.Attempts = append(s.Attempts, told)
	}
	for _, st := range statuses {
		s.Statuses = append(s.Statuses, StoryStatus{
			At: instant(st.At), MessageID: st.MessageID, Word: st.Word, Code: st.Answer.Code, Message: st.Answer.Message,
		})
	}
	return s
}

// WriteStory prints each attempt with what WhatsApp said of its message.
func WriteStory(w io.Writer, s Story, paint Paint) error {
	var b strings.Builder
	d := s.Delivery
	fmt.Fprintf(&b, "%s to %s: %s\n", paint.clean(whose(Error{Step: d.Step, Item: d.Item, Row: d.Row})), paint.clean(d.Recipient), paint.Bold(d.State))
	if d.MessageID != "" {
		fmt.Fprintf(&b, "  %s\n", paint.Dim(paint.clean(d.MessageID)))
	}
	said := map[string]bool{}
	for _, a := range s.Attempts {
		fmt.Fprintf(&b, "  %s  %s\n", text(a.At), paint.clean(a.line()))
		if a.MessageID != "" && !said[a.MessageID] {
			said[a.MessageID] = true
			s.writeStatuses(&b, func(of string) bool { return of == a.MessageID }, paint)
		}
	}
	s.writeStatuses(&b, func(of string) bool { return !said[of] }, paint)
	_, err := io.WriteString(w, b.String())
	return err
}

func (s Story) writeStatuses(b *strings.Builder, of func(message string) bool, paint Paint) {
	for _, st := range s.Statuses {
		if !of(st.MessageID) {
			continue
		}
		line := "WhatsApp says " + st.Word
		if st.Code != 0 {
			line += fmt.Sprintf(", code %d: %s", st.Code, st.Message)
		}
		fmt.Fprintf(b, "  %s  %s\n", text(st.At), paint.clean(line))
	}
}

// line is an attempt in words.
func (a StoryAttempt) line() string {
	line := fmt.Sprintf("attempt %d: %s", a.Number, a.Result)
	if a.ToldBy != "" {
		line += ", as a " + a.ToldBy + " told"
		if a.HTTP > 0 || a.Code != 0 || a.Message != "" {
			line += "; until then in doubt"
		}
	}
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
		line += " (" + wording.Compact(took) + ")"
	}
	return line
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
