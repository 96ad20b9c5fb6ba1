package engine

import (
	"time"

	"waybill/engine/delivery"
)

// News is what happened to a run while it was under way or settling, by any process.
type News struct {
	Cursor   int64               // for the next question
	Failures []delivery.Delivery // of the run: accepted, and failed since the last question
	Order    *Order              // a person wants the run to end; nil: not
	OptOuts  bool                // somebody left or came back since the last question: see Persons
	Persons  []string            // ids that became one person's with others since then, or are so no more; of people about whom there is a word
}

// Order is a person's word about a run under way, from any process.
type Order struct {
	Kind OrderKind
	By   Actor
	At   time.Time
}

// Said says who gave it, for people: "cancelled by eva on clinic-1".
func (o Order) Said() string {
	if o.Kind == OrderCancel {
		return "cancelled by " + o.By.Name()
	}
	return "stopped by " + o.By.Name()
}

// OrderKind is what a person wants.
type OrderKind string

// The orders.
const (
	OrderStop   OrderKind = "stop"   // end within a second; only a person takes it up again
	OrderCancel OrderKind = "cancel" // what waits is dropped
)
