package sandbox

import (
	"encoding/json"
	"fmt"
	"time"
)

// Inbound is what a person writes. From is a number or a business-scoped user id; everything else may be empty.
type Inbound struct {
	From          string          `json:"from"`
	Name          string          `json:"name,omitempty"`          // of the profile; empty: as before, at first "Sandbox customer"
	Username      string          `json:"username,omitempty"`      // of the profile; empty: as before, at first none
	Hidden        bool            `json:"hidden,omitempty"`        // the webhook tells the user id alone, as for people who have a user name
	Type          string          `json:"type,omitempty"`          // empty: text
	Text          string          `json:"text,omitempty"`          // of type text
	Button        string          `json:"button,omitempty"`        // label and payload of a template's quick reply that is pressed; Type stays empty
	Content       json.RawMessage `json:"content,omitempty"`       // the object named like Type, for every other type
	PhoneNumberID string          `json:"phoneNumberId,omitempty"` // the business number that is written to; empty: the first
	ReplyTo       string          `json:"replyTo,omitempty"`       // the message id that is quoted
}

// inbound is a person's message with its id and time.
type inbound struct {
	id      string
	who     person
	hidden  bool
	standby bool // another responder owns the thread
	kind    string
	content json.RawMessage
	replyTo string
	at      time.Time
	number  *number // of the business
}

func (s *Server) newInbound(who person, in Inbound, at time.Time) *inbound {
	if in.Button != "" {
		in.Type, in.Content = "button", mustEncode(map[string]string{"payload": in.Button, "text": in.Button})
	}
	setText(&in.Type, "text")
	if in.Type == "text" && len(in.Content) == 0 {
		in.Content = mustEncode(map[string]string{"body": in.Text})
	}
	from := who.waID
	if in.Hidden || from == "" {
		from = who.userID
	}
	return &inbound{
		id: s.newWamid(from, incoming), who: who, hidden: from == who.userID, kind: in.Type, content: in.Content, replyTo: in.ReplyTo, at: at, number: s.numbers[0],
	}
}

// Receive lets a person write to the business number: the service window opens at once, and Run delivers the
// webhook. It returns the message id. The error names a sender that is nobody, or content that is missing.
func (s *Server) Receive(in Inbound) (string, error) {
	who, err := s.whoIs(in.From)
	if err != nil {
		return "", fmt.Errorf("receive: from: %w", err)
	}
	if in.Type != "" && in.Type != "text" && len(in.Content) == 0 {
		return "", fmt.Errorf("receive: a message of type %s needs content, the object named %s", in.Type, in.Type)
	}
	if (in.Hidden || in.Username != "") && !s.rules.hidden {
		return "", fmt.Errorf("receive: as of %s nobody has a user name or hides a number", s.options.AsOf.Format(time.DateOnly))
	}
	to, err := s.numberNamed(in.PhoneNumberID)
	if err != nil {
		return "", fmt.Errorf("receive: %w", err)
	}
	in.Hidden = in.Hidden || in.From == who.userID
	now := s.clock.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.introduce(who, in)
	wrote := s.newInbound(who, in, now)
	wrote.number = to
	if s.ownedByOther(who, now) {
		s.threads[who.key()], wrote.standby = now, true
	} else {
		s.windows[who.key()] = serviceWindow{from: now}
	}
	if s.tell(&update{due: now, inbound: wrote}); !s.delivers() {
		s.counts.addInbound(wrote)
	}
	return wrote.id, nil
}

// receive is what a message does when it is told: it opens the service window, but in another responder's thread, and
// counts. The caller holds the lock.
func (s *Server) receive(in *inbound) {
	if !in.standby && in.kind != "system" {
		s.windows[in.who.key()] = serviceWindow{from: in.at}
	}
	s.counts.addInbound(in)
}

// introduce keeps what a person says to be called. The caller holds the lock.
func (s *Server) introduce(who person, in Inbound) {
	called := s.profiles[who.key()]
	if in.Name != "" {
		called.name = in.Name
	}
	if in.Username != "" {
		called.username = in.Username
	}
	if called.username == "" && (in.Hidden || who.waID == "") {
		called.username = usernameOf(who)
	}
	if called != (profile{}) {
		s.profiles[who.key()] = called
	}
}

// tell has Run deliver an update, where there is a receiver. The caller holds the lock.
func (s *Server) tell(u *update) {
	if s.delivers() {
		s.queue.put(u)
		s.wakeRun()
	}
}

// ChangeNumber lets a person take another number: Run delivers the system message that says so, with the user id that
// goes with it. The error says that one of the two is nobody's.
func (s *Server) ChangeNumber(user, number string) error {
	who, err := s.whoIs(user)
	if err != nil {
		return fmt.Errorf("number: user: %w", err)
	}
	digits, ok := normalNumber(number)
	if !ok {
		return fmt.Errorf("number: number: %q is not a phone number", number)
	}
	next := s.whoHas(digits)
	content := map[string]string{"type": "user_changed_number", "wa_id": next.waID}
	if next.userID != "" {
		content["user_id"] = next.userID
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	content["body"] = fmt.Sprintf("User %s changed from %s to %s", s.profileOf(who).name, who.key(), next.waID)
	now := s.clock.now()
	wrote := s.newInbound(who, Inbound{Hidden: user == who.userID, Type: "system", Content: mustEncode(content)}, now)
	s.tell(&update{due: now, inbound: wrote})
	return nil
}

// SetMarketing lets a person stop or resume marketing messages of the business number, as they do in WhatsApp: Run delivers
// user_preferences, and marketing templates to them fail with 131050 until they resume. The person is a number or a user
// id; the error says that it is neither.
func (s *Server) SetMarketing(user string, wanted bool) error {
	who, err := s.whoIs(user)
	if err != nil {
		return fmt.Errorf("preferences: user: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.now()
	s.tell(&update{due: now, change: s.prefer(s.numbers[0], who, who.waID == "" || user == who.userID, wanted, now)})
	return nil
}

// prefer notes a person's wish and returns what tells of it; a hidden person's without the number. The caller holds the
// lock.
func (s *Server) prefer(n *number, who person, hidden, wanted bool, now time.Time) *noticeChange {
	word := "stop"
	if wanted {
		word = "resume"
		delete(s.stopped, who.key())
	} else {
		s.stopped[who.key()] = true
	}
	value := s.noticeValue(n)
	contact := s.contact(who, hidden)
	value.Contacts = []noticeContact{contact}
	value.Preferences = []noticePreference{{
		WaID: contact.WaID, UserID: contact.UserID, Detail: "User requested to " + word + " marketing messages",
		Category: "marketing_messages", Value: word, Timestamp: now.Unix(),
	}}
	return &noticeChange{Value: value, Field: "user_preferences"}
}
