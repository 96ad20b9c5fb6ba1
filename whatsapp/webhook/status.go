package webhook

import (
	"encoding/json"
	"time"
)

// The words of Status.Status. "deleted" and "warning" are historic; others may come. Ranks rise from sent to
// played; failed stands apart. Source: Meta, webhooks/reference/messages/status.
const (
	StatusSent      = "sent"
	StatusDelivered = "delivered"
	StatusRead      = "read"
	StatusPlayed    = "played"
	StatusFailed    = "failed"
)

// Status is what became of a message that was sent. It proves that the message was accepted. It may come
// before the answer of the send, twice, and out of order; "read" implies "delivered".
type Status struct {
	Origin
	ID           string // the message's id ("wamid…")
	Status       string // one of the words above, as it came
	Timestamp    time.Time
	CallbackData string // biz_opaque_callback_data of the request, echoed

	RecipientID           string // digits of the number, or a group id; may be empty
	RecipientUserID       string // business-scoped user id; may be empty
	RecipientParentUserID string
	Standby               bool   // of a message that another responder sent
	RecipientType         string // "group", else mostly empty
	RecipientParticipant  string // recipient_participant_id, in groups
	RecipientIdentity     string // recipient_identity_key_hash

	Contact      Contact // the recipient, where the callback has it
	Pricing      *Pricing
	Conversation *Conversation // up to v23; from v24 in free entry points only
	Errors       []Error       // of a failed one: why
	Raw          json.RawMessage
}

// Pricing says how a message is charged. Source: Meta, pricing.
type Pricing struct {
	Billable bool // to be removed by Meta: use Type and Category
	Model    string
	Type     string // regular, free_customer_service, free_entry_point, free_group_customer_service
	Category string // marketing, utility, authentication, service, …
	Subtype  string // such as paid_exempt; mostly empty
}

// Conversation is the unit of billing until July 2025.
type Conversation struct {
	ID        string
	ExpiresAt time.Time
	Origin    string
}

func readStatus(raw json.RawMessage, from Origin, contacts []Contact) (Status, error) {
	var wire struct {
		ID           flexString        `json:"id"`
		Status       flexString        `json:"status"`
		Timestamp    flexTime          `json:"timestamp"`
		CallbackData flexString        `json:"biz_opaque_callback_data"`
		Recipient    flexString        `json:"recipient_id"`
		UserID       flexString        `json:"recipient_user_id"`
		ParentUserID flexString        `json:"recipient_parent_user_id"`
		Type         flexString        `json:"recipient_type"`
		Participant  flexString        `json:"recipient_participant_id"`
		Identity     flexString        `json:"recipient_identity_key_hash"`
		Pricing      json.RawMessage   `json:"pricing"`
		Conversation json.RawMessage   `json:"conversation"`
		Errors       []json.RawMessage `json:"errors"`
	}
	if err := object(raw, &wire); err != nil {
		return Status{}, err
	}
	return Status{
		Origin: from, ID: string(wire.ID), Status: string(wire.Status), Timestamp: time.Time(wire.Timestamp),
		CallbackData: string(wire.CallbackData), RecipientType: string(wire.Type),
		RecipientID: string(wire.Recipient), RecipientUserID: string(wire.UserID),
		RecipientParentUserID: string(wire.ParentUserID),
		RecipientParticipant:  string(wire.Participant), RecipientIdentity: string(wire.Identity),
		Contact: contactOf(string(wire.Recipient), string(wire.UserID), contacts),
		Pricing: readPricing(wire.Pricing), Conversation: readConversation(wire.Conversation), Errors: readErrors(wire.Errors), Raw: raw,
	}, nil
}

// readPricing and readConversation return nil for an unexpected shape: the status itself matters more, and Raw has all of it.
func readPricing(raw json.RawMessage) *Pricing {
	var wire struct {
		Billable flexBool   `json:"billable"`
		Model    flexString `json:"pricing_model"`
		Type     flexString `json:"type"`
		Category flexString `json:"category"`
		Subtype  flexString `json:"subtype"`
	}
	if object(raw, &wire) != nil {
		return nil
	}
	return &Pricing{Billable: bool(wire.Billable), Model: string(wire.Model), Type: string(wire.Type), Category: string(wire.Category), Subtype: string(wire.Subtype)}
}

func readConversation(raw json.RawMessage) *Conversation {
	var wire struct {
		ID      flexString `json:"id"`
		Expires flexTime   `json:"expiration_timestamp"`
		Origin  struct {
			Type flexString `json:"type"`
		} `json:"origin"`
	}
	if object(raw, &wire) != nil {
		return nil
	}
	return &Conversation{ID: string(wire.ID), ExpiresAt: time.Time(wire.Expires), Origin: string(wire.Origin.Type)}
}

func readError(raw json.RawMessage) (Error, error) {
	var wire struct {
		Code    flexInt         `json:"code"`
		Title   flexString      `json:"title"`
		Message flexString      `json:"message"`
		Href    flexString      `json:"href"`
		Data    json.RawMessage `json:"error_data"`
	}
	if err := object(raw, &wire); err != nil {
		return Error{}, err
	}
	failure := Error{Code: int(wire.Code), Title: string(wire.Title), Message: string(wire.Message), Href: string(wire.Href), Raw: raw}
	var data struct {
		Details flexString `json:"details"`
	}
	if object(wire.Data, &data) == nil {
		failure.Details = string(data.Details)
	}
	return failure, nil
}

// readErrors keeps only the bytes of an error of unexpected shape.
func readErrors(list []json.RawMessage) []Error {
	var failures []Error
	for _, raw := range list {
		failure, err := readError(raw)
		if err != nil {
			failure = Error{Raw: raw}
		}
		failures = append(failures, failure)
	}
	return failures
}
