package report

import (
	"fmt"
	"io"
	"strings"

	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// How a delivery that was in doubt was settled.
const (
	SettledByWebhook = "webhook"  // a status showed that WhatsApp has it
	SettledByHand    = "markSent" // a person said that it arrived
	SettledByResend  = "resend"   // a person had it sent again
	SettledByAnswer  = "answer"   // it is not in doubt: WhatsApp answered, or nothing left
)

// mostResolved is how many lines of each kind text shows; JSON has them all.
const mostResolved = 50

// Resolution is the form of `resolve -o json`, with any of its flags.
type Resolution struct {
	Run       string    `json:"run"`
	Settled   []Settled `json:"settled"`
	Remaining []Settled `json:"remaining"` // in doubt still; How is empty
}

// Settled is one delivery that is, or was, in doubt.
type Settled struct {
	Step      string  `json:"step"`
	Item      string  `json:"item"`
	Row       int     `json:"row,omitempty"`
	Recipient string  `json:"recipient"`
	State     string  `json:"state"`
	How       string  `json:"how,omitempty"`
	At        *string `json:"at"` // of the status for a webhook, else when it was settled or last tried
	MessageID string  `json:"messageId"`
	Code      int     `json:"code,omitempty"`
	Message   string  `json:"message"` // what the request got, and who decided then
}

// NewResolution makes an empty one.
func NewResolution(run string) Resolution {
	return Resolution{Run: run, Settled: []Settled{}, Remaining: []Settled{}}
}

// Add puts a delivery where its state belongs. how is one of the words above, and of no meaning while it is in doubt.
func (r *Resolution) Add(d delivery.Delivery, how string) {
	s := Settled{
		Step: d.Key.Step, Item: d.Key.Item, Row: d.Row, Recipient: d.Recipient, State: d.State.Name(), How: how,
		At: instant(d.SettledAt), MessageID: d.MessageID, Code: d.Answer.Code, Message: d.Answer.Message,
	}
	if d.State == delivery.InDoubt {
		s.How = ""
		r.Remaining = append(r.Remaining, s)
		return
	}
	if how == SettledByWebhook && !d.StatusAt.IsZero() {
		s.At = instant(d.StatusAt)
	}
	r.Settled = append(r.Settled, s)
}

// WriteResolution prints a line for each delivery: what became of it and why.
func WriteResolution(w io.Writer, r Resolution, paint Paint) error {
	var b strings.Builder
	for _, list := range [][]Settled{r.Settled, r.Remaining} {
		for i, s := range list {
			if i == mostResolved {
				fmt.Fprintf(&b, "… and %s more: -o json has them all\n", wording.Number(len(list)-i))
				break
			}
			name := stepAndItem(s.Step, s.Item, "", s.Row)
			fmt.Fprintf(&b, "%s, %s: %s\n", paint.clean(name), paint.clean(s.Recipient), paint.clean(s.sentence()))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s Settled) sentence() string {
	switch s.How {
	case "":
		return because("still in doubt", s.Message)
	case SettledByHand:
		return "taken as sent, by your word" + atTime(s.At)
	case SettledByWebhook:
		return "settled by a webhook: " + s.outcome() + atTime(s.At)
	case SettledByResend:
		if s.State == delivery.Planned.String() {
			return "to be sent again: not sent yet"
		}
		return "sent again: " + s.outcome()
	}
	return "not in doubt: " + s.outcome()
}

// outcome is the state, and of a failure its reason.
func (s Settled) outcome() string {
	if s.State == delivery.Rejected.String() || s.State == delivery.Failed.String() {
		return because(s.State, s.Message)
	}
	return s.State
}

func because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}
