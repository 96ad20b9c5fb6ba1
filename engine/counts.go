package engine

import "waybill/engine/delivery"

// Counts says what became of the messages of a run. Of an apply they are of all rows of its job: what earlier runs sent is in them.
// In a job that makes no delivery they count its steps; as a group's outputs its items. They are made by CountsOf alone.
type Counts struct {
	Total     int `json:"total"`     // Succeeded + Failed + Skipped + Waiting + InDoubt + NotSent
	Succeeded int `json:"succeeded"` // taken by WhatsApp, and not known to have failed since
	Failed    int `json:"failed"`    // Refused + Invalid + Undelivered
	Skipped   int `json:"skipped"`
	Waiting   int `json:"waiting"`
	InDoubt   int `json:"inDoubt"`
	NotSent   int `json:"notSent"` // the next apply sends them

	Refused     int `json:"refused"`
	Invalid     int `json:"invalid"`
	Undelivered int `json:"undelivered"`

	Accepted  int `json:"accepted"`  // the funnel: taken by WhatsApp, Undelivered among them
	Delivered int `json:"delivered"` // of Accepted
	Read      int `json:"read"`      // of Delivered
	Held      int `json:"held"`      // of Succeeded: WhatsApp holds them back
	UnderWay  int `json:"underWay"`  // their requests are on their way, in no other count; zero once a run ended in order
}

// CountsOf is the one place where outcomes become counts.
func CountsOf(outcomes map[delivery.Outcome]int) Counts {
	c := Counts{
		Skipped: outcomes[delivery.OutcomeSkipped], Waiting: outcomes[delivery.OutcomeWaiting], InDoubt: outcomes[delivery.OutcomeInDoubt],
		NotSent: outcomes[delivery.OutcomeNotSent], Refused: outcomes[delivery.OutcomeRefused], Invalid: outcomes[delivery.OutcomeInvalid],
		Undelivered: outcomes[delivery.OutcomeUndelivered], Read: outcomes[delivery.OutcomeRead], Held: outcomes[delivery.OutcomeHeld],
		UnderWay: outcomes[delivery.OutcomeUnderWay],
	}
	c.Delivered = outcomes[delivery.OutcomeDelivered] + c.Read
	c.Succeeded = outcomes[delivery.OutcomeAccepted] + c.Held + c.Delivered
	c.Accepted = c.Succeeded + c.Undelivered
	c.Failed = c.Refused + c.Invalid + c.Undelivered
	c.Total = c.Succeeded + c.Failed + c.Skipped + c.Waiting + c.InDoubt + c.NotSent
	return c
}

// Include adds the counts of further items, as they are a group's outputs.
func (c *Counts) Include(o Counts) {
	c.Total, c.Succeeded, c.Failed, c.Skipped = c.Total+o.Total, c.Succeeded+o.Succeeded, c.Failed+o.Failed, c.Skipped+o.Skipped
	c.Waiting, c.InDoubt, c.NotSent = c.Waiting+o.Waiting, c.InDoubt+o.InDoubt, c.NotSent+o.NotSent
}

// OfSteps tells whether the counts are of steps, in a job that makes no delivery: those have no funnel.
func (c *Counts) OfSteps() bool {
	return c.Succeeded > c.Accepted || c.Failed > c.Refused+c.Invalid+c.Undelivered
}

// Add counts one step or item by how it ended.
func (c *Counts) Add(e Ending) {
	c.Total++
	switch e {
	case EndedSucceeded:
		c.Succeeded++
	case EndedFailed:
		c.Failed++
	case EndedSkipped:
		c.Skipped++
	case EndedInDoubt:
		c.InDoubt++
	case EndedNotSent:
		c.NotSent++
	case EndedWaiting:
		c.Waiting++
	case EndedEarly: // of it nothing is known yet
	}
}
