package whatsapp

import (
	"context"
	"net/url"
	"strings"
	"time"
)

// HistoryEntry is what the message history holds of one message. Source: Meta's OpenAPI description,
// getMessageHistory.
type HistoryEntry struct {
	ID        string
	MessageID string
	Events    []HistoryEvent
}

// HistoryEvent is one change of a message's state.
type HistoryEvent struct {
	ID           string
	Status       string // as webhooks write it: accepted, sent, delivered, read, failed, deleted; another word in lower case
	Timestamp    time.Time
	WebhookState string // whether the own receiver got the status: PENDING, DELIVERED, FAILED, RETRYING
	WebhookURI   string
	AppID        string
	// ErrorDescription is a failure of the webhook or of the delivery, by the answer's shape; there is no code.
	ErrorDescription string
}

// MessageHistory returns what the number's history holds of a message; nothing when there is no entry. It is a
// fallback: how long entries are kept, and for whom, is documented nowhere. An unknown message is an *Error with
// code 100 in Meta's sample.
//
// GET /{phone-number-id}/message_history. There is no GET of a message itself.
func (c *Client) MessageHistory(ctx context.Context, phoneNumberID, messageID string) ([]HistoryEntry, error) {
	const op = "read the message history"
	for what, id := range map[string]string{"phone number id": phoneNumberID, "message id": messageID} {
		if err := needID(what, id); err != nil {
			return nil, &Error{Op: op, Err: err}
		}
	}
	query := url.Values{
		"message_id": {messageID},
		"fields":     {"id,message_id,events{delivery_status,webhook_update_state,timestamp,application,webhook_uri,error_description}"},
		"limit":      {"100"},
	}
	var entries []HistoryEntry
	err := each(ctx, c, op, query, func(list []historyWire) bool {
		for _, one := range list {
			if string(one.MessageID) == messageID {
				entries = append(entries, one.entry())
			}
		}
		return true
	}, phoneNumberID, "message_history")
	if err != nil {
		return nil, err
	}
	return entries, nil
}

type historyWire struct {
	ID        flexString `json:"id"`
	MessageID flexString `json:"message_id"`
	Events    struct {
		Data []eventWire `json:"data"`
	} `json:"events"`
}

func (w historyWire) entry() HistoryEntry {
	entry := HistoryEntry{ID: string(w.ID), MessageID: string(w.MessageID)}
	for _, event := range w.Events.Data {
		entry.Events = append(entry.Events, event.event())
	}
	return entry
}

// eventWire reads both shapes of an event: as it stands in message_history, and as a node of the events edge.
type eventWire struct {
	eventFields
	Node *eventFields `json:"node"`
}

type eventFields struct {
	ID           flexString `json:"id"`
	Status       flexString `json:"delivery_status"`
	Timestamp    flexTime   `json:"timestamp"`
	Occurrence   flexTime   `json:"occurrence_timestamp"`
	StatusTime   flexTime   `json:"status_timestamp"`
	WebhookState flexString `json:"webhook_update_state"`
	WebhookURI   flexString `json:"webhook_uri"`
	Problem      flexString `json:"error_description"`
	Application  struct {
		ID flexString `json:"id"`
	} `json:"application"`
}

func (w eventWire) event() HistoryEvent {
	fields := w.eventFields
	if w.Node != nil {
		fields = *w.Node
	}
	event := HistoryEvent{
		ID: string(fields.ID), Status: deliveryStatus(string(fields.Status)), WebhookState: string(fields.WebhookState),
		WebhookURI: string(fields.WebhookURI), AppID: string(fields.Application.ID), ErrorDescription: string(fields.Problem),
	}
	for _, t := range []flexTime{fields.Timestamp, fields.Occurrence, fields.StatusTime} {
		if event.Timestamp.IsZero() {
			event.Timestamp = time.Time(t)
		}
	}
	return event
}

// deliveryStatus maps the words of both enums that Meta's description has, in upper or lower case.
func deliveryStatus(word string) string {
	word = strings.ToLower(word)
	if word == "error" {
		return "failed"
	}
	return word
}
