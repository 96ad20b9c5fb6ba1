package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrNotEvent says that a body is not the envelope of a callback.
var ErrNotEvent = errors.New("not a WhatsApp callback")

// Event is one callback, flattened: the lists keep the order in which things stood in the body. Nothing is
// dropped: what has no place of its own stands in Changes or Unread with its bytes, and every item keeps its own.
type Event struct {
	Object   string         // "whatsapp_business_account"
	Statuses []Status       // what became of messages that were sent
	Messages []Message      // what people wrote
	Echoes   []Echo         // what other responders sent
	Contacts []Contact      // who was spoken of, whether or not a message or status is theirs
	Errors   []AccountError // value.errors: about the account rather than about one message

	Preferences []Preference // who wants marketing messages no more, or again; they stand among the Changes too
	Handovers   []Handover   // who owns a thread now; they stand among the Changes too

	Changes []Change // every other field, such as message_template_status_update
	Unread  []Unread // parts whose shape was not understood
}

// Origin says where in the envelope an item stood.
type Origin struct {
	WABAID        string    // entry[].id
	Time          time.Time // entry[].time; zero when absent, as it mostly is for messages
	Field         string    // changes[].field
	PhoneNumberID string    // metadata.phone_number_id: the business number concerned; may be empty
	DisplayPhone  string    // metadata.display_phone_number
}

// Change is a change of a field that is not read further, or that holds more than was read.
type Change struct {
	Origin
	Value json.RawMessage
}

// Unread is a part of a callback whose shape was not understood, with its place and its bytes.
type Unread struct {
	Path string // such as "entry[0].changes[2].value.statuses[5]"; "$" is the whole body
	Raw  json.RawMessage
	Err  error
}

// AccountError is an error with the number that it is about.
type AccountError struct {
	Origin
	Error
}

// Error is an error as callbacks carry it. Source: Meta, support/error-codes.
type Error struct {
	Code    int
	Title   string
	Message string
	Details string // error_data.details, the useful text
	Href    string
	Raw     json.RawMessage
}

// Contact describes the person at the other end. The phone number is missing when the person hides it. Source: Meta,
// business-scoped-user-ids.
type Contact struct {
	Name         string
	Username     string // not stable, never a key
	WaID         string // digits without a plus
	UserID       string // business-scoped user id, such as "US.13491208655302741918"
	ParentUserID string
	IdentityHash string
	Raw          json.RawMessage
}

// Parse reads a callback. Fields and types that it does not know are kept, never refused, and one odd item
// does not cost the others. The error is ErrNotEvent, for a body that is not JSON or not an envelope.
func Parse(raw []byte) (Event, error) {
	var envelope struct {
		Object flexString        `json:"object"`
		Entry  []json.RawMessage `json:"entry"`
	}
	if err := json.Unmarshal(raw, &envelope); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrNotEvent, err)
	}
	if envelope.Entry == nil {
		return Event{}, fmt.Errorf("%w: it has no list named entry", ErrNotEvent)
	}
	p := parser{event: Event{Object: string(envelope.Object)}}
	for i, entry := range envelope.Entry {
		p.entry(fmt.Sprintf("entry[%d]", i), entry)
	}
	return p.event, nil
}

// parser collects an Event; what it cannot read goes into Unread.
type parser struct{ event Event }

func (p *parser) unread(path string, raw json.RawMessage, err error) {
	p.event.Unread = append(p.event.Unread, Unread{Path: path, Raw: raw, Err: err})
}

func (p *parser) entry(path string, raw json.RawMessage) {
	var entry struct {
		ID      flexString        `json:"id"`
		Time    flexTime          `json:"time"`
		Changes []json.RawMessage `json:"changes"`
	}
	if err := json.Unmarshal(raw, &entry); err != nil {
		p.unread(path, raw, err)
		return
	}
	if entry.Changes == nil {
		p.unread(path, raw, errors.New("the entry has no list named changes"))
		return
	}
	for i, change := range entry.Changes {
		p.change(fmt.Sprintf("%s.changes[%d]", path, i), change, Origin{WABAID: string(entry.ID), Time: time.Time(entry.Time)})
	}
}

// isReadMember reports whether a member of a value of field "messages" is read. A value with any other is in Changes too.
func isReadMember(member string) bool {
	switch member {
	case "messaging_product", "metadata", "contacts", "messages", "statuses", "errors":
		return true
	}
	return false
}

func (p *parser) change(path string, raw json.RawMessage, from Origin) {
	var change struct {
		Field flexString      `json:"field"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(raw, &change); err != nil {
		p.unread(path, raw, err)
		return
	}
	from.Field = string(change.Field)
	var members map[string]json.RawMessage
	notObject := object(change.Value, &members)
	from.PhoneNumberID, from.DisplayPhone = metadata(members["metadata"])
	path += ".value"
	if notObject == nil {
		p.value(path, change.Value, members, from)
	} else if from.Field == "messages" || from.Field == "standby" {
		p.unread(path, raw, notObject)
		return
	}
	if !whollyRead(from.Field, members) {
		p.event.Changes = append(p.event.Changes, Change{Origin: from, Value: change.Value})
	}
}

// value reads the values of the fields that are known.
func (p *parser) value(path string, value json.RawMessage, members map[string]json.RawMessage, from Origin) {
	switch from.Field {
	case "messages":
		p.messages(path, members, from)
	case "standby":
		p.standby(path, value, members, from)
	case "message_echoes", "smb_message_echoes":
		p.echoes(path, members["message_echoes"], from)
	case "user_preferences":
		p.preferences(path, members, from)
	case "messaging_handovers":
		p.handover(path, value, members, from)
	}
}

// whollyRead reports whether a value's messages and statuses are all that it says: then it is no Change besides.
func whollyRead(field string, members map[string]json.RawMessage) bool {
	if field != "messages" && field != "standby" {
		return false
	}
	for member := range members {
		if !isReadMember(member) && (field != "standby" || member != "standby") {
			return false
		}
	}
	if field == "messages" {
		return true
	}
	var inside map[string]json.RawMessage
	if object(members["standby"], &inside) != nil {
		return false
	}
	for member := range inside {
		if !isReadMember(member) {
			return false
		}
	}
	return true
}

// messages reads the lists of a value of field "messages".
func (p *parser) messages(path string, members map[string]json.RawMessage, from Origin) {
	contacts := p.contacts(path, members["contacts"])
	p.event.Contacts = append(p.event.Contacts, contacts...)
	p.list(path+".messages", members["messages"], func(item json.RawMessage) error {
		message, err := readMessage(item, from, contacts)
		if err == nil {
			p.event.Messages = append(p.event.Messages, message)
		}
		return err
	})
	p.list(path+".statuses", members["statuses"], func(item json.RawMessage) error {
		status, err := readStatus(item, from, contacts)
		if err == nil {
			p.event.Statuses = append(p.event.Statuses, status)
		}
		return err
	})
	p.list(path+".errors", members["errors"], func(item json.RawMessage) error {
		failure, err := readError(item)
		if err == nil {
			p.event.Errors = append(p.event.Errors, AccountError{Origin: from, Error: failure})
		}
		return err
	})
}

// metadata returns the number concerned; empty without metadata, or with metadata of another shape.
func metadata(raw json.RawMessage) (id, display string) {
	var wire struct {
		ID      flexString `json:"phone_number_id"`
		Display flexString `json:"display_phone_number"`
	}
	if object(raw, &wire) != nil {
		return "", ""
	}
	return string(wire.ID), string(wire.Display)
}

// list calls read for each element of a JSON list; what is no list, and what read refuses, goes into Unread.
func (p *parser) list(path string, raw json.RawMessage, read func(json.RawMessage) error) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		p.unread(path, raw, err)
		return
	}
	for i, item := range items {
		if err := read(item); err != nil {
			p.unread(fmt.Sprintf("%s[%d]", path, i), item, err)
		}
	}
}

func (p *parser) contacts(path string, raw json.RawMessage) []Contact {
	var contacts []Contact
	p.list(path+".contacts", raw, func(item json.RawMessage) error {
		var wire struct {
			Profile struct {
				Name     flexString `json:"name"`
				Username flexString `json:"username"`
			} `json:"profile"`
			WaID         flexString `json:"wa_id"`
			UserID       flexString `json:"user_id"`
			ParentUserID flexString `json:"parent_user_id"`
			IdentityHash flexString `json:"identity_key_hash"`
		}
		if err := object(item, &wire); err != nil {
			return err
		}
		contacts = append(contacts, Contact{
			Name: string(wire.Profile.Name), Username: string(wire.Profile.Username), WaID: string(wire.WaID), UserID: string(wire.UserID),
			ParentUserID: string(wire.ParentUserID), IdentityHash: string(wire.IdentityHash), Raw: item,
		})
		return nil
	})
	return contacts
}
