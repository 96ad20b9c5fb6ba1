package sandbox

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

type notice struct {
	Object string        `json:"object"`
	Entry  []noticeEntry `json:"entry"`
}

type noticeEntry struct {
	ID      string         `json:"id"`
	Changes []noticeChange `json:"changes"`
}

type noticeChange struct {
	Value any    `json:"value"` // a noticeValue, or a noticeHandover
	Field string `json:"field"`
}

type noticeValue struct {
	Product  string                       `json:"messaging_product"`
	Metadata noticeNumber                 `json:"metadata"`
	Contacts []noticeContact              `json:"contacts,omitempty"`
	Messages []map[string]json.RawMessage `json:"messages,omitempty"`
	Statuses []noticeStatus               `json:"statuses,omitempty"`

	Preferences []noticePreference `json:"user_preferences,omitempty"`
	Standby     *noticeStandby     `json:"standby,omitempty"`
}

type noticeNumber struct {
	Display string `json:"display_phone_number"`
	ID      string `json:"phone_number_id"`
}

type noticeContact struct {
	Profile noticeProfile `json:"profile"`
	WaID    string        `json:"wa_id,omitempty"`
	UserID  string        `json:"user_id,omitempty"`
}

type noticeProfile struct {
	Name     string `json:"name"`
	Username string `json:"username,omitempty"`
}

type noticePreference struct {
	WaID      string `json:"wa_id,omitempty"`
	UserID    string `json:"user_id,omitempty"`
	Detail    string `json:"detail"`
	Category  string `json:"category"`
	Value     string `json:"value"`
	Timestamp int64  `json:"timestamp"`
}

type noticeStatus struct {
	ID           string              `json:"id"`
	Status       string              `json:"status"`
	Timestamp    string              `json:"timestamp"`
	Recipient    string              `json:"recipient_id,omitempty"`
	UserID       string              `json:"recipient_user_id,omitempty"`
	Callback     string              `json:"biz_opaque_callback_data,omitempty"`
	Conversation *noticeConversation `json:"conversation,omitempty"`
	Pricing      *pricing            `json:"pricing,omitempty"`
	Errors       []noticeError       `json:"errors,omitempty"`
}

// noticeConversation is the unit of billing until July 2025.
type noticeConversation struct {
	ID      string            `json:"id"`
	Expires string            `json:"expiration_timestamp,omitempty"`
	Origin  map[string]string `json:"origin"`
}

type noticeError struct {
	Code    int               `json:"code"`
	Title   string            `json:"title"`
	Message string            `json:"message"`
	Data    map[string]string `json:"error_data"`
	Href    string            `json:"href"`
}

// body returns one webhook with the updates: all statuses of a number in one change, each inbound message in its own.
// The caller holds the lock.
func (s *Server) body(updates []*update) []byte {
	of := map[*number]*noticeValue{}
	var statuses []*noticeValue // by number, in the order in which they come
	var changes []noticeChange
	for _, u := range updates {
		switch {
		case u.record != nil:
			value := of[u.record.number]
			if value == nil {
				made := s.noticeValue(u.record.number)
				value = &made
				of[u.record.number], statuses = value, append(statuses, value)
			}
			n := u.record.notice(u.stage)
			value.Statuses = append(value.Statuses, n)
			if who := u.record.who; n.Status != "failed" && s.rules.userIDs && who.userID != "" && !holds(value.Contacts, who) {
				value.Contacts = append(value.Contacts, s.contact(who, n.Recipient == ""))
			}
		case u.inbound != nil:
			changes = append(changes, s.inboundChange(s.noticeValue(u.inbound.number), u.inbound))
		default:
			changes = append(changes, *u.change)
		}
	}
	told := make([]noticeChange, len(statuses))
	for i, value := range statuses {
		told[i] = noticeChange{Value: *value, Field: "messages"}
	}
	changes = append(told, changes...)
	return escape(mustEncode(notice{
		Object: "whatsapp_business_account", Entry: []noticeEntry{{ID: s.options.WABAID, Changes: changes}},
	}))
}

// noticeValue is the value of a change about a business number.
func (s *Server) noticeValue(n *number) noticeValue {
	return noticeValue{Product: "whatsapp", Metadata: noticeNumber{Display: n.own, ID: n.id}}
}

// holds reports whether a person stands among contacts; a webhook has at most some hundred of them.
func holds(contacts []noticeContact, who person) bool {
	return slices.ContainsFunc(contacts, func(c noticeContact) bool { return c.UserID == who.userID })
}

// contact describes a person; one who hides it has no number there. The caller holds the lock.
func (s *Server) contact(who person, hidden bool) noticeContact {
	called := s.profileOf(who)
	c := noticeContact{Profile: noticeProfile{Name: called.name, Username: called.username}, WaID: who.waID, UserID: who.userID}
	if hidden {
		c.WaID = ""
	}
	return c
}

// inboundChange is what a person wrote; messages of type system come without contacts. The caller holds the lock.
func (s *Server) inboundChange(value noticeValue, in *inbound) noticeChange {
	if in.kind != "system" {
		value.Contacts = []noticeContact{s.contact(in.who, in.hidden)}
	}
	messages := []map[string]json.RawMessage{in.notice(value.Metadata.Display)}
	if in.standby {
		value.Standby = &noticeStandby{Messages: messages}
		return noticeChange{Value: value, Field: "standby"}
	}
	value.Messages = messages
	return noticeChange{Value: value, Field: "messages"}
}

func (r *record) notice(i int) noticeStatus {
	st := r.stages[i]
	n := noticeStatus{
		ID: r.ID, Status: st.status, Timestamp: strconv.FormatInt(st.due.Unix(), 10), Recipient: r.To, UserID: r.who.userID,
		Callback: r.CallbackData,
	}
	if r.To == r.who.userID {
		n.Recipient = ""
	}
	if st.priced {
		price := r.pricing
		n.Pricing = &price
		if price.Type == "" {
			n.Conversation = r.conversation(st)
		}
	}
	if st.status == "failed" {
		n.Errors = []noticeError{{
			Code: st.code, Title: titleOf(st.code), Message: titleOf(st.code), Data: map[string]string{"details": st.details},
			Href: "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
		}}
	}
	return n
}

// conversation is that of a message; its end stands in the status that opens it.
func (r *record) conversation(st stage) *noticeConversation {
	c := &noticeConversation{ID: strconv.FormatUint(mix(r.seq), 16), Origin: map[string]string{"type": r.pricing.Category}}
	if st.status == "sent" {
		c.Expires = strconv.FormatInt(r.At.Add(24*time.Hour).Unix(), 10)
	}
	return c
}

func (in *inbound) notice(own string) map[string]json.RawMessage {
	n := map[string]json.RawMessage{
		"id": mustEncode(in.id), "type": mustEncode(in.kind),
		"timestamp": mustEncode(strconv.FormatInt(in.at.Unix(), 10)),
	}
	if !in.hidden {
		n["from"] = mustEncode(in.who.waID)
	}
	if in.who.userID != "" {
		n["from_user_id"] = mustEncode(in.who.userID)
	}
	if len(in.content) > 0 {
		n[in.kind] = in.content
	}
	if in.replyTo != "" {
		n["context"] = mustEncode(map[string]string{"from": own, "id": in.replyTo})
	}
	return n
}

// escape writes JSON as Meta does: characters beyond ASCII as \u escapes in lower-case hex, slashes as \/. So a
// receiver that checks the signature of what it parsed and wrote again, and not of the bytes that came, fails here as it would there.
// Source: Meta, webhooks/create-webhook-endpoint.
func escape(text []byte) []byte {
	out := make([]byte, 0, len(text)+len(text)/8)
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '/':
			out = append(out, '\\', '/')
			i++
		case c < utf8.RuneSelf:
			out = append(out, c)
			i++
		default:
			r, size := utf8.DecodeRune(text[i:])
			if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
				out = appendUnit(appendUnit(out, high), low)
			} else {
				out = appendUnit(out, r)
			}
			i += size
		}
	}
	return out
}

func appendUnit(out []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(out, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
