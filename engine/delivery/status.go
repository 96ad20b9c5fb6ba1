package delivery

import (
	"encoding/json"
	"time"
)

// Status is WhatsApp's later word on a message, from a webhook or from its message history.
type Status struct {
	MessageID string
	Callback  string    // Ticket.Callback, when it came back
	State     State     // Accepted, Sent, Delivered, Read or Failed
	Word      string    // as WhatsApp said it: "played"
	At        time.Time // WhatsApp's time
	Recipient string    // digits without plus, or a business-scoped user id; may be empty
	Retryable bool      // of Failed: sending it again may succeed
	Cause     Cause     // of Failed
	Answer    Answer    // of Failed: code and message
	Charge    *Charge   // of a delivered message: how it is charged; nil: it does not say
	Raw       json.RawMessage
}
