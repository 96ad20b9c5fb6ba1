package engine

import (
	"strings"

	"waybill/engine/delivery"
)

// forgottenPrefix begins what stands in a ledger in place of an id, a key or a message id of a person who was forgotten. No number, user
// id or message id begins so.
const forgottenPrefix = "forgotten-"

// Forgotten is what stands in a ledger in place of an id, a key or a message id of somebody who was forgotten: code is a keyed digest of
// it.
func Forgotten(code string) string { return forgottenPrefix + code }

// IsForgotten says whether a text is what Forgotten made.
func IsForgotten(text string) bool { return strings.HasPrefix(text, forgottenPrefix) }

// Forget names whom a ledger is to forget.
type Forget struct {
	// IDs are of persons: numbers "+34…" in each spelling that is theirs, and user ids. The ledger adds the ids that they have and had, each for
	// the time in which it was theirs. Of a number that was given up for another it is the person who gave it up who is forgotten.
	IDs []string
	// NewOwner forgets who has the IDs since they were given up, instead.
	NewOwner bool
	Job      string // of Item; empty: every job
	// Item is a key: everybody to whom a delivery of it went is forgotten, with the key. Empty: IDs alone tell.
	Item string
}

// Erased says what was forgotten. The zero value: the ledger knew nothing.
type Erased struct {
	Covered    []Held // the ids, and when each was theirs; those that had become digests before are not among them
	People     int    // ids of them that became digests
	Known      int    // ids and keys of those that were asked for which had become digests before
	Deliveries int    // that keep what became of them, under digests
	Inbound    int    // messages that they wrote
	Webhooks   int    // bodies of webhooks that named them, with all that those said
	Rows       int    // rows of runs that became no request
	OptOuts    int    // words about them, which hold on
}

// Nothing says whether the ledger knew nothing of whom was asked for.
func (e Erased) Nothing() bool {
	return e.People+e.Known+e.Deliveries+e.Inbound+e.Webhooks+e.Rows+e.OptOuts == 0
}

// Aliases tells how a ledger knows people and keys. Those of people who were forgotten are known by keyed digests alone.
type Aliases interface {
	// Known returns an id of a person as the ledger has it: the id itself, or what stands in its place. It is as new as the last Lock, or
	// the opening of the ledger.
	Known(id string) string
	// KnownKey is Known for a key of a delivery.
	KnownKey(k delivery.Key) delivery.Key
}
