package audience

import (
	"cmp"
	"time"

	"waybill/engine"
)

// clocksApart is how far the clock of the machine that kept a word may be ahead of WhatsApp's, whose moments are whole seconds.
const clocksApart = time.Minute

// Follow returns what was said about a person before they moved, as words about the ids that they go by now, each with its own time. What
// was said later under an old number may be the word of whoever has it since.
func Follow(words []engine.OptOut, m engine.Moved) []engine.OptOut {
	var follow []engine.OptOut
	seen := map[engine.OptOut]bool{}
	for _, w := range words {
		if w.At.After(m.At.Add(clocksApart)) {
			continue
		}
		w.Seq, w.Person, w.Also = 0, cmp.Or(m.Number, m.UserID), m.UserID
		if w.Also == w.Person {
			w.Also = ""
		}
		if !seen[w] { // a word that names two ids stands under both
			seen[w] = true
			follow = append(follow, w)
		}
	}
	return follow
}
