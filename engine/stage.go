package engine

import (
	"cmp"
	"math"
	"time"

	"waybill/engine/delivery"
)

// A divided run goes through stages, one after the other. A stage is the items of a forEach, in Parts parts, or what one process does alone,
// in one part. Which stages there are follows from the job and from the outcomes of earlier stages, which are in the ledger. So all
// processes of a run come to the same stages in the same order, and one that joins late passes quickly through those that are over.

// RestStage is the number of the stage in which one process counts the rows that a run which was stopped would have come to later.
const RestStage = math.MaxInt16

// Leasing is what a process asks for, and tells the others.
type Leasing struct {
	Stage    int      // the number of the stage that it has come to, from 0
	Alone    bool     // the stage has one part, number 0, which one process does; else it has Parts
	Only     []int    // it takes these alone, and all of them that it can have; nil: any, no more than its share
	Take     bool     // it has room for parts
	Rest     bool     // of a run that was stopped: it counts the rows that are left; ErrNotFound, where that was taken up again
	Progress Progress // of its own rows, in this stage
}

// Lease is how a stage of a divided run stands. Of one that nobody came to before the run was stopped, nothing is open, and nothing came.
type Lease struct {
	Has      []int     // the parts that are this process's and not done
	Share    int       // how many parts each of the living may have
	Open     []int     // the parts that are not done, whoever has them
	Held     []int     // of Open: those that other processes have
	Others   Progress  // of the rows of all other processes, in this stage
	Outcomes []string  // what EndParts was told of the parts, in their order, once none is open; empty for one that nobody had
	Status   RunStatus // of the run. RunStopped: for all; one that ended though others wait or have left some of it is RunInterrupted
	Reason   string    // why the run was stopped
}

// Begun says whether anybody came to the stage.
func (l Lease) Begun() bool { return len(l.Open)+len(l.Outcomes) > 0 }

// EndedPart is a part that is done with: all of its rows were met, or the stage was stopped, or this process gave it up.
type EndedPart struct {
	Stage, Part int
	Outcome     string // what the processes of the run need to know of it, in the runner's own form; empty: what stands there
}

// SoFar is how a process's share of a run has fared when parts of it are done.
type SoFar struct {
	Status     RunStatus
	Reason     string        // for people
	WaitsUntil time.Time     // when the first of the rows that wait may go; zero: none does
	Met        *delivery.IDs // what this process met in the run until now, as FinishRun has it; nil: nothing since the parts before
	Progress   *Progress     // as Leasing has it; nil: as it was told last
	Last       bool          // no stage follows: with the last part of this one the run is over
}

// Progress counts the items of a stage, so that what holds for a run holds over all of its processes.
type Progress struct {
	Stage                  int    // that they are of
	Ended, Failed, InDoubt int    // of the items that the run decided
	Accepted, Alike        int    // messages that were accepted, and that were refused for what they are
	Stopped                string // why nothing more of the stage is to be begun, by anybody; empty: it goes on

	// Parts are what of Ended, Failed and InDoubt is of which part. Where another has that part next, it decides its items anew, and what was
	// counted of it here counts no more.
	Parts []PartProgress `json:",omitempty"`
}

// PartProgress counts the items of one part.
type PartProgress struct{ Part, Ended, Failed, InDoubt int }

// Without takes out what is counted of parts that are another's by now, or nobody's.
func (p Progress) Without(lost func(part int) bool) Progress {
	for _, part := range p.Parts {
		if lost(part.Part) {
			p.Ended, p.Failed, p.InDoubt = p.Ended-part.Ended, p.Failed-part.Failed, p.InDoubt-part.InDoubt
		}
	}
	p.Parts = nil
	return p
}

// Add returns the sum, without the parts. Of two that stopped the stage, the first says why.
func (p Progress) Add(o Progress) Progress {
	return Progress{
		Stage: p.Stage, Ended: p.Ended + o.Ended, Failed: p.Failed + o.Failed, InDoubt: p.InDoubt + o.InDoubt,
		Accepted: p.Accepted + o.Accepted, Alike: p.Alike + o.Alike, Stopped: cmp.Or(p.Stopped, o.Stopped),
	}
}
