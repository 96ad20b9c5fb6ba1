package proof

import (
	"strings"

	"waybill/engine/delivery"
)

// outcomeOf returns what became of a delivery by its last attempt in the run. standing is that of the attempt's message, and
// open says that its request may still be on its way.
func outcomeOf(a delivery.Attempt, standing delivery.Standing, open bool) delivery.Outcome {
	if a.Result == 0 && open {
		return delivery.OutcomeUnderWay
	}
	return a.Left(standing).Outcome(a.HeldBack != "")
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
