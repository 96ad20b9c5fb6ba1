package delivery

import (
	"time"
)

// ID names a delivery inside one ledger. Zero is none.
type ID int64

// Delivery is one message to one recipient as the ledger knows it.
type Delivery struct {
	ID         ID
	Key        Key
	Run        string    // id of the run that decided it last
	Recipient  string    // as sent: "+34612345678"
	NumberID   string    // phone number id of the business number that it was last intended with; empty: not known
	Digest     Digest    // of the content it was last intended with
	State      State     // where it stands, statuses included
	Retryable  bool      // Rejected or Failed for a reason that passes, or for the account's: apply tries it again
	Row        int       // line or index of the item in its source, 0 for none
	Attempts   int       // requests made so far
	MessageID  string    // WhatsApp's id ("wamid…"), empty until accepted
	HeldBack   string    // WhatsApp's word on acceptance when it is not "accepted": "held_for_quality_assessment", "paused"
	Cause      Cause     // whose fault Answer is
	Answer     Answer    // what the last attempt got, or the code of a later failure
	IntendedAt time.Time // of the last attempt
	SettledAt  time.Time // zero while intended
	StatusAt   time.Time // WhatsApp's own time of the status in State; zero before any

	// Sent is the last delivery of the same item before this one that is on its way or arrived, where this one is not: the item counts
	// as sent while any of its deliveries is. Only Lookup of a ledger tells it; nil: there is none.
	Sent *Delivery
}

// Counting is the delivery by which its item counts: itself, unless only one before it was sent.
func (d Delivery) Counting() Delivery {
	if d.Sent != nil {
		return *d.Sent
	}
	return d
}

// With takes in another delivery of the same item, and returns what is known of the item then: its newest delivery, with what was sent
// before it. The order does not matter, and the same one again changes nothing. The zero value is no delivery.
func (d Delivery) With(other Delivery) Delivery {
	older, newest := d, other
	switch {
	case d.ID == 0:
		return other
	case d.ID == other.ID:
		return d
	case d.Key.Again > other.Key.Again:
		older, newest = other, d
	}
	if sent := older.Counting(); !newest.State.Succeeded() && sent.State.Succeeded() && (newest.Sent == nil || newest.Sent.Key.Again < sent.Key.Again) {
		before := sent // of its own, so that only this case costs an allocation
		newest.Sent = &before
	}
	return newest
}

// Digest is a keyed digest of a message's content: the same text gives the same digest in one ledger, and
// none can be guessed back from it. Zero is unknown.
type Digest uint64

// Answer is what came back for a request, as far as it matters later. The zero value: nothing came back.
type Answer struct {
	Status  int    // HTTP status, 0 when none was read
	Code    int    // the vendor's error code, 0 for none
	Message string // one line for people, secrets taken out; empty on success
	TraceID string // the vendor's handle for support
}
