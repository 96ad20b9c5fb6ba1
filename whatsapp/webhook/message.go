package webhook

import (
	"encoding/json"
	"errors"
	"time"
)

// Message is what a person wrote to the business. One of the pointers is set, by Type; an unknown type has
// none, and its bytes in Content. Source: Meta, webhooks/reference/messages.
type Message struct {
	Origin
	ID               string // the message's id; the same id twice is the same message
	Type             string
	Timestamp        time.Time
	From             string // digits of the number, without a plus; empty when the person hides it
	FromUserID       string // business-scoped user id; may be empty
	Standby          bool   // another responder owns the thread: it is theirs to answer, and opens no window for this business
	FromParentUserID string
	GroupID          string  // of a message in a group
	Contact          Contact // who wrote, where the callback has it
	Context          *Context
	Text             *Text
	Media            *Media // image, video, document, audio, sticker
	Location         *Location
	Reaction         *Reaction
	Button           *Button // quick reply of a template
	Interactive      *Interactive
	Order            *Order
	System           *System
	Edit             *Edit             // edit and revoke
	SharedCards      []json.RawMessage // contacts: vCard-like objects
	Referral         json.RawMessage   // from an advertisement
	Unsupported      string            // unsupported.type
	Errors           []Error           // of type unsupported: why
	Content          json.RawMessage   // the member named like Type
	Raw              json.RawMessage
}

// Body returns the words of a message: a text, a caption, the label of a button, an emoji; of an edit those that it says now; else "".
func (m Message) Body() string {
	switch {
	case m.Text != nil:
		return m.Text.Body
	case m.Media != nil:
		return m.Media.Caption
	case m.Button != nil:
		return m.Button.Text
	case m.Interactive != nil:
		return m.Interactive.Title
	case m.Reaction != nil:
		return m.Reaction.Emoji
	case m.Location != nil:
		return m.Location.Name
	case m.Order != nil:
		return m.Order.Text
	case m.System != nil:
		return m.System.Body
	case m.Edit != nil:
		return m.Edit.body()
	default:
		return ""
	}
}

// Pressed returns the payload and the label of a button that the person pressed: a template's quick reply, or a reply
// button or list row of an interactive message, whose id is its payload. Both are empty for any other message.
func (m Message) Pressed() (payload, label string) {
	switch {
	case m.Button != nil:
		return m.Button.Payload, m.Button.Text
	case m.Interactive != nil && (m.Interactive.Type == "button_reply" || m.Interactive.Type == "list_reply"):
		return m.Interactive.ID, m.Interactive.Title
	default:
		return "", ""
	}
}

func readMessage(raw json.RawMessage, from Origin, contacts []Contact) (Message, error) {
	var wire struct {
		ID          flexString        `json:"id"`
		Type        flexString        `json:"type"`
		Timestamp   flexTime          `json:"timestamp"`
		From        flexString        `json:"from"`
		FromUserID  flexString        `json:"from_user_id"`
		FromParent  flexString        `json:"from_parent_user_id"`
		GroupID     flexString        `json:"group_id"`
		Context     json.RawMessage   `json:"context"`
		Referral    json.RawMessage   `json:"referral"`
		Errors      []json.RawMessage `json:"errors"`
		Unsupported json.RawMessage   `json:"unsupported"`
	}
	if err := object(raw, &wire); err != nil {
		return Message{}, err
	}
	message := Message{
		Origin: from, ID: string(wire.ID), Type: string(wire.Type), Timestamp: time.Time(wire.Timestamp),
		From: string(wire.From), FromUserID: string(wire.FromUserID), FromParentUserID: string(wire.FromParent), GroupID: string(wire.GroupID),
		Context: readContext(wire.Context), Referral: wire.Referral, Errors: readErrors(wire.Errors), Raw: raw,
	}
	message.Contact = contactOf(message.From, message.FromUserID, contacts)
	message.Unsupported = readUnsupported(wire.Unsupported)
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &members); err != nil {
		return Message{}, err
	}
	if message.Type != "" {
		message.Content = members[message.Type]
	}
	if message.ID == "" && message.Type == "" {
		return Message{}, errors.New("a message without id and type")
	}
	message.readContent()
	return message, nil
}

// contactOf finds a person among the contacts of a callback by either identity. Where neither is known, a single contact is
// the person.
func contactOf(waID, userID string, contacts []Contact) Contact {
	for _, contact := range contacts {
		if (userID != "" && contact.UserID == userID) || (waID != "" && contact.WaID == waID) {
			return contact
		}
	}
	if len(contacts) == 1 && waID == "" && userID == "" {
		return contacts[0]
	}
	return Contact{WaID: waID, UserID: userID}
}

func readUnsupported(raw json.RawMessage) string {
	var wire struct {
		Type flexString `json:"type"`
	}
	if object(raw, &wire) != nil {
		return ""
	}
	return string(wire.Type)
}

// readContent fills the member that Type names; an odd shape leaves it nil, and Content keeps the bytes.
func (m *Message) readContent() {
	switch m.Type {
	case "text":
		m.Text = read[textWire](m.Content).text()
	case "image", "video", "document", "audio", "sticker":
		m.Media = read[mediaWire](m.Content).media()
	case "location":
		m.Location = read[locationWire](m.Content).location()
	case "reaction":
		m.Reaction = read[reactionWire](m.Content).reaction()
	case "button":
		m.Button = read[buttonWire](m.Content).button()
	case "interactive":
		m.Interactive = readInteractive(m.Content)
	case "order":
		m.Order = read[orderWire](m.Content).order()
	case "system":
		m.System = read[systemWire](m.Content).system()
	case "edit", "revoke":
		m.Edit = read[editWire](m.Content).edit()
	case "contacts":
		if json.Unmarshal(m.Content, &m.SharedCards) != nil {
			m.SharedCards = nil
		}
	}
}

// read decodes an object, or returns nil.
func read[T any](raw json.RawMessage) *T {
	value := new(T)
	if object(raw, value) != nil {
		return nil
	}
	return value
}
