package whatsapp

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
)

// Message is one outgoing message: who gets it, and exactly one of Text, Template and Media. Its JSON form is the
// body of the request, so that what is stored or shown is what is sent. Source: Meta, messages/send-messages.
type Message struct {
	To           Recipient
	ReplyTo      string // id of the message that this one quotes ("wamid…"); empty: none
	CallbackData string // biz_opaque_callback_data, echoed by every status webhook; at most MaxCallbackData characters
	IdentityHash string // recipient_identity_key_hash: refuse with 137000 when the person's identity changed; empty: no check

	Text     *Text
	Template *TemplateMessage
	Media    *Media
}

// Text is a free-form text, for the 24-hour window only.
type Text struct {
	// PreviewURL asks for a preview of the first address in the body; nil leaves it out, which means false.
	PreviewURL *bool  `json:"preview_url,omitempty"`
	Body       string `json:"body"` // at most MaxText characters
}

// MediaType is a kind of media message: the value of the request's type.
type MediaType string

// The media types.
const (
	Image    MediaType = "image"
	Document MediaType = "document"
	Audio    MediaType = "audio"
	Video    MediaType = "video"
	Sticker  MediaType = "sticker"
)

// MediaTypes returns all media types.
func MediaTypes() []MediaType { return []MediaType{Image, Document, Audio, Video, Sticker} }

// Media is a file by its uploaded id or by an address from which Meta fetches it: exactly one of ID and Link.
type Media struct {
	Type     MediaType
	ID       string
	Link     string
	Caption  string // image, video and document only; at most MaxCaption characters
	Filename string // document only; its extension decides the icon
	Voice    bool   // audio only: a voice note
}

// file is how media stand in a body, in messages and in template parameters alike.
type file struct {
	ID       string `json:"id,omitempty"`
	Link     string `json:"link,omitempty"`
	Caption  string `json:"caption,omitempty"`
	Filename string `json:"filename,omitempty"`
	Voice    bool   `json:"voice,omitempty"`
}

type replyContext struct {
	MessageID string `json:"message_id"`
}

// wire is the body of POST /{phone-number-id}/messages.
type wire struct {
	Product       string        `json:"messaging_product"`
	RecipientType string        `json:"recipient_type"`
	To            string        `json:"to,omitempty"`
	Recipient     string        `json:"recipient,omitempty"`
	Context       *replyContext `json:"context,omitempty"`
	Type          string        `json:"type"`
	Text          *Text         `json:"text,omitempty"`
	Template      any           `json:"template,omitempty"` // see TemplateMessage.body; **givenTemplate where a body is read
	Image         *file         `json:"image,omitempty"`
	Document      *file         `json:"document,omitempty"`
	Audio         *file         `json:"audio,omitempty"`
	Video         *file         `json:"video,omitempty"`
	Sticker       *file         `json:"sticker,omitempty"`
	CallbackData  string        `json:"biz_opaque_callback_data,omitempty"`
	IdentityHash  string        `json:"recipient_identity_key_hash,omitempty"`
}

// Type is the request's type: "text", "template" or the media type; "" for a message without content.
func (m Message) Type() string {
	switch {
	case m.Text != nil:
		return "text"
	case m.Template != nil:
		return "template"
	case m.Media != nil:
		return string(m.Media.Type)
	default:
		return ""
	}
}

// Body returns the request's body. Characters stand for themselves, also <, > and &. It fails for a message
// that has no content, several, or media of no known type.
func (m Message) Body() ([]byte, error) {
	if body, ok := m.plainBody(); ok {
		return body, nil
	}
	return m.encoded()
}

// encoded is the body of any message.
func (m Message) encoded() ([]byte, error) {
	w, err := m.wire()
	if err != nil {
		return nil, err
	}
	var buffer bytes.Buffer
	buffer.Grow(512)
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(w); err != nil {
		return nil, fmt.Errorf("encode the message: %w", err)
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// checkContent returns an error unless the message has exactly one content, of a known kind.
func (m Message) checkContent() error {
	contents := 0
	for _, there := range [...]bool{m.Text != nil, m.Template != nil, m.Media != nil} {
		if there {
			contents++
		}
	}
	if contents != 1 {
		return fmt.Errorf("a message has one of text, template and media, this one has %d", contents)
	}
	if m.Media != nil && (&wire{}).mediaField(m.Media.Type) == nil {
		return fmt.Errorf("unknown media type %q", string(m.Media.Type))
	}
	return nil
}

func (m Message) wire() (*wire, error) {
	if err := m.checkContent(); err != nil {
		return nil, err
	}
	w := &wire{
		Product: "whatsapp", RecipientType: "individual", Type: m.Type(), Text: m.Text,
		CallbackData: m.CallbackData, IdentityHash: m.IdentityHash,
	}
	if m.Template != nil {
		w.Template = m.Template.body()
	}
	if m.To.IsUserID() {
		w.Recipient = string(m.To)
	} else {
		w.To = string(m.To)
	}
	if m.ReplyTo != "" {
		w.Context = &replyContext{MessageID: m.ReplyTo}
	}
	if m.Media != nil {
		media := m.Media
		*w.mediaField(media.Type) = &file{
			ID: media.ID, Link: media.Link, Caption: media.Caption, Filename: media.Filename, Voice: media.Voice,
		}
	}
	return w, nil
}

func (w *wire) mediaField(t MediaType) **file {
	switch t {
	case Image:
		return &w.Image
	case Document:
		return &w.Document
	case Audio:
		return &w.Audio
	case Video:
		return &w.Video
	case Sticker:
		return &w.Sticker
	default:
		return nil
	}
}

// MarshalJSON returns Body.
func (m Message) MarshalJSON() ([]byte, error) { return m.Body() }

// UnmarshalJSON reads a body back, such as one that was stored before it was sent. It refuses what it would not
// send again as it stands.
func (m *Message) UnmarshalJSON(raw []byte) error {
	var template *givenTemplate
	w := wire{Template: &template}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&w); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	if w.Product != "whatsapp" || w.RecipientType != "individual" {
		return errors.New("read a message: it is none to a person on WhatsApp")
	}
	read := Message{CallbackData: w.CallbackData, IdentityHash: w.IdentityHash, Text: w.Text}
	if template != nil {
		var err error
		if read.Template, err = template.message(); err != nil {
			return fmt.Errorf("read a message: template.components: %w", err)
		}
	}
	read.To = Recipient(cmp.Or(w.To, w.Recipient))
	if w.Context != nil {
		read.ReplyTo = w.Context.MessageID
	}
	for _, t := range MediaTypes() {
		if f := *w.mediaField(t); f != nil && read.Media == nil {
			read.Media = &Media{Type: t, ID: f.ID, Link: f.Link, Caption: f.Caption, Filename: f.Filename, Voice: f.Voice}
		}
	}
	if read.Type() != w.Type {
		return fmt.Errorf("read a message: its type is %q, its content %q", w.Type, read.Type())
	}
	*m = read
	return nil
}
