package whatsapp

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
)

var errNoID = errors.New("the answer holds no message id")

// readSent reads the answer to an accepted message.
func readSent(body []byte) (Sent, error) {
	if sent, ok := usualSent(body); ok {
		return sent, nil
	}
	return anySent(body)
}

// anySent reads an answer of any form. Only the id is required: what else is of another kind than it should be is passed over by
// encoding/json, which reads on behind it, and so are all other members.
func anySent(body []byte) (Sent, error) {
	var wire struct {
		Messages []struct {
			ID     string `json:"id"`
			Status string `json:"message_status"`
		} `json:"messages"`
		Contacts []struct {
			WaID   string `json:"wa_id"`
			UserID string `json:"user_id"`
		} `json:"contacts"`
	}
	err := json.Unmarshal(body, &wire)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !odd {
		return Sent{}, fmt.Errorf("the answer is not what it should be: %w", err)
	}
	switch {
	case len(wire.Messages) > 0 && wire.Messages[0].ID != "":
	case err != nil:
		return Sent{}, fmt.Errorf("the answer is not what it should be: %w", err)
	default:
		return Sent{}, errNoID
	}
	sent := Sent{MessageID: wire.Messages[0].ID, Status: cmp.Or(wire.Messages[0].Status, SentAccepted)}
	if len(wire.Contacts) > 0 {
		sent.WaID, sent.UserID = wire.Contacts[0].WaID, wire.Contacts[0].UserID
	}
	return sent, nil
}

// usualSent reads an answer of the form that nearly all have: one message, at most one contact, members that are known, each once, and texts
// of ASCII without escapes. It needs no reflection. Any other form is not ok, and left to anySent.
func usualSent(body []byte) (sent Sent, ok bool) {
	s := plainReader{rest: body}
	contact := false
	s.object(func(name []byte) bool {
		switch string(name) {
		case "messaging_product":
			return s.passed()
		case "contacts":
			again := contact
			contact = true
			return !again && s.single(func(name []byte) bool {
				switch string(name) {
				case "input":
					return s.passed()
				case "wa_id":
					return s.text(&sent.WaID)
				case "user_id":
					return s.text(&sent.UserID)
				}
				return false
			})
		case "messages":
			return sent.MessageID == "" && s.single(func(name []byte) bool {
				switch string(name) {
				case "id":
					return s.text(&sent.MessageID)
				case "message_status":
					return s.text(&sent.Status)
				}
				return false
			}) && sent.MessageID != ""
		}
		return false
	})
	sent.Status = cmp.Or(sent.Status, SentAccepted)
	return sent, s.done() && sent.MessageID != ""
}
