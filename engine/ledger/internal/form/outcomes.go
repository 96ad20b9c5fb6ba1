package form

import (
	"iter"

	"waybill/engine/delivery"
)

// Outcomes are what became of a delivery by each of its attempts.
func Outcomes(r *delivery.Record) []delivery.Outcome {
	out := make([]delivery.Outcome, len(r.Attempts))
	for n := range out {
		out[n] = r.OutcomeAt(n + 1)
	}
	return out
}

// Change is what a transition made of one attempt of a delivery.
type Change struct {
	Attempt int
	Run     string           // that made it
	Before  delivery.Outcome // 0: there was no such attempt
	After   delivery.Outcome
	Counted bool // its run counted the delivery by it before
	Counts  bool // its run counts the delivery by it now
}

// Moved says that what became of the delivery by the attempt has changed.
func (c *Change) Moved() bool { return c.Before != 0 && c.Before != c.After }

// Changes yields what a transition changed, from what the outcomes were before it: each run counts a delivery by the last attempt that
// it made for it.
func Changes(r *delivery.Record, before []delivery.Outcome) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		for n, o := range Outcomes(r) {
			c := Change{Attempt: n + 1, Run: r.Attempts[n].Run, After: o, Counts: lastOfRun(r, n, len(r.Attempts))}
			if n < len(before) {
				c.Before, c.Counted = before[n], lastOfRun(r, n, len(before))
			}
			if (c.Before != c.After || c.Counted != c.Counts) && !yield(c) {
				return
			}
		}
	}
}

// lastOfRun says whether an attempt is the last of its run among the first so many.
func lastOfRun(r *delivery.Record, n, among int) bool {
	for _, a := range r.Attempts[n+1 : among] {
		if a.Run == r.Attempts[n].Run {
			return false
		}
	}
	return true
}
