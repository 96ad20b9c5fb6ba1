package report

import (
	"fmt"
	"io"
	"strings"

	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// DeliveryDetail is `show RUN --item KEY -o json`: one delivery with each request made for it and each status that came.
type DeliveryDetail struct {
	Delivery Delivery        `json:"delivery"`
	Attempts []DetailAttempt `json:"attempts"`
	Statuses []DetailStatus  `json:"statuses"`
}

// DetailAttempt is one request.
type DetailAttempt struct {
	Number    int     `json:"number"`
	Run       string  `json:"run"`
	At        *string `json:"at"`
	Ended     *string `json:"ended"`            // null: its end was not recorded
	Result    string  `json:"result"`           // accepted, refused, notSent, inDoubt or unanswered
	ToldBy    string  `json:"toldBy,omitempty"` // "webhook" where the answer was lost or no success, and a webhook showed acceptance
	MessageID string  `json:"messageId,omitempty"`
	HTTP      int     `json:"http,omitempty"`
	Code      int     `json:"code,omitempty"`
	Message   string  `json:"message,omitempty"`
	TraceID   string  `json:"traceId,omitempty"`

	Text *DetailText `json:"text,omitempty"` // see AddTexts
}

// DetailStatus is one status of one of its messages.
type DetailStatus struct {
	At        *string `json:"at"`
	MessageID string  `json:"messageId"`
	Word      string  `json:"word"`
	Code      int     `json:"code,omitempty"`
	Message   string  `json:"message,omitempty"`
}

// NewDeliveryDetail makes the form for programs. The statuses are those of all its messages: an attempt that was accepted and then
// failed has one of its own.
func NewDeliveryDetail(d delivery.Delivery, attempts []delivery.Attempt, statuses []delivery.Status) DeliveryDetail {
	s := DeliveryDetail{Delivery: NewDelivery(d), Attempts: []DetailAttempt{}, Statuses: []DetailStatus{}}
	for _, a := range attempts {
		attempt := DetailAttempt{
			Number: a.Number, Run: a.Run, At: instant(a.At), Ended: instant(a.Ended), Result: a.Result.Name(),
			MessageID: a.MessageID, HTTP: a.Answer.Status, Code: a.Answer.Code, Message: a.Answer.Message, TraceID: a.Answer.TraceID,
		}
		answered := a.Answer.Status >= 200 && a.Answer.Status < 300 && a.Answer.Message == ""
		if a.Result == delivery.ResultAccepted && a.MessageID != "" && !answered {
			attempt.ToldBy = "webhook"
		}
		s.Attempts = append(s.Attempts, attempt)
	}
	for _, st := range statuses {
		s.Statuses = append(s.Statuses, DetailStatus{
			At: instant(st.At), MessageID: st.MessageID, Word: st.Word, Code: st.Answer.Code, Message: st.Answer.Message,
		})
	}
	return s
}

// WriteDeliveryDetail prints each attempt with what it said, once where several said the same, and with what WhatsApp said of its message.
// words: what it said word for word, too.
func WriteDeliveryDetail(w io.Writer, s DeliveryDetail, words bool, paint Paint) error {
	var b strings.Builder
	d := s.Delivery
	to := ""
	if d.Recipient != "" {
		to = " to " + d.Recipient
	}
	fmt.Fprintf(&b, "%s%s: %s\n", paint.clean(stepAndItem(d.Step, numbered(d.Item, d.Number), d.File, d.Row)), paint.clean(to), paint.Bold(delivery.Words(d.State)))
	if len(s.Attempts) == 0 && d.Message != "" {
		fmt.Fprintf(&b, "  %s\n", paint.clean(d.Message))
	}
	if d.MessageID != "" {
		fmt.Fprintf(&b, "  %s\n", paint.Dim(paint.clean(d.MessageID)))
	}
	said := map[string]bool{}
	var before *DetailText
	for _, a := range s.Attempts {
		fmt.Fprintf(&b, "  %s  %s\n", emptyIfNil(a.At), paint.clean(a.line()))
		if a.Text != nil && !a.Text.equal(before) {
			a.Text.write(&b, words, paint)
		}
		before = a.Text
		if a.MessageID != "" && !said[a.MessageID] {
			said[a.MessageID] = true
			s.writeStatuses(&b, func(of string) bool { return of == a.MessageID }, paint)
		}
	}
	s.writeStatuses(&b, func(of string) bool { return !said[of] }, paint)
	_, err := io.WriteString(w, b.String())
	return err
}

func (s DeliveryDetail) writeStatuses(b *strings.Builder, of func(message string) bool, paint Paint) {
	for _, st := range s.Statuses {
		if !of(st.MessageID) {
			continue
		}
		line := "WhatsApp says " + st.Word
		if st.Code != 0 {
			line += fmt.Sprintf(", code %d: %s", st.Code, st.Message)
		}
		fmt.Fprintf(b, "  %s  %s\n", emptyIfNil(st.At), paint.clean(line))
	}
}

// line is an attempt in words.
func (a DetailAttempt) line() string {
	line := fmt.Sprintf("attempt %d: %s", a.Number, delivery.Words(a.Result))
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
