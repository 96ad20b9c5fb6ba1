package engine

import (
	"time"

	"waybill/engine/delivery"
	"waybill/engine/diag"
)

// EventKind says what an Event tells.
type EventKind uint8

// The kinds of events, and which fields of Event they fill beside Kind and At.
const (
	RunStarted   EventKind = iota + 1 // Run
	StepStarted                       // Step; only of steps outside every forEach
	Attempted                         // Step, Item, Row, Attempt, Wait: a try that did not end it; the next comes after Wait
	Settled                           // Step, Item, Row, Delivery, and its last Attempt: accepted (which may not be durable yet), rejected or in doubt
	Undelivered                       // Step, Item, Row, Delivery: accepted, and failed since
	StepFinished                      // Step, Item, Row, Ending, Reason, Values, Err
	ItemFinished                      // Step (the forEach), Item, Row, Ending
	Warned                            // Finding
	Waiting                           // Reason, Count, Wait, Message: messages wait for more than a moment
	RunFinished                       // Run, Values (the job's outputs)
)

// Ending says how a step or an item ended.
type Ending uint8

// The endings.
const (
	EndedSucceeded Ending = iota + 1
	EndedFailed
	EndedSkipped
	EndedInDoubt
	EndedEarly   // the run ended first
	EndedNotSent // its message never left, and the next apply sends it
	EndedWaiting // its message waits for a later time
)

// String returns the word that is printed, as in Counts.
func (e Ending) String() string {
	switch e {
	case EndedSucceeded:
		return "succeeded"
	case EndedFailed:
		return "failed"
	case EndedSkipped:
		return "skipped"
	case EndedInDoubt:
		return "inDoubt"
	case EndedEarly:
		return "unfinished"
	case EndedNotSent:
		return "notSent"
	case EndedWaiting:
		return "waiting"
	}
	return ""
}

// Event is something that happened in a run. Observers are called from many goroutines and must be quick.
type Event struct {
	Kind     EventKind
	At       time.Time
	Run      *Run
	Step     *Step
	Item     string
	Row      int
	Ending   Ending
	Reason   string                // why a message was not admitted: a code of `waybill explain`; empty: it was
	Values   func() map[string]any // makes the outputs, for an observer who looks at them at once; nil: there are none
	Delivery *delivery.Delivery
	Attempt  *delivery.Attempt
	Wait     time.Duration
	Count    int    // of Waiting: how many messages
	Message  string // of Waiting: for people
	Err      *StepError
	Finding  *diag.Diagnostic
}
