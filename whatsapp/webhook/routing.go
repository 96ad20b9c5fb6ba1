package webhook

import (
	"cmp"
	"encoding/json"
	"errors"
	"time"
)

// Preference is a person's wish about messages of a category, told by WhatsApp. Source: Meta,
// webhooks/reference/user_preferences.
type Preference struct {
	Origin
	WaID         string // digits; empty for people who hide their number
	UserID       string // business-scoped; may be empty
	ParentUserID string
	Category     string // "marketing_messages"
	Value        string // PreferenceStop, PreferenceResume, or a word not known here
	Detail       string // WhatsApp's words
	Timestamp    time.Time
	Contact      Contact // the person, where the callback has it
	Raw          json.RawMessage
}

// The words of Preference.Value.
const (
	PreferenceStop   = "stop"
	PreferenceResume = "resume"
)

// Handover is a change of the responder who owns a person's thread: a partner, or Meta's own agent. Source:
// Meta, conversation routing; the shape changed during 2026, so that any member may be empty.
type Handover struct {
	Origin
	Type          string // control_passed, control_taken, or a word not known here
	WaID          string // of the person; digits
	UserID        string // of the person; business-scoped
	PreviousOwner string // its role, such as ai_agent or meta_business_agent
	NewOwner      string // its role
	Timestamp     time.Time
	Raw           json.RawMessage
}

// Echo is a message that another responder, or the phone's own app, sent to a person.
type Echo struct {
	Origin
	Standby        bool // another responder owns the thread
	ID             string
	Type           string
	Timestamp      time.Time
	To             string // digits; empty for people who hide their number
	ToUserID       string
	ToParentUserID string
	Raw            json.RawMessage
}

// preferences reads a value of field "user_preferences". It stays among the Changes too.
func (p *parser) preferences(path string, members map[string]json.RawMessage, from Origin) {
	contacts := p.contacts(path, members["contacts"])
	p.list(path+".user_preferences", members["user_preferences"], func(item json.RawMessage) error {
		var wire struct {
			WaID         flexString `json:"wa_id"`
			UserID       flexString `json:"user_id"`
			ParentUserID flexString `json:"parent_user_id"`
			Category     flexString `json:"category"`
			Value        flexString `json:"value"`
			Detail       flexString `json:"detail"`
			Timestamp    flexTime   `json:"timestamp"`
		}
		if err := object(item, &wire); err != nil {
			return err
		}
		wish := Preference{
			Origin: from, WaID: string(wire.WaID), UserID: string(wire.UserID), ParentUserID: string(wire.ParentUserID),
			Category: string(wire.Category), Value: string(wire.Value), Detail: string(wire.Detail), Timestamp: time.Time(wire.Timestamp), Raw: item,
		}
		wish.Contact = contactOf(wish.WaID, wish.UserID, contacts)
		p.event.Preferences = append(p.event.Preferences, wish)
		return nil
	})
}

// handover reads a value of field "messaging_handovers", which has no metadata: the number stands in its recipient, the
// person in its sender. It stays among the Changes too.
func (p *parser) handover(path string, value json.RawMessage, members map[string]json.RawMessage, from Origin) {
	var wire struct {
		Type      flexString `json:"type"`
		Timestamp flexTime   `json:"timestamp"`
		Recipient struct {
			ID      flexString `json:"phone_number_id"`
			Display flexString `json:"display_phone_number"`
		} `json:"recipient"`
		Sender struct {
			Number flexString `json:"phone_number"`
			WaID   flexString `json:"wa_id"`
			UserID flexString `json:"user_id"`
		} `json:"sender"`
	}
	if err := object(value, &wire); err != nil {
		p.unread(path, value, err)
		return
	}
	from.PhoneNumberID = cmp.Or(from.PhoneNumberID, string(wire.Recipient.ID))
	from.DisplayPhone = cmp.Or(from.DisplayPhone, string(wire.Recipient.Display))
	change := Handover{
		Origin: from, Type: string(wire.Type), WaID: cmp.Or(string(wire.Sender.Number), string(wire.Sender.WaID)),
		UserID: string(wire.Sender.UserID), Timestamp: time.Time(wire.Timestamp), Raw: value,
	}
	for _, kind := range [...]string{change.Type, "control_passed", "control_taken"} {
		var control struct {
			PreviousRole flexString `json:"previous_owner_role"`
			PreviousApp  flexString `json:"previous_owner_app_role"`
			NewRole      flexString `json:"new_owner_role"`
		}
		if object(members[kind], &control) != nil {
			continue
		}
		change.Type = cmp.Or(change.Type, kind)
		change.PreviousOwner = cmp.Or(string(control.PreviousRole), string(control.PreviousApp))
		change.NewOwner = string(control.NewRole)
		break
	}
	p.event.Handovers = append(p.event.Handovers, change)
}

// standby reads a value of field "standby": what other responders' threads bring, in value.standby.
func (p *parser) standby(path string, value json.RawMessage, members map[string]json.RawMessage, from Origin) {
	var inside map[string]json.RawMessage
	if err := object(members["standby"], &inside); err != nil {
		p.unread(path+".standby", value, err)
		return
	}
	if inside["contacts"] == nil {
		inside["contacts"] = members["contacts"]
	}
	messages, statuses, echoes := len(p.event.Messages), len(p.event.Statuses), len(p.event.Echoes)
	p.messages(path+".standby", inside, from)
	p.echoes(path+".standby", inside["message_echoes"], from)
	for i := range p.event.Messages[messages:] {
		p.event.Messages[messages+i].Standby = true
	}
	for i := range p.event.Statuses[statuses:] {
		p.event.Statuses[statuses+i].Standby = true
	}
	for i := range p.event.Echoes[echoes:] {
		p.event.Echoes[echoes+i].Standby = true
	}
}

// echoes reads a list of what others sent. The message's own members stand in it, or in an object of their own.
func (p *parser) echoes(path string, list json.RawMessage, from Origin) {
	p.list(path+".message_echoes", list, func(item json.RawMessage) error {
		type echo struct {
			ID        flexString      `json:"id"`
			Type      flexString      `json:"type"`
			Timestamp flexTime        `json:"timestamp"`
			To        flexString      `json:"to"`
			ToUserID  flexString      `json:"to_user_id"`
			ToParent  flexString      `json:"to_parent_user_id"`
			Message   json.RawMessage `json:"message"`
		}
		var outer, inner echo
		if err := object(item, &outer); err != nil {
			return err
		}
		if len(outer.Message) > 0 && object(outer.Message, &inner) != nil {
			inner = echo{}
		}
		read := Echo{
			Origin: from, ID: cmp.Or(string(outer.ID), string(inner.ID)), Type: cmp.Or(string(outer.Type), string(inner.Type)),
			Timestamp: time.Time(outer.Timestamp), To: cmp.Or(string(outer.To), string(inner.To)),
			ToUserID:       cmp.Or(string(outer.ToUserID), string(inner.ToUserID)),
			ToParentUserID: cmp.Or(string(outer.ToParent), string(inner.ToParent)), Raw: item,
		}
		if read.Timestamp.IsZero() {
			read.Timestamp = time.Time(inner.Timestamp)
		}
		if read.ID == "" {
			return errors.New("an echo without id")
		}
		p.event.Echoes = append(p.event.Echoes, read)
		return nil
	})
}
