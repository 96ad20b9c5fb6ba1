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
	IDs []string // of persons: numbers "+34…" in each spelling that is theirs, and user ids; the ledger adds what is paired with them
	Job string   // of Item; empty: every job
	// Item is a key: everybody to whom a delivery of it went is forgotten, with the key. Empty: IDs alone tell.
	Item string
}

// Erased says what was forgotten. The zero value: the ledger knew nothing.
type Erased struct {
	People     int // ids of them that became digests
	Known      int // ids and keys of those that were asked for which had become digests before
	Deliveries int // that keep what became of them, under digests
	Inbound    int // messages that they wrote
	Webhooks   int // bodies of webhooks that named them, with all that those said
	Rows       int // rows of runs that became no request
	OptOuts    int // words about them, which hold on
}

// Nothing says whether the ledger knew nothing of whom was asked for.
func (e Erased) Nothing() bool { return e == Erased{} }

// Aliases tells how a ledger knows people and keys. Those of people who were forgotten are known by keyed digests alone.
type Aliases interface {
	// Known returns an id of a person as the ledger has it: the id itself, or what stands in its place. It is as new as the last Lock, or
	// the opening of the ledger.
	Known(id string) string
	// KnownKey is Known for a key of a delivery.
	KnownKey(k delivery.Key) delivery.Key
}
