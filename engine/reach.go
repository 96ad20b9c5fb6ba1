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
	Key       delivery.Key // of the first delivery of its item
	Recipient string
	NumberID  string // delivery.Delivery.NumberID
	Row       int
	At        time.Time // when it was intended
	Template  bool      // it is a template, or another delivery of its step was
}

// ReachFilter narrows Reached. Zero fields do not narrow.
type ReachFilter struct {
	Job, Scope, Step string    // of one step
	Since            time.Time // intended at that moment or later
	Templates        bool      // of steps that sent templates alone
	NumberIDs        []string  // by one of these business numbers
}

// PersonReach judges whether there is a place for a message among those that reached its person already; see delivery.Reach.
type PersonReach struct {
	of      *delivery.Intent
	now     time.Time
	moments []time.Time
	oldest  Reached
}

// ReachOfPerson judges for an intent at a moment.
func ReachOfPerson(i *delivery.Intent, now time.Time) *PersonReach {
	return &PersonReach{of: i, now: now}
}

// Since is the moment before which nothing counts.
func (p *PersonReach) Since() time.Time {
	if p.of.Reach.Once {
		return time.UnixMilli(0)
	}
	return p.now.Add(-p.of.Reach.Per)
}

// Count counts what reached the person, the oldest first. PlaceTakenError: there is no place whatever else there is. The intent's own item
// counts not: its place is its own, also for a further delivery that was asked for.
func (p *PersonReach) Count(r Reached) error {
	k, of := r.Key, p.of.Key
	if k.Hash() == of.First().Hash() {
		return nil
	}
	if p.of.Reach.Once && k.Job == of.Job && k.Scope == of.Scope && k.Step == of.Step {
		return &PlaceTakenError{Once: true, By: r}
	}
	if len(p.moments) == 0 {
		p.oldest = r
	}
	p.moments = append(p.moments, r.At)
	return nil
}

// Free says, when all are counted, that there is a place; else PlaceTakenError.
func (p *PersonReach) Free() error {
	if until := p.of.Reach.Until(p.moments, p.now); !until.IsZero() {
		return &PlaceTakenError{Until: until, By: p.oldest}
	}
	return nil
}

// OtherNumberError is Intend's refusal of a message to a person to whom another of Intent.Writers wrote first. Nothing changed.
type OtherNumberError struct{ NumberID string }

func (e *OtherNumberError) Error() string {
	return "number " + e.NumberID + " wrote to the person first"
}

// PlaceTakenError is Intend's refusal of a message to a person who had as many as they may have, or for whom the day has no place left;
// see delivery.Reach. Nothing changed.
type PlaceTakenError struct {
	Once   bool      // a message of this step went to the person: Reach.Once
	PerDay bool      // as many people as may got a template within a day: Reach.PerDay. Neither: Reach.AtMost
	Until  time.Time // when the next may go, but of Once
	By     Reached   // the delivery that has the place; of AtMost the oldest that counts, of PerDay none
}

func (e *PlaceTakenError) Error() string {
	if e.Once {
		return fmt.Sprintf("delivery %d of the same step went to the same person", e.By.ID)
	}
	if e.PerDay {
		return "as many people as may got a template within a day, until " + e.Until.Format(time.RFC3339)
	}
	return "the person had as many messages as they may have until " + e.Until.Format(time.RFC3339)
}
