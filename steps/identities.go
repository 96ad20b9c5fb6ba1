package steps

import (
	"strings"
	"time"

	"waybill/engine"
	"waybill/whatsapp/webhook"
)

// identities are what a webhook tells of who is who.
func identities(ev webhook.Event, at time.Time) []engine.Identity {
	var found []engine.Identity
	for _, i := range ev.Identities() {
		named := engine.Identity{
			WaID: plusNumber(i.WaID), UserID: i.UserID, Username: i.Username, NumberID: i.PhoneNumberID, At: orNow(i.At, at),
		}
		if named.Names() {
			found = append(found, named)
		}
	}
	return found
}

// moved are the people of whom a webhook tells that they have another number, or another user id.
func moved(ev webhook.Event, at time.Time) []engine.Moved {
	var found []engine.Moved
	for _, i := range ev.Identities() {
		m := engine.Moved{
			WasNumber: plusNumber(i.PreviousWaID), WasUserID: i.PreviousUserID, Number: plusNumber(i.WaID), UserID: i.UserID, At: orNow(i.At, at),
		}
		if i.Kind == webhook.IdentityUserID && m.WasUserID == "" { // it is the one that the number was known with
			m.WasNumber = m.Number
		}
		if m.WasNumber+m.WasUserID != "" && m.Number+m.UserID != "" {
			found = append(found, m)
		}
	}
	return found
}

// plusNumber is a wa_id as the ledger has numbers: with its plus. Empty for what is none, such as the id of a group.
func plusNumber(waID string) string {
	digits := strings.TrimPrefix(waID, "+")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return "+" + digits
}
