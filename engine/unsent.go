package engine

import (
	"time"

	"waybill/engine/delivery"
)

// Unsent is a message of a run that never became a request, and why. Those that are invalid or wait, or waited and were cancelled, are kept
// one by one; others that were skipped, and those that were not reached, are counted.
type Unsent struct {
	Run     string
	Step    string           // path
	Item    string           // key; empty where the row has none
	Person  string           // whom its message is for; empty: that is not known, or the row was noted before ledgers kept it
	Row     int              // line or place in its source; 0 for none
	File    string           // as the job names it; empty for a list
	Cell    string           // the column or parameter that is wrong; empty: the row as a whole
	Outcome delivery.Outcome // OutcomeInvalid, OutcomeWaiting, OutcomeSkipped or OutcomeNotSent; zero: the row has none any more
	Reason  string           // a code of `waybill explain`; empty where there is none
	Message string           // one line for people, secrets taken out
	Count   int              // of OutcomeSkipped and OutcomeNotSent: how many; 0 is 1
	Until   time.Time        // of OutcomeWaiting: when it may go
	At      time.Time        // when it was noted, zero: now
}

// ReasonCancelled is the Reason of a row that waited until a person cancelled its run: a resume of that run leaves it out, too.
const ReasonCancelled = "cancelled"

// Kept says whether it is kept by itself, and not counted alone.
func (u *Unsent) Kept() bool {
	switch u.Outcome {
	case delivery.OutcomeInvalid, delivery.OutcomeWaiting:
		return true
	case delivery.OutcomeSkipped:
		return u.Reason == ReasonCancelled
	default:
		return false
	}
}

// Cancel makes a row that waits one that was dropped.
func (u *Unsent) Cancel(by Order) {
	u.Outcome, u.Reason, u.Until = delivery.OutcomeSkipped, ReasonCancelled, time.Time{}
	u.Message = by.Said()
}

// UnsentFilter narrows Unsent. Zero fields do not narrow.
type UnsentFilter struct {
	Run     string
	Outcome delivery.Outcome
	Limit   int
}
