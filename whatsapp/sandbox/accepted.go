package sandbox

import (
	"encoding/json"
	"strconv"
	"time"
)

// Message is one accepted message, as GET /__sandbox/messages and the accept log show it.
type Message struct {
	ID            string          `json:"id"`
	PhoneNumberID string          `json:"phoneNumberId,omitempty"` // that it was sent by, where the sandbox has several
	To            string          `json:"to"`                      // wa_id, business-scoped user id or group id
	Input         string          `json:"input"`                   // "to" as it was asked
	Type          string          `json:"type"`
	Text          string          `json:"text,omitempty"` // what the person reads: body, caption, or the template's body filled in
	Template      string          `json:"template,omitempty"`
	Language      string          `json:"language,omitempty"`
	Category      string          `json:"category,omitempty"` // of the template, lower case
	ReplyTo       string          `json:"replyTo,omitempty"`
	CallbackData  string          `json:"biz_opaque_callback_data,omitempty"`
	At            time.Time       `json:"at"`
	Payload       json.RawMessage `json:"payload"`          // the request's body as it came; what came in a form or in the query as an object
	Status        string          `json:"status,omitempty"` // the newest status by now; empty: accepted only
}

// record is a message and what becomes of it.
type record struct {
	Message
	who     person
	number  *number
	seq     uint64
	stages  []stage
	pricing pricing
	country string
}

// accepted keeps the newest messages whole and counts all of them. The caller holds the server's lock.
type accepted struct {
	keep   uint64
	ring   []*record
	total  uint64
	byID   map[string]*record
	counts map[string]uint32
}

// historyBase makes ids of the message history from sequence numbers, without an index.
const historyBase = 7_000_000_000_000_000

func newAccepted(keep int) accepted {
	return accepted{keep: uint64(max(keep, 1)), byID: map[string]*record{}, counts: map[string]uint32{}}
}

func (s *Server) newRecord(n *number, d *draft, now time.Time) *record {
	to := d.to
	if !d.scoped {
		to = d.who.waID
	}
	return &record{who: d.who, number: n, Message: Message{
		PhoneNumberID: s.shownID(n), ID: s.newWamid(to, outgoing), To: to, Input: d.input, Type: d.kind, Text: d.text, Template: d.name,
		Language: d.language, Category: d.category, ReplyTo: d.context, CallbackData: d.callback, At: now, Payload: d.payload,
	}, country: d.who.country(), seq: s.accepted.total}
}

// add stores r over the oldest record.
func (a *accepted) add(r *record) {
	a.total++
	a.counts[r.To]++
	a.byID[r.ID] = r
	if uint64(len(a.ring)) < a.keep {
		a.ring = append(a.ring, r)
		return
	}
	place := r.seq % a.keep
	delete(a.byID, a.ring[place].ID)
	a.ring[place] = r
}

// at is the record with a sequence number, nil once it was dropped.
func (a *accepted) at(seq uint64) *record {
	if seq >= a.total || a.total-seq > uint64(len(a.ring)) {
		return nil
	}
	return a.ring[seq%a.keep]
}

func (r *record) historyID() string { return strconv.FormatUint(historyBase+r.seq, 10) }

func (a *accepted) byHistoryID(id string) *record {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil || n < historyBase || n-historyBase >= a.total {
		return nil
	}
	return a.at(n - historyBase)
}

// newest yields the kept records, newest first.
func (a *accepted) newest(yield func(*record) bool) {
	for i := range uint64(len(a.ring)) {
		if !yield(a.at(a.total - 1 - i)) {
			return
		}
	}
}
