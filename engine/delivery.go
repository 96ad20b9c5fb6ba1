package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Key is the identity of a delivery. The same Key is the same delivery for ever, whatever the text
// says by then and wherever the row stands in its file.
type Key struct {
	Job   string // Job.Name
	Scope string // what "once" means: a run's id, "ever", "name/…" or an occurrence of a schedule
	Step  string // Step.Path: "patients/remind"
	Item  string // the item's key; empty outside a forEach; nested ones are joined
}

// KeyHash is a Key in 16 bytes: SHA-256 over its length-prefixed parts, cut to 128 bits.
type KeyHash [16]byte

// Hash gives the KeyHash. Two Keys share one with a chance that may be neglected.
func (k Key) Hash() KeyHash {
	buf := make([]byte, 0, 128)
	for _, part := range [...]string{k.Job, k.Scope, k.Step, k.Item} {
		buf = binary.AppendUvarint(buf, uint64(len(part)))
		buf = append(buf, part...)
	}
	sum := sha256.Sum256(buf)
	return KeyHash(sum[:16])
}

// State is where a delivery stands. The numbers are stored in ledgers: never renumber them.
type State uint8

// The states of a delivery, and who moves it there.
const (
	Planned   State = 1 // Settle, when an attempt ended with nothing sent, or Resolve; a delivery that is in no ledger is planned too
	Intended  State = 2 // Intend: a request may be on its way
	InDoubt   State = 3 // Settle, or Lock after a crash: the request may have reached WhatsApp and its answer is lost
	Rejected  State = 4 // Settle: WhatsApp answered that it will not be sent
	Accepted  State = 5 // Settle with a message id, a status that came first, or Resolve
	Sent      State = 6 // Record: on its way to the phone
	Delivered State = 7 // Record: on the phone
	Read      State = 8 // Record: the person saw it (also a voice note that was played)
	Failed    State = 9 // Record: accepted, and then not delivered; final unless a later status says that it arrived, or it may be tried again
)

// States lists them all in order.
func States() []State {
	return []State{Planned, Intended, InDoubt, Rejected, Accepted, Sent, Delivered, Read, Failed}
}

// String gives the word that is printed: "in doubt" for InDoubt.
func (s State) String() string {
	switch s {
	case Planned:
		return "planned"
	case Intended:
		return "intended"
	case InDoubt:
		return "in doubt"
	case Rejected:
		return "rejected"
	case Accepted:
		return "accepted"
	case Sent:
		return "sent"
	case Delivered:
		return "delivered"
	case Read:
		return "read"
	case Failed:
		return "failed"
	}
	return "unknown"
}

// Reached says whether WhatsApp took the message: accepted, and whatever came of it later.
func (s State) Reached() bool { return s >= Accepted }

// Succeeded says whether WhatsApp took the message and it did not fail later: it is on its way, or arrived.
func (s State) Succeeded() bool { return s.Reached() && s != Failed }

// Rank orders what can become of a message by how much it proves. Failed comes between: a message may fail after it
// was sent, and one that arrived did not fail, whatever order the words come in. 0: nothing was accepted.
func (s State) Rank() int {
	switch s {
	case Accepted:
		return 1
	case Sent:
		return 2
	case Failed:
		return 3
	case Delivered:
		return 4
	case Read:
		return 5
	case Planned, Intended, InDoubt, Rejected:
	}
	return 0
}

// Open says whether the delivery still waits for something: a run is over when none is open.
func (s State) Open() bool { return s == Planned || s == Intended || s == InDoubt }

// DeliveryID names a delivery inside one ledger. Zero is none.
type DeliveryID int64

// Delivery is one message to one recipient as the ledger knows it.
type Delivery struct {
	ID         DeliveryID
	Key        Key
	Run        string    // id of the run that decided it last
	Recipient  string    // as sent: "+34612345678"
	Digest     Digest    // of the content it was last intended with
	State      State     // where it stands, statuses included
	Again      bool      // Rejected or Failed for a reason that passes, or for the account's: apply tries it again
	Row        int       // line or index of the item in its source, 0 for none
	Attempts   int       // requests made so far
	MessageID  string    // WhatsApp's id ("wamid…"), empty until accepted
	HeldBack   string    // WhatsApp's word on acceptance when it is not "accepted": "held_for_quality_assessment", "paused"
	Answer     Answer    // what the last attempt got, or the code of a later failure
	IntendedAt time.Time // of the last attempt
	SettledAt  time.Time // zero while intended
	StatusAt   time.Time // WhatsApp's own time of the status in State; zero before any
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

// Intent asks the ledger for the right to make one request.
type Intent struct {
	Key       Key
	Run       string
	Recipient string
	Digest    Digest
	Row       int
	Allowed   Allowed
	Began     time.Time // when this execution of the run began; zero: it asks for one row alone
}

// Twin says whether a delivery was begun by this very execution for another row: two rows are one item, and whatever
// became of the first, the second is not sent.
func (i Intent) Twin(d Delivery) bool {
	return !i.Began.IsZero() && d.Run == i.Run && d.Row != i.Row && !d.IntendedAt.Before(i.Began.Truncate(time.Millisecond))
}

// Ticket is the right to make one request for a delivery: its intent is on disk. The zero value is no right.
type Ticket struct {
	Delivery DeliveryID
	Attempt  int       // 1 for the first request ever made for it
	At       time.Time // when the intent was written
	Callback string    // travels with the request and comes back with its statuses: biz_opaque_callback_data
}

// Result says how an attempt ended.
type Result uint8

// The results of an attempt. The numbers are stored in ledgers.
const (
	ResultAccepted Result = 1 // answered with a message id
	ResultRefused  Result = 2 // answered: it will not be sent
	ResultNotSent  Result = 3 // not accepted, surely: no connection, a throttling answer, a late gate
	ResultInDoubt  Result = 4 // the request may have been taken
)

// String gives the word that is printed.
func (r Result) String() string {
	switch r {
	case ResultAccepted:
		return "accepted"
	case ResultRefused:
		return "refused"
	case ResultNotSent:
		return "not sent"
	case ResultInDoubt:
		return "in doubt"
	}
	return "unanswered"
}

// Attempt is one HTTP request made for a delivery, and what became of it.
type Attempt struct {
	Delivery  DeliveryID
	Run       string
	Number    int
	At        time.Time // when the intent was written
	Ended     time.Time // zero: never heard of again
	Result    Result    // zero: intended, no outcome
	Last      bool      // of ResultNotSent: no further try follows in this run, so the delivery is rejected with Again
	Again     bool      // of ResultRefused: the reason passes, or is the account's
	MessageID string    // of ResultAccepted
	HeldBack  string    // of ResultAccepted, see Delivery
	Answer    Answer
}

// half gives half of a hash: enough to tell the rows of one file apart.
func half(h KeyHash) uint64 { return binary.BigEndian.Uint64(h[:8]) }
