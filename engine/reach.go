package engine

import (
	"fmt"
	"time"

	"waybill/engine/delivery"
)

// Reached is a delivery that counts for how often a person was messaged: from its intent until it is known not to have left or to have
// been refused.
type Reached struct {
	ID        delivery.ID
	Key       delivery.Key
	Recipient string
	Row       int
	At        time.Time // when it was intended
}

// ReachFilter narrows Reached. Zero fields do not narrow.
type ReachFilter struct {
	Job, Scope, Step string    // of one step
	Since            time.Time // intended at that moment or later
}

// PlaceTakenError is Intend's refusal of a message to a person who had as many as they may have; see delivery.Reach. Nothing changed.
type PlaceTakenError struct {
	Once  bool      // a message of this step went to the person: Reach.Once. Else Reach.AtMost
	Until time.Time // when the next may go, of AtMost
	By    Reached   // the delivery that has the place; of AtMost the oldest that counts
}

func (e *PlaceTakenError) Error() string {
	if e.Once {
		return fmt.Sprintf("delivery %d of the same step went to the same person", e.By.ID)
	}
	return "the person had as many messages as they may have until " + e.Until.Format(time.RFC3339)
}
