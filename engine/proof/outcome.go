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

// tally counts outcomes by their names in lines.
type tally struct {
	outcomes map[string]delivery.Outcome
	counted  map[delivery.Outcome]int
}

func newTally() *tally {
	t := &tally{outcomes: map[string]delivery.Outcome{}, counted: map[delivery.Outcome]int{}}
	for _, o := range delivery.Outcomes() {
		t.outcomes[o.Name()] = o
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
		if s.Reached() && strings.EqualFold(s.Name(), word) {
			return s
		}
	}
	return 0
}
