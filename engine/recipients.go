package engine

import (
	"time"

	"waybill/engine/diag"
	"waybill/engine/eval"
)

// Recipients is what a job says of the people it sends to. The zero value says nothing.
type Recipients struct {
	Country       *eval.Tree  // of numbers without +: two letters of ISO 3166 in any case, or "international"; may differ from item to item; nil: not said
	Once          bool        // one message of a step to a person, whatever the keys say
	Exclude       []Exclusion // lists of people who get nothing
	IgnoreOptOuts bool        // who left is written to all the same
	QuietHours    *QuietHours // nil: every hour will do
	AtMost        *AtMost     // nil: any number of messages
	Range         diag.Range  // of the entry
}

// Exclusion is a list of people who get nothing.
type Exclusion struct {
	Source      *ForEach // where its entries come from; nothing else of it counts
	Column      string   // the column, or the key of a JSON object, that holds the number or user id; empty: there is one alone
	SkipInvalid bool     // an entry that names nobody is passed over, and not a finding
	Range       diag.Range
}

// QuietHours are the hours of the day in which nobody is messaged.
type QuietHours struct {
	From, To int            // minutes since midnight, as the clock on the wall shows them; From after To: over midnight
	Zone     *time.Location // nil: the recipient's own, by the number
	Skip     bool           // a message that meets them is left out, and does not wait
	Range    diag.Range
}

// AtMost bounds how often one person is messaged, by all jobs of a ledger.
type AtMost struct {
	Messages int
	Per      time.Duration
	Skip     bool // a message beyond it is left out, and does not wait
	Range    diag.Range
}
