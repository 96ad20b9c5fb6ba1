package delivery

import (
	"fmt"
)

// DecidedError is Intend's refusal: the delivery was decided before, and Delivery says how.
type DecidedError struct {
	Delivery Delivery
}

func (e *DecidedError) Error() string {
	return fmt.Sprintf("delivery %d is %s already", e.Delivery.ID, e.Delivery.State)
}
