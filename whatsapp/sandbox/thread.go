package sandbox

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// The owners of a thread.
const (
	OwnerBusiness = "business" // this number's app, as from the start
	OwnerOther    = "other"    // another responder: a second partner, or Meta's own agent
)

// threadIdle is how long another responder keeps a thread in which nothing happens, before Speed.
const threadIdle = 24 * time.Hour

type noticeStandby struct {
	Messages []map[string]json.RawMessage `json:"messages,omitempty"`
	Echoes   []noticeEcho                 `json:"message_echoes,omitempty"`
}

type noticeEcho struct {
	ID        string            `json:"id"`
	Timestamp string            `json:"timestamp"`
	To        string            `json:"to,omitempty"`
	ToUserID  string            `json:"to_user_id,omitempty"`
	Type      string            `json:"type"`
	Text      map[string]string `json:"text"`
}

// noticeHandover is a value of field messaging_handovers, in the shape that Meta documents since October 2026.
type noticeHandover struct {
	Product   string           `json:"messaging_product"`
	Recipient noticeNumber     `json:"recipient"`
	Sender    noticeSender     `json:"sender"`
	Timestamp string           `json:"timestamp"`
	Type      string           `json:"type"`
	Passed    *noticeOwnership `json:"control_passed,omitempty"`
	Taken     *noticeOwnership `json:"control_taken,omitempty"`
}

type noticeSender struct {
	Number string `json:"phone_number,omitempty"`
	UserID string `json:"user_id,omitempty"`
}

type noticeOwnership struct {
	Before string `json:"previous_owner_role"`
	Now    string `json:"new_owner_role"`
}

const (
	roleOther    = "ai_agent"
	roleBusiness = "escalation"
)

// Thread is a change of who answers a person. Says is what the other responder writes to them, if anything.
type Thread struct {
	User  string `json:"user"`
	Owner string `json:"owner"`
	Says  string `json:"says,omitempty"`
}

// SetThread gives the thread of a person to another responder, or back: Run delivers messaging_handovers, and what the
// person writes to another responder comes as standby, without opening a window. The thread comes back by itself when it
// was idle for a day, and when this number sends something that is no template. The error says that the
// person or the owner is unknown, or that the sandbox's day is before all this.
func (s *Server) SetThread(t Thread) error {
	if !s.rules.routing {
		return fmt.Errorf("thread: as of %s there is one responder", s.options.AsOf.Format(time.DateOnly))
	}
	who, err := s.whoIs(t.User)
	if err != nil {
		return fmt.Errorf("thread: user: %w", err)
	}
	if t.Owner != OwnerBusiness && t.Owner != OwnerOther {
		return fmt.Errorf("thread: owner %q: it is %q or %q", t.Owner, OwnerBusiness, OwnerOther)
	}
	if t.Says != "" && t.Owner != OwnerOther {
		return fmt.Errorf("thread: says: only another responder's words are told here")
	}
	now := s.clock.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ownedByOther(who, now) != (t.Owner == OwnerOther) {
		s.hand(who, t.Owner == OwnerOther, "control_passed", now)
	}
	if t.Says != "" {
		s.threads[who.key()] = now
		s.tell(&update{due: now, change: s.echo(who, t.Says, now)})
	}
	return nil
}

// ownedByOther reports whether another responder has the thread. The caller holds the lock.
func (s *Server) ownedByOther(who person, now time.Time) bool {
	at, other := s.threads[who.key()]
	return other && now.Sub(at) < s.clock.scaled(threadIdle)
}

// hand gives a thread away or back, and tells it. The caller holds the lock.
func (s *Server) hand(who person, away bool, kind string, now time.Time) {
	control := &noticeOwnership{Before: roleOther, Now: roleBusiness}
	if away {
		s.threads[who.key()] = now
		control = &noticeOwnership{Before: roleBusiness, Now: roleOther}
	} else {
		delete(s.threads, who.key())
	}
	value := s.noticeValue(s.numbers[0])
	note := noticeHandover{
		Product: value.Product, Recipient: value.Metadata, Sender: noticeSender{Number: who.waID, UserID: who.userID},
		Timestamp: strconv.FormatInt(now.Unix(), 10), Type: kind,
	}
	if kind == "control_taken" {
		note.Taken = control
	} else {
		note.Passed = control
	}
	s.tell(&update{due: now, change: &noticeChange{Value: note, Field: "messaging_handovers"}})
}

// takeOver gives the thread back to this number when it writes into it. Whether WhatsApp refuses that instead, with 131070,
// its sources leave open; a fault says it. The caller holds the lock.
func (s *Server) takeOver(r *record, now time.Time) {
	if len(s.threads) > 0 && r.Type != "template" && s.ownedByOther(r.who, now) {
		s.hand(r.who, false, "control_taken", now)
	}
}

// echo is what the other responder wrote. The caller holds the lock.
func (s *Server) echo(who person, text string, now time.Time) *noticeChange {
	value := s.noticeValue(s.numbers[0])
	value.Contacts = []noticeContact{s.contact(who, false)}
	value.Standby = &noticeStandby{Echoes: []noticeEcho{{
		ID: s.newWamid(who.key(), outgoing), Timestamp: strconv.FormatInt(now.Unix(), 10), To: who.waID, ToUserID: who.userID,
		Type: "text", Text: map[string]string{"body": text},
	}}}
	return &noticeChange{Value: value, Field: "standby"}
}
