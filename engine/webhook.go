package engine

import (
	"encoding/json"
	"time"

	"waybill/engine/delivery"
)

// Inbound is what a person wrote to a number.
type Inbound struct {
	ID          string // "wamid…"; the same id twice is the same message
	NumberID    string // the phone number id that received it
	From        string // digits without plus; may be empty for people who hide their number
	UserID      string // business-scoped user id; may be empty
	ProfileName string
	Username    string // as the person called itself then; may be empty, and changes hands
	At          time.Time
	Type        string // "text", "image", … also types this program does not know
	Text        string // the text, caption, button title or emoji, whichever there is
	Payload     string // of a pressed button or list row; Text is its label
	ReplyTo     string // id of the message it answers
	Standby     bool   // another responder owns the thread; it opens no service window
	Raw         json.RawMessage
}

// Notice is something else that WhatsApp reported: a template was paused, a number's quality changed.
type Notice struct {
	Field     string // "message_template_status_update"
	AccountID string // of the WhatsApp Business Account
	At        time.Time
	Raw       json.RawMessage
}

// Report is one webhook: the bytes as they came and what they say.
type Report struct {
	Body       []byte
	ReceivedAt time.Time
	Statuses   []delivery.Status
	Inbound    []Inbound
	Notices    []Notice
	Identities []Identity // how it names people
	Moved      []Moved    // who goes by other ids now
	OptOuts    []OptOut   // who left or came back
}
