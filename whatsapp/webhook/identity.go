package webhook

import (
	"cmp"
	"time"
)

// The kinds of an Identity: what told it.
const (
	IdentityStatus     = "status"          // a status of a message that was sent
	IdentityMessage    = "message"         // a message that came
	IdentityEcho       = "echo"            // a message that another responder sent
	IdentityPreference = "preference"      // a wish about marketing messages
	IdentityHandover   = "handover"        // another responder took or gave the thread
	IdentityNumber     = "changed-number"  // the person has another number: PreviousWaID is the old one
	IdentityUserID     = "changed-user-id" // the person has another user id: PreviousUserID is the old one
)

// Identity is what a callback told about who a person is. Number and user id that stand together are one person at At;
// either may be missing. A user name pairs nobody: it is not stable.
type Identity struct {
	Origin
	Kind         string // one of the words above
	WaID         string // digits without a plus; empty for people who hide their number
	UserID       string // business-scoped
	ParentUserID string // of the linked portfolios
	Name         string
	Username     string
	At           time.Time // of the event; zero where it has none

	PreviousWaID   string // of IdentityNumber
	PreviousUserID string // of IdentityUserID, and of IdentityNumber where it was told
}

// Identities returns what the callback tells of people, in the order of its lists. Those that say no more than
// one number are left out.
func (ev Event) Identities() []Identity {
	var found []Identity
	add := func(id Identity) {
		if id.UserID != "" || id.Username != "" || id.PreviousWaID != "" {
			found = append(found, id)
		}
	}
	for _, s := range ev.Statuses {
		if s.RecipientType != "group" {
			add(s.Contact.identity(s.Origin, IdentityStatus, s.RecipientID, s.RecipientUserID, s.RecipientParentUserID, s.Timestamp))
		}
	}
	for _, m := range ev.Messages {
		add(m.identity())
	}
	for _, e := range ev.Echoes {
		add(Contact{}.identity(e.Origin, IdentityEcho, e.To, e.ToUserID, e.ToParentUserID, e.Timestamp))
	}
	for _, p := range ev.Preferences {
		add(p.Contact.identity(p.Origin, IdentityPreference, p.WaID, p.UserID, p.ParentUserID, p.Timestamp))
	}
	for _, h := range ev.Handovers {
		add(Contact{}.identity(h.Origin, IdentityHandover, h.WaID, h.UserID, "", h.Timestamp))
	}
	return found
}

// identity is what an item and the contact beside it say of a person; the item's own words come first.
func (c Contact) identity(from Origin, kind, waID, userID, parent string, at time.Time) Identity {
	return Identity{
		Origin: from, Kind: kind, WaID: cmp.Or(waID, c.WaID), UserID: cmp.Or(userID, c.UserID),
		ParentUserID: cmp.Or(parent, c.ParentUserID), Name: c.Name, Username: c.Username, At: at,
	}
}

// identity is who wrote, or who a system message says that the person is now. A system message comes from the old
// identity, and what it does not say stays as it was unknown.
func (m Message) identity() Identity {
	if m.System != nil {
		switch m.System.Type {
		case "user_changed_number", "customer_changed_number":
			return Identity{
				Origin: m.Origin, Kind: IdentityNumber, WaID: m.System.WaID, UserID: m.System.UserID, ParentUserID: m.System.ParentUserID,
				At: m.Timestamp, PreviousWaID: m.From, PreviousUserID: otherThan(m.System.UserID, m.System.PreviousUserID, m.FromUserID),
			}
		case "user_changed_user_id":
			return Identity{
				Origin: m.Origin, Kind: IdentityUserID, WaID: cmp.Or(m.System.WaID, m.From), UserID: m.System.UserID,
				ParentUserID: m.System.ParentUserID, At: m.Timestamp,
				PreviousUserID: otherThan(m.System.UserID, m.System.PreviousUserID, m.FromUserID),
			}
		}
	}
	return m.Contact.identity(m.Origin, IdentityMessage, m.From, m.FromUserID, m.FromParentUserID, m.Timestamp)
}

// otherThan is the first of the ids that is neither empty nor the new one.
func otherThan(now string, ids ...string) string {
	for _, id := range ids {
		if id != "" && id != now {
			return id
		}
	}
	return ""
}
