package ledgertest

import (
	"slices"
	"time"

	"waybill/engine/delivery"
)

// account is what really happened to one item, and what its ledger learnt of it.
type account struct {
	key      delivery.Key
	item     string   // what it is called: the item, and the number where that is not the first
	before   *account // of the delivery of the item before this one; nil: this is the first
	requests []*request
	lost     []*request // of the time that a restored ledger does not remember
	claims   []claim    // learnt of these, while the ledger did not have the item
	arrived  bool       // it was shown as arrived
}

// request is one attempt as WhatsApp and the network know it.
type request struct {
	ticket   delivery.Ticket
	run      string
	lost     bool             // of a time that the ledger does not remember
	flying   bool             // its process lives and waits for the answer
	allowed  bool             // the user said since that it may go out again
	answer   delivery.Attempt // what the ledger was told
	word     delivery.Resolution
	messages []*message // that WhatsApp made of it: none, one, or two of one request
	strays   []*message // of a lost request with the same number
}

func (r *request) all() []*message { return slices.Concat(r.messages, r.strays) }

// message is one that WhatsApp took.
type message struct {
	id      string
	arrives bool                         // else it fails
	again   bool                         // of a failing one
	told    map[delivery.State]time.Time // WhatsApp's time of each, the earliest
	known   bool                         // the ledger knows whose it is
}

type claim struct {
	request *request
	message *message
}

func (a *account) last() *request { return a.requests[len(a.requests)-1] }

func (a *account) flying() bool { return len(a.requests) > 0 && a.last().flying }

func (a *account) crash() {
	for _, r := range a.requests {
		r.flying = false
	}
}

// forget is a backup that was made before the item was first intended. Statuses whose delivery the ledger did not know are
// still there: they came again.
func (a *account) forget() {
	for _, r := range slices.Concat(a.lost, a.requests) {
		for _, to := range r.all() {
			if to.known {
				to.known, to.told = false, map[delivery.State]time.Time{}
			}
		}
		if !r.lost && r.ticket.Attempt == 1 { // a status of a later attempt names one that the ledger cannot tell yet
			a.lost = append(a.lost, r)
		}
		r.lost = true
	}
	a.requests, a.arrived = nil, false
}

// attribute notes that the ledger was told whose a message is.
func (a *account) attribute(r *request, to *message) {
	switch {
	case to.known:
	case !r.lost:
		to.known = true
	case len(a.requests) > 0: // it is taken for one more message of the attempt with that number
		to.known = true
		a.requests[0].strays = append(a.requests[0].strays, to)
	case !slices.Contains(a.claims, claim{r, to}):
		a.claims = append(a.claims, claim{r, to})
	}
}

// begin turns what was told before the ledger had the item into its first attempt, and says whether there was anything.
func (a *account) begin(run string) bool {
	if len(a.requests) > 0 || len(a.claims) == 0 {
		return false
	}
	r := &request{run: run}
	for _, c := range a.claims {
		r.ticket, c.message.known = c.request.ticket, true
		r.messages = append(r.messages, c.message)
	}
	r.lost = true // its ticket is worth nothing
	a.requests, a.claims = append(a.requests, r), nil
	return true
}

func (a *account) allow(resend bool) {
	for _, r := range a.requests {
		r.allowed = r.allowed || resend
	}
}

// mayBeTaken returns a request that stands in the way of another one, and its number.
func (a *account) mayBeTaken() (int, *request) {
	for n, r := range a.requests {
		if r.flying || !r.allowed && !r.over() {
			return n + 1, r
		}
	}
	return 0, nil
}

// over says whether it is known that nothing of a request is on its way.
func (r *request) over() bool {
	if r.answer.Result == delivery.ResultRefused || r.answer.Result == delivery.ResultNotSent {
		return true
	}
	known := false
	for _, to := range r.all() {
		if stands, _ := to.stands(); to.known && stands != delivery.Failed {
			return false
		}
		known = known || to.known
	}
	return known
}

// answered notes what the ledger was told of a request's end. The first word stands, unless it was none.
func (r *request) answered(a delivery.Attempt) {
	r.flying = false
	if a.Result == delivery.ResultAccepted {
		r.messages[0].known = true
	}
	if r.answer.Result == 0 || r.answer.Result == delivery.ResultInDoubt {
		r.answer = a
	}
}

func (a *account) attributed(id string) bool {
	return slices.ContainsFunc(a.requests, func(r *request) bool {
		return slices.ContainsFunc(r.all(), func(to *message) bool { return to.known && to.id == id })
	})
}

// expect is where the item must stand.
func (a *account) expect() delivery.Delivery {
	out := delivery.Delivery{Attempts: len(a.requests)}
	if len(a.requests) == 0 {
		return out
	}
	for _, r := range a.requests {
		for _, to := range r.all() {
			if s, when := to.stands(); s.Succeeded() && (s > out.State || s == out.State && earlier(when, out.StatusAt)) {
				out.State, out.StatusAt = s, when
			}
		}
	}
	if out.State == 0 {
		out.State, out.StatusAt, out.Retryable = a.last().expect()
	}
	return out
}

// earlier compares WhatsApp's times. Zero is none, and any other says more.
func earlier(a, b time.Time) bool { return !a.IsZero() && (b.IsZero() || a.Before(b)) }

// stands is what became of a message as far as the ledger can know, and when; 0: it cannot know whose it is.
func (to *message) stands() (delivery.State, time.Time) {
	if !to.known {
		return 0, time.Time{}
	}
	for _, word := range []delivery.State{delivery.Read, delivery.Delivered, delivery.Failed, delivery.Sent} {
		if when, ok := to.told[word]; ok {
			return word, when
		}
	}
	return delivery.Accepted, to.told[delivery.Accepted]
}

// expect is where a request leaves its item of which no message is on its way.
func (r *request) expect() (s delivery.State, when time.Time, retryable bool) {
	for _, to := range r.all() {
		failed, at := to.stands()
		switch {
		case failed == 0:
		case s == 0 || earlier(at, when):
			s, when, retryable = failed, at, to.again
		case at.Equal(when):
			retryable = retryable && to.again
		}
	}
	if s == 0 {
		s, retryable = r.unproven()
	}
	return s, when, retryable
}

// unproven is where a request leaves its item of which no message is known.
func (r *request) unproven() (s delivery.State, retryable bool) {
	switch {
	case r.flying:
		return delivery.Intended, false
	case r.word == delivery.ResolvedSent:
		return delivery.Accepted, false
	case r.word == delivery.ResolvedPlanned:
		return delivery.Planned, false
	case r.answer.Result == delivery.ResultRefused:
		return delivery.Rejected, r.answer.Retryable
	case r.answer.Result == delivery.ResultNotSent && r.answer.Last && r.answer.Cause == delivery.CauseService:
		return delivery.Rejected, true
	case r.answer.Result == delivery.ResultNotSent:
		return delivery.Planned, false
	}
	return delivery.InDoubt, false
}

// outcome is what became of the item as a run sees it: by the last request that it made.
func (a *account) outcome(run string) (delivery.Outcome, bool) {
	for n, r := range slices.Backward(a.requests) {
		switch {
		case r.run != run:
		case n == len(a.requests)-1:
			return a.expect().State.Outcome(false), true
		default:
			return r.alone().Outcome(false), true
		}
	}
	return 0, false
}

// alone is where a request left its item, whatever others did.
func (r *request) alone() delivery.State {
	var best delivery.State
	for _, to := range r.all() {
		s, _ := to.stands()
		if s.Succeeded() && (s > best || best == delivery.Failed) || best == 0 {
			best = s
		}
	}
	if best == 0 {
		best, _ = r.unproven()
	}
	return best
}
