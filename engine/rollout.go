package engine

import (
	"time"

	"waybill/engine/diag"
)

// DefaultObserve is how long a rollout waits after a wave where the file says nothing.
const DefaultObserve = 10 * time.Minute

// Rollout sends the items of a forEach in waves, and looks at what became of each before the next begins. The order of the
// waves is the file's, and the last one is everybody.
type Rollout struct {
	Waves   []Wave
	Observe time.Duration // at most so long after a wave, for its messages to become final
	StopIf  StopIf
	Range   diag.Range
}

// Wave is how many of the people have been messaged when it is over, those of the waves before it among them. A wave that
// is not greater than the one before it reaches nobody new.
type Wave struct {
	Count int     // this many
	Share float64 // or this share (0 to 1) of all of them; Count is 0 then
}

// StopIf says what ends a rollout after a wave. The zero value: nothing does.
type StopIf struct {
	Failed Threshold // of the wave's messages
	Held   Threshold // of the wave's messages: held back by WhatsApp
	Codes  []int     // one message of the wave that failed with one of these
}

// RolloutState is how far a rollout has come in a scope. Who is in which wave follows from the keys and Until alone: nothing that is
// reordered, resumed or sent from another machine changes it.
type RolloutState struct {
	Until   []uint64  `json:"until"`             // of each wave: the place of a key, up to which it is in it; the last is all
	Sizes   []int     `json:"sizes"`             // people in each wave when it was divided
	Wave    int       `json:"wave"`              // the one under way, from 0; len(Until): all are over
	Since   time.Time `json:"since,omitzero"`    // when its messages were out, and it began to be looked at; zero: they are not
	Stopped string    `json:"stopped,omitempty"` // why it was stopped; only a person goes on
}
