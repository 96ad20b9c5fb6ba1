package proof

import (
	"strings"

	"waybill/engine/delivery"
)

// outcomeOf returns what became of a delivery by its last attempt in the run. standing is that of the attempt's message, and
// open says that its request may still be on its way.
func outcomeOf(a delivery.Attempt, standing delivery.Standing, open bool) delivery.Outcome {
	switch {
	case a.Result == delivery.ResultAccepted || a.Resolved == delivery.ResolvedSent:
		return acceptedAs(a, standing.State)
	case a.Resolved == delivery.ResolvedPlanned:
		return delivery.OutcomeNotSent
	case a.Result == delivery.ResultRefused, lastTry(a):
		return delivery.OutcomeRefused
	case a.Result == delivery.ResultNotSent:
		return delivery.OutcomeNotSent
	case a.Result == 0 && open:
		return delivery.OutcomeUnderWay
	}
	return delivery.OutcomeInDoubt
}

func acceptedAs(a delivery.Attempt, s delivery.State) delivery.Outcome {
	switch s {
	case delivery.Failed:
		return delivery.OutcomeUndelivered
	case delivery.Delivered:
		return delivery.OutcomeDelivered
	case delivery.Read:
		return delivery.OutcomeRead
	default:
		if a.HeldBack != "" && s != delivery.Sent {
			return delivery.OutcomeHeld
		}
		return delivery.OutcomeAccepted
	}
}

// lastTry says whether an attempt was the last of several that ended with an error of the service, not with being throttled.
func lastTry(a delivery.Attempt) bool {
	const throttled = 429
	return a.Result == delivery.ResultNotSent && a.Last && a.Answer.Status != 0 && a.Answer.Status != throttled &&
		a.Cause != delivery.CauseLimit && a.Cause != delivery.CauseConnection
}

// outcomeWords are the outcomes as they stand in a proof.
func outcomeWords() map[delivery.Outcome]string {
	return map[delivery.Outcome]string{
		delivery.OutcomeUnderWay: "underWay", delivery.OutcomeAccepted: "accepted", delivery.OutcomeHeld: "held",
		delivery.OutcomeDelivered: "delivered", delivery.OutcomeRead: "read", delivery.OutcomeUndelivered: "undelivered",
		delivery.OutcomeRefused: "refused", delivery.OutcomeNotSent: "notSent", delivery.OutcomeInDoubt: "inDoubt",
		delivery.OutcomeInvalid: "invalid", delivery.OutcomeSkipped: "skipped", delivery.OutcomeWaiting: "waiting",
	}
}

// tally counts outcomes by the words of lines.
type tally struct {
	words    map[delivery.Outcome]string
	outcomes map[string]delivery.Outcome
	counted  map[delivery.Outcome]int
}

func newTally() *tally {
	t := &tally{words: outcomeWords(), outcomes: map[string]delivery.Outcome{}, counted: map[delivery.Outcome]int{}}
	for outcome, word := range t.words {
		t.outcomes[word] = outcome
	}
	return t
}

// count takes in n of an outcome, and says whether there is such a word.
func (t *tally) count(word string, n int) bool {
	outcome, known := t.outcomes[word]
	t.counted[outcome] += n
	return known
}

// stateOf is the state of a message that a word names; zero for none.
func stateOf(word string) delivery.State {
	for _, s := range delivery.States() {
		if s.Reached() && strings.EqualFold(s.String(), word) {
			return s
		}
	}
	return 0
}
