package engine

import (
	"encoding/json"
	"fmt"
	"time"
)

// Identity is how WhatsApp named one person at one moment, in an answer, a status, a message or an event. Those of its ids that are
// given are one person's. The zero value names nobody.
//
// Sources: Meta, messages/send-messages (contacts of an answer); business-scoped-user-ids.
type Identity struct {
	Number   string    // as it was written to, "+5531988888888"; empty: nobody wrote to it
	WaID     string    // the number under which WhatsApp knows the account, "+553188888888"; it differs in Brazil, Mexico and Argentina
	UserID   string    // business-scoped user id, "BR.13491208655302741918"
	Username string    // shown and searched, and proof of nothing: it changes hands
	NumberID string    // phone number id of the business that was told: a user id is good for its portfolio alone
	At       time.Time // when WhatsApp said so
}

// Names says whether two of its ids differ, so that there is something to keep.
func (i Identity) Names() bool {
	return i.WaID != "" && i.UserID != "" || i.Number != "" && (i.UserID != "" || i.WaID != "" && i.WaID != i.Number)
}

// Moved says that a person goes by other ids from a moment on: by another number, another user id, or both. What was said, sent and written
// before stays theirs. Ids that are not known are empty.
type Moved struct {
	WasNumber, WasUserID string
	Number, UserID       string
	At                   time.Time // when WhatsApp said so
}

// Was says whether the person went by an id until then. They may go by it still, when the other one changed.
func (m Moved) Was(id string) bool { return id != "" && (id == m.WasNumber || id == m.WasUserID) }

// Gave says whether the person gave up an id for another.
func (m Moved) Gave(id string) bool { return m.Was(id) && !m.Became(id) }

// Became says whether the person goes by an id from then on.
func (m Moved) Became(id string) bool { return id != "" && (id == m.Number || id == m.UserID) }

// Held says that an id was a person's for a time.
type Held struct {
	ID    string
	From  time.Time // the zero time: from the beginning
	Until time.Time // the zero time: it is theirs still
}

// ClocksApart is how far the clock of this machine may be from WhatsApp's, whose moments are whole seconds.
const ClocksApart = time.Minute

// WholeSecond is how far a row of ours may be behind a moment of WhatsApp's and still be of before it: those are whole seconds.
const WholeSecond = time.Second

// At says whether the id was the person's at a moment of WhatsApp's.
func (h Held) At(t time.Time) bool { return h.within(t, 0) }

// AtOurs is At for a moment that a machine of ours noted.
func (h Held) AtOurs(t time.Time) bool { return h.within(t, ClocksApart) }

func (h Held) within(t time.Time, apart time.Duration) bool {
	return (h.From.IsZero() || t.After(h.From.Add(apart))) && (h.Until.IsZero() || !t.After(h.Until.Add(apart)))
}

// Pair says that two ids are of one person. It holds from At until Ended.
type Pair struct {
	Number   string    // "+553188888888"
	Other    string    // what it is paired with: the number under which WhatsApp knows the account, or a business-scoped user id
	NumberID string    // phone number id of the business that was told; empty for two numbers
	Username string    // as the person called itself last; empty: not known
	At       time.Time // since when
	Ended    time.Time // until when; zero: it holds
}

// PairFilter narrows Pairs. Zero fields do not narrow.
type PairFilter struct {
	Of     string // those that this id is in
	Ended  bool   // those that hold no more, too
	Search string // part of a number, a user id or a user name
	Limit  int
}

// NoticeIdentity is the Field of the notice that a number has another user id than before, or a user id another number: the person may be
// another one now.
const NoticeIdentity = "identity_change"

// PairEnded is the notice that a pair holds no more, and what is known now: the number may be another person's.
func PairEnded(was Pair, now Identity) (*Notice, error) {
	raw, err := json.Marshal(map[string]string{
		"number": was.Number, "was": was.Other, "now_number": now.WaID, "now": now.UserID, "phone_number_id": was.NumberID,
	})
	if err != nil {
		return nil, fmt.Errorf("tell that a pair ended: %w", err)
	}
	return &Notice{Field: NoticeIdentity, At: was.Ended, Raw: raw}, nil
}
