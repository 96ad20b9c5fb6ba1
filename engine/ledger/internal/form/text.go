package form

import (
	"bytes"
	"encoding/json"
	"strings"

	"waybill/engine"
	"waybill/engine/delivery"
)

// The sizes of the texts that are kept of a row that became no request, in bytes. What is longer is cut.
const (
	LongestText = 500
	LongestName = 1000
)

// Cut returns a text of so many bytes at most, whole runes of it.
func Cut(s string, longest int) string {
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "…"
}

// Named returns who a user is, as a trace of it reads.
func Named(a engine.Actor) string {
	name := a.User
	if a.Host != "" {
		name += " on " + a.Host
	}
	if a.CI != "" {
		name += ", " + a.CI
	}
	return strings.TrimLeft(name, ", ")
}

// OwnWord returns WhatsApp's word for a status where it is not the one of its state: it is rarely kept.
func OwnWord(s *delivery.Status) string {
	if s.Word == s.State.String() {
		return ""
	}
	return s.Word
}

// Place says where a part lies in a body that is kept anyway: from is -1 where it is elsewhere, and has to be kept itself.
func Place(body []byte, part json.RawMessage) (from int) {
	if len(part) == 0 {
		return -1
	}
	return bytes.Index(body, part)
}

// MayNote says whether an outcome is that of a row that became no request.
func MayNote(o delivery.Outcome) bool {
	switch o {
	case 0, delivery.OutcomeInvalid, delivery.OutcomeWaiting, delivery.OutcomeSkipped, delivery.OutcomeNotSent:
		return true
	default:
		return false
	}
}
