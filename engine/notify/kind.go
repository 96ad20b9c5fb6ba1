package notify

import (
	"slices"
	"time"

	"waybill/engine"
)

// Kind is what a notification can be asked for: a word under `on:` of a job's notify.
type Kind string

// The kinds. A run that ended is of one of the first three or of none of them, and always of Finished.
const (
	Failed   Kind = "failed"
	Stopped  Kind = "stopped" // or interrupted: something is left to do
	InDoubt  Kind = "inDoubt"
	Finished Kind = "finished" // a run ended, however it did
	Missed   Kind = "missed"   // an occurrence of a schedule did not run at its time
	Silent   Kind = "silent"   // messages were accepted, and no webhook came for SilentAfter
	Test     Kind = "test"     // sent by doctor; no job file asks for it
)

// SilentAfter is how long no webhook came after a message was accepted when Silent is told.
const SilentAfter = 15 * time.Minute

// Kinds returns those that a job file may ask for.
func Kinds() []Kind { return []Kind{Failed, Stopped, InDoubt, Finished, Missed, Silent} }

// Kind says what an event is; of a run that is under way it is empty.
func (e Event) Kind() Kind {
	switch e.Status {
	case string(engine.RunFailed):
		return Failed
	case string(engine.RunStopped), string(engine.RunInterrupted):
		return Stopped
	case string(engine.RunInDoubt):
		return InDoubt
	case string(engine.RunSucceeded):
		return Finished
	case string(Missed), string(Silent), string(Test):
		return Kind(e.Status)
	}
	return ""
}

// Asked says whether one who asked for these kinds is told of an event.
func (e Event) Asked(on []Kind) bool {
	switch k := e.Kind(); k {
	case "":
		return false
	case Failed, Stopped, InDoubt:
		return slices.Contains(on, k) || slices.Contains(on, Finished)
	default:
		return slices.Contains(on, k)
	}
}
