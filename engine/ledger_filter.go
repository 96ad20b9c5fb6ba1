package engine

import (
	"time"

	"waybill/engine/delivery"
)

// RunFilter narrows Runs. Zero fields do not narrow.
type RunFilter struct {
	Job     string
	Status  RunStatus
	Waiting bool // those alone of which rows wait: Run.WaitsUntil is set
	Limit   int
}

// DeliveryFilter narrows Deliveries and Tally. Zero fields do not narrow.
type DeliveryFilter struct {
	ID         delivery.ID // that one alone
	Run        string      // the run that decided it last
	SeenBy     string      // a run that made an attempt for it, or met it and left it: what Run.Counts counts
	Job, Scope string
	Step       string
	States     []delivery.State
	Recipient  string // that person, by any of their ids: see Persons
	Code       int
	ByHand     bool        // accepted by a person's word alone (Resolve): no message id is known
	Search     string      // part of recipient, item key or message id
	After      delivery.ID // those that Deliveries yields after this one: the next page begins after the last one of this page
	Limit      int
}

// InboundFilter narrows Inbound. Zero fields do not narrow.
type InboundFilter struct {
	NumberID string
	Contact  string // that person: a number, with or without its plus, or a business-scoped user id; see Persons
	Since    time.Time
	Limit    int
}
