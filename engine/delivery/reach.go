package delivery

import "time"

// Reach is how often one person may be messaged, and how many people within a day. The zero value: no bound.
type Reach struct {
	Once   bool          // one message of this step and scope to a person, whatever the keys say
	AtMost int           // messages within Per, of all jobs; 0: any number
	Per    time.Duration // of AtMost
	PerDay int           // people who get a template within a Day, of all jobs; 0: any number. Of templates alone, see Intent.Template
}

// Bounded says whether there is a bound at all.
func (r Reach) Bounded() bool { return r.BoundsPerson() || r.PerDay > 0 }

// BoundsPerson says whether there is a bound on what one person gets.
func (r Reach) BoundsPerson() bool { return r.Once || r.AtMost > 0 }

// Until says when a further message may go to a person who had messages at these moments, in order; the zero time: now.
func (r Reach) Until(had []time.Time, now time.Time) time.Time {
	if r.AtMost <= 0 {
		return time.Time{}
	}
	recent := had
	for len(recent) > 0 && !recent[0].Add(r.Per).After(now) {
		recent = recent[1:]
	}
	if len(recent) < r.AtMost {
		return time.Time{}
	}
	return recent[len(recent)-r.AtMost].Add(r.Per)
}

// CountsForReach says whether a delivery in a state counts: from its intent until it is known not to have left or to have been refused.
func (s State) CountsForReach() bool {
	switch s {
	case Intended, InDoubt, Accepted, Sent, Delivered, Read, Failed:
		return true
	case Planned, Rejected:
	}
	return false
}
