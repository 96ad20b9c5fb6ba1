package proof

import (
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// Version is that of the format: a new key may come, none changes its meaning under one version.
const Version = 1

// What a line is: the value of its "record".
const (
	recordHeader   = "proof"
	recordDelivery = "delivery"
	recordUnsent   = "unsent"
	recordEnd      = "end"
)

// Header is the first line of a proof.
type Header struct {
	Record     string           `json:"record"`
	Version    int              `json:"version"`
	Run        string           `json:"run"`
	Job        string           `json:"job"`
	Mode       engine.Mode      `json:"mode"`
	Scope      string           `json:"scope"`
	Status     engine.RunStatus `json:"status"`
	Sandbox    bool             `json:"sandbox"` // nobody was messaged
	StartedAt  *string          `json:"startedAt"`
	FinishedAt *string          `json:"finishedAt"` // null: it was under way
	Counts     engine.Counts    `json:"counts"`     // of the run, as the ledger knew them when the proof was made
	Recipients string           `json:"recipients"` // masked or shown
	Ledger     string           `json:"ledger"`     // which ledger it was made from: a keyed digest
	Program    string           `json:"program"`
	MadeAt     *string          `json:"madeAt"`
}

// The values of Header.Recipients.
const (
	recipientsMasked = "masked"
	recipientsShown  = "shown"
)

// deliveryLine is a delivery that the run counts, as far as this run goes: of one that it attempted, its own requests; of one that an
// apply met and left, those of the runs before it.
type deliveryLine struct {
	Record string `json:"record"`
	ID     int64  `json:"id"` // in the ledger; each line has a higher one than the line before
	Step   string `json:"step"`
	Item   string `json:"item"`
	Number int    `json:"number,omitempty"` // of the item's deliveries, from 2 on: those that a person asked for once more
	Key    string `json:"key"`              // keyed digest of job, scope, step, item and number

	// Of a delivery that another run tried again they are missing: the ledger knows whom the last request went to.
	Row             int    `json:"row,omitempty"`
	Recipient       string `json:"recipient,omitempty"`
	RecipientDigest string `json:"recipientDigest,omitempty"` // keyed digest
	PhoneNumberID   string `json:"phoneNumberId,omitempty"`   // of the business number that the last request went by
	LaterRun        string `json:"laterRun,omitempty"`

	EarlierRun string `json:"earlierRun,omitempty"` // which made the last of the requests, and not this run

	Outcome  string        `json:"outcome"`
	Attempts []attemptLine `json:"attempts"` // never empty; the last one decides the outcome
}

func (l *deliveryLine) last() *attemptLine { return &l.Attempts[len(l.Attempts)-1] }

// attemptLine is one request.
type attemptLine struct {
	Number    int     `json:"number"`
	At        *string `json:"at"`                  // when its intent was written
	Ended     *string `json:"ended"`               // null: its end was not recorded
	Result    string  `json:"result"`              // accepted, refused, notSent, inDoubt, unanswered
	MessageID string  `json:"messageId,omitempty"` // "wamid.…", or "sha256:" and its digest: it holds the recipient's number
	Status    string  `json:"status,omitempty"`    // accepted, sent, delivered, read, failed; missing: WhatsApp took no message
	StatusAt  *string `json:"statusAt,omitempty"`  // WhatsApp's time of that status; missing before any
	HTTP      int     `json:"http,omitempty"`
	Code      int     `json:"code,omitempty"`
	Message   string  `json:"message,omitempty"`
	ByHand    string  `json:"byHand,omitempty"` // sent or planned: a person's word on it
}

// unsentLine is a row that became no request, or several of one kind.
type unsentLine struct {
	Record  string `json:"record"`
	Step    string `json:"step"`
	Item    string `json:"item"`
	File    string `json:"file,omitempty"`
	Row     int    `json:"row,omitempty"`
	Cell    string `json:"cell,omitempty"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"` // where recipients are shown: it may quote the row
	Count   int    `json:"count"`
}

// End is the last line of a proof.
type End struct {
	Record     string        `json:"record"`
	Deliveries int           `json:"deliveries"` // lines of deliveries
	Unsent     int           `json:"unsent"`     // lines of rows that became no request
	Counts     engine.Counts `json:"counts"`     // those of the header again
	Listed     engine.Counts `json:"listed"`     // of the lines
	Seal       string        `json:"seal"`       // keyed digest of the chain up to the line before
}

// What the keyed digests are of, apart from each other and from those of messages.
const (
	ledgerDomain    = "waybill proof ledger"
	keyDomain       = "waybill proof key\n"
	recipientDomain = "waybill proof recipient\n"
	sealDomain      = "waybill proof seal\n"
)

// keyed returns a digest that only this ledger can make: without its key, a phone number cannot be found by trying them all.
func keyed(l engine.Reader, domain string, content []byte) string {
	return fmt.Sprintf("%016x", uint64(l.Digest(append([]byte(domain), content...))))
}

// keyDigest is the keyed digest of a delivery's key.
func keyDigest(l engine.Reader, k delivery.Key) string {
	hash := k.Hash()
	return keyed(l, keyDomain, hash[:])
}

// instant is a time in JSON: UTC, to the millisecond; null when there is none.
func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &s
}
