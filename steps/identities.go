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

// plusNumber is a wa_id as the ledger has numbers: with its plus. Empty for what is none, such as the id of a group.
func plusNumber(waID string) string {
	digits := strings.TrimPrefix(waID, "+")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return "+" + digits
}
