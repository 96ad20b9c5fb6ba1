package sandbox

import (
	"encoding/json"
	"strconv"
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
	Value noticeValue `json:"value"`
	Field string      `json:"field"`
}

type noticeValue struct {
	Product  string                       `json:"messaging_product"`
	Metadata noticeNumber                 `json:"metadata"`
	Contacts []noticeContact              `json:"contacts,omitempty"`
	Messages []map[string]json.RawMessage `json:"messages,omitempty"`
	Statuses []noticeStatus               `json:"statuses,omitempty"`
}

type noticeNumber struct {
	Display string `json:"display_phone_number"`
	ID      string `json:"phone_number_id"`
}

type noticeContact struct {
	Profile map[string]string `json:"profile"`
	WaID    string            `json:"wa_id"`
}

type noticeStatus struct {
	ID        string        `json:"id"`
	Status    string        `json:"status"`
	Timestamp string        `json:"timestamp"`
	Recipient string        `json:"recipient_id,omitempty"`
	UserID    string        `json:"recipient_user_id,omitempty"`
	Callback  string        `json:"biz_opaque_callback_data,omitempty"`
	Pricing   *pricing      `json:"pricing,omitempty"`
	Errors    []noticeError `json:"errors,omitempty"`
}

type noticeError struct {
	Code    int               `json:"code"`
	Title   string            `json:"title"`
	Message string            `json:"message"`
	Data    map[string]string `json:"error_data"`
	Href    string            `json:"href"`
}

// body returns one webhook with the updates: all statuses in one change, each inbound message in its own (§7.5).
// The caller holds the lock.
func (s *Server) body(updates []*update) []byte {
	own, _ := normalNumber(s.options.DisplayNumber)
	value := noticeValue{Product: "whatsapp", Metadata: noticeNumber{Display: own, ID: s.options.PhoneNumberID}}
	statuses := value
	var changes []noticeChange
	for _, u := range updates {
		if u.record != nil {
			statuses.Statuses = append(statuses.Statuses, u.record.notice(u.stage))
			continue
		}
		wrote := value
		wrote.Contacts = []noticeContact{{Profile: map[string]string{"name": u.inbound.name}, WaID: u.inbound.from}}
		wrote.Messages = []map[string]json.RawMessage{u.inbound.notice(own)}
		changes = append(changes, noticeChange{Value: wrote, Field: "messages"})
	}
	if len(statuses.Statuses) > 0 {
		changes = append([]noticeChange{{Value: statuses, Field: "messages"}}, changes...)
	}
	return escape(mustEncode(notice{
		Object: "whatsapp_business_account", Entry: []noticeEntry{{ID: s.options.WABAID, Changes: changes}},
	}))
}

func (r *record) notice(i int) noticeStatus {
	st := r.stages[i]
	n := noticeStatus{
		ID: r.ID, Status: st.status, Timestamp: strconv.FormatInt(st.due.Unix(), 10), Recipient: r.To, Callback: r.CallbackData,
	}
	if scopedID.MatchString(r.To) {
		n.Recipient, n.UserID = "", r.To
	}
	if st.priced {
		price := r.pricing
		n.Pricing = &price
	}
	if st.status == "failed" {
		n.Errors = []noticeError{{
			Code: st.code, Title: titleOf(st.code), Message: titleOf(st.code), Data: map[string]string{"details": st.details},
			Href: "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
		}}
	}
	return n
}

func (in *inbound) notice(own string) map[string]json.RawMessage {
	n := map[string]json.RawMessage{
		"from": mustEncode(in.from), "id": mustEncode(in.id), "type": mustEncode(in.kind),
		"timestamp": mustEncode(strconv.FormatInt(in.at.Unix(), 10)),
	}
	if len(in.content) > 0 {
		n[in.kind] = in.content
	}
	if in.replyTo != "" {
		n["context"] = mustEncode(map[string]string{"from": own, "id": in.replyTo})
	}
	return n
}

// escape writes JSON as Meta does: characters beyond ASCII as \u escapes in lower-case hex, slashes as \/. A
// receiver that parses and serialises again before it checks the signature is found out by it (§7.3).
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
