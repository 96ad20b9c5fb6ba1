package whatsapp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// SentAccepted is the Sent.Status of a message that is on its way. Source: Meta, messages/send-messages.
const SentAccepted = "accepted"

// Sent is the answer to an accepted message, which is not delivered yet.
type Sent struct {
	MessageID string // "wamid…", opaque, may hold characters that an address must escape
	// Status is SentAccepted, also when the answer has no status. Any other word means that the message is held back:
	// held_for_quality_assessment is sent later or dropped with 132015. Source: Meta, templates/template-pacing.
	Status string
	// WaID and UserID are who WhatsApp takes the recipient for: digits without plus, which differ from what was written to in Brazil,
	// Mexico and Argentina; and a business-scoped user id. Either may be empty. Source: Meta, messages/send-messages;
	// business-scoped-user-ids.
	WaID, UserID string
}

// Send posts one message and returns its id. An *Error says by Sent whether the request may have left. An
// answer of 200 without a message id is an error too, as it leaves open whether the message was accepted. The message is
// not checked: see Message.Check.
//
// POST /{phone-number-id}/messages. Source: Meta, messages/send-messages.
func (c *Client) Send(ctx context.Context, phoneNumberID string, m Message, gate Gate) (Sent, error) {
	body, err := m.Body()
	if err != nil {
		return Sent{}, &Error{Op: opSend, Err: fmt.Errorf("%w: %w", ErrUnsendable, err)}
	}
	return c.post(ctx, phoneNumberID, edgeMessages, body, gate)
}

// Envelope is what a body is sent with.
type Envelope struct {
	PhoneNumberID string
	Callback      string // biz_opaque_callback_data; at most MaxCallbackData characters
	// MessagingAccountID says which account pays, where several share the number; empty leaves it out, for versions that do not know
	// it refuse it. Source: Meta, account-model-evolution/messaging.
	MessagingAccountID string
	// Marketing sends by the Marketing Messages API, which takes templates of that category alone. Source: Meta,
	// marketing-messages/send-marketing-messages.
	Marketing bool
}

// The edges that take messages.
const (
	edgeMessages  = "messages"
	edgeMarketing = "marketing_messages"
)

// SendBody is like Send for a body made by Message.Body, of a message without CallbackData. It posts to
// /{phone-number-id}/messages or /{phone-number-id}/marketing_messages.
func (c *Client) SendBody(ctx context.Context, body []byte, e Envelope, gate Gate) (Sent, error) {
	body, err := e.seal(body)
	if err != nil {
		return Sent{}, &Error{Op: opSend, Err: fmt.Errorf("%w: %w", ErrUnsendable, err)}
	}
	if e.Marketing {
		return c.post(ctx, e.PhoneNumberID, edgeMarketing, body, gate)
	}
	return c.post(ctx, e.PhoneNumberID, edgeMessages, body, gate)
}

// seal returns a copy of a body with what the envelope adds as its last members.
func (e Envelope) seal(body []byte) ([]byte, error) {
	open, closed := bytes.CutSuffix(body, []byte("}"))
	if !closed || len(open) < 2 {
		return nil, errors.New("the body is no message")
	}
	whole := make([]byte, 0, len(open)+len(e.Callback)+len(e.MessagingAccountID)+64)
	whole = append(whole, open...)
	for _, member := range [...]struct{ name, value string }{
		{`,"messaging_account_id":`, e.MessagingAccountID}, {`,"biz_opaque_callback_data":`, e.Callback},
	} {
		if member.value == "" {
			continue
		}
		var err error
		if whole, err = appendText(append(whole, member.name...), member.value); err != nil {
			return nil, err
		}
	}
	return append(whole, '}'), nil
}

// appendText appends a text as JSON.
func appendText(to []byte, text string) ([]byte, error) {
	w := plainWriter{to, true}
	if w.quoted(text); w.plain {
		return w.out, nil
	}
	escaped, err := json.Marshal(text)
	return append(to, escaped...), err
}

const opSend = "send a message"

func (c *Client) post(ctx context.Context, phoneNumberID, edge string, body []byte, gate Gate) (Sent, error) {
	if err := needID("phone number id", phoneNumberID); err != nil {
		return Sent{}, &Error{Op: opSend, Err: err}
	}
	got, left, err := c.messages.post(ctx, phoneNumberID, edge, body, gate)
	if err != nil || got.status < 200 || got.status > 299 {
		return Sent{}, c.newError(opSend, got, err, left)
	}
	sent, err := readSent(got.body)
	if err != nil {
		return Sent{}, c.newError(opSend, got, err, left)
	}
	return sent, nil
}
