package delivery

import (
	"fmt"
	"time"
)

// Intent asks the ledger for the right to make one request. Where Key.Again is not zero it may be the first one of a further delivery:
// see Follows.
type Intent struct {
	Key       Key
	Run       string
	Recipient string
	NumberID  string // phone number id of the business number that it goes by
	Digest    Digest
	Row       int
	Allowed   Allowed
	Began     time.Time // when this execution of the run began; zero: it asks for one row alone
	Reach     Reach     // how often its person may be messaged; the ledger knows who that is
	Writers   []string  // the business numbers of which that which wrote to the person first is to write; none: NumberID does in any case
	Template  bool      // it is a template: its person counts for Reach.PerDay of other intents
	Text      Text      // what the request says; nothing is decided by it
}

// Text is what a request says, word for word but for its secrets, for a ledger to keep. The zero value is not kept: the job does not want
// it, or it is of somebody who was forgotten.
type Text struct {
	Mould  string        // what it has in common with others; see package mould
	Values string        // what is its own
	Keep   time.Duration // for how long
}

// Bounded says whether other deliveries than its own decide about this intent.
func (i Intent) Bounded() bool { return i.AsksOfPerson() || i.Template && i.Reach.PerDay > 0 }

// AsksOfPerson says whether it is decided by what its person had before: two intents of one person come one after the other then.
func (i Intent) AsksOfPerson() bool { return i.Reach.BoundsPerson() || len(i.Writers) > 0 }

// Duplicates says whether a delivery was begun by this very execution for another row: two rows are one item, and the
// second is not sent, also when the first was not.
func (i Intent) Duplicates(d Delivery) bool {
	return !i.Began.IsZero() && d.Run == i.Run && d.Row != i.Row && !d.IntendedAt.Before(i.Began.Truncate(time.Millisecond))
}

// Follows says whether the intent may begin a further delivery of its item behind the newest that the ledger has: that one was sent,
// and the user asked for another. A *DecidedError says that it may not.
func (i Intent) Follows(newest Delivery) error {
	if i.Allowed.Again && i.Key.Again == newest.Key.Again+1 && newest.State.Succeeded() {
		return nil
	}
	return &DecidedError{Delivery: newest}
}

// Ticket is the right to make one request for a delivery: its intent is on disk. The zero value is no right.
type Ticket struct {
	Delivery ID
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

// String returns the result as people read it: "not sent".
func (r Result) String() string { return Words(r.Name()) }

// Name returns the one word by which programs know the result: "notSent". See State.Name.
func (r Result) Name() string {
	switch r {
	case ResultAccepted:
		return "accepted"
	case ResultRefused:
		return "refused"
	case ResultNotSent:
		return "notSent"
	case ResultInDoubt:
		return "inDoubt"
	}
	return "unanswered"
}

// Resolution is the user's word on an attempt in doubt. The numbers are stored in ledgers.
type Resolution uint8

// The words of a user. The zero value: none was said.
const (
	ResolvedSent    Resolution = 1 // taken as sent
	ResolvedPlanned Resolution = 2 // taken as not sent: to be planned again
)

// Attempt is one HTTP request made for a delivery, and what became of it.
type Attempt struct {
	Delivery  ID
	Run       string
	Number    int
	At        time.Time // when the intent was written
	Ended     time.Time // zero: never heard of again
	Result    Result    // zero: intended, no outcome
	Last      bool      // of ResultNotSent: no further try follows in this run; see Cause for what then becomes of the delivery
	Retryable bool      // of ResultRefused: the reason passes, or is the account's
	MessageID string    // of ResultAccepted
	HeldBack  string    // of ResultAccepted, see Delivery
	Cause     Cause     // of every Result but ResultAccepted
	Answer    Answer
	Resolved  Resolution
	Awaited   bool // its answer has not come, though a status moved the delivery on: until then no further request may be made
}

// AtItsEnd returns the attempt as a ledger is to write it down, ended now where it does not say when. An acceptance without a message id is
// refused: that is in doubt.
func (a Attempt) AtItsEnd(now time.Time) (Attempt, error) {
	if a.Result == ResultAccepted && a.MessageID == "" {
		return a, fmt.Errorf("settle attempt %d of delivery %d: it was accepted without a message id, which is in doubt", a.Number, a.Delivery)
	}
	if a.Ended.IsZero() {
		a.Ended = now
	}
	return a, nil
}
