package engine

import (
	"time"

	"waybill/engine/delivery"
)

// A divided run goes through stages, one after the other: the items of a forEach, in Parts parts, or what one process alone does, in one.
// What decides which stages there are is the job and what came of the stages before, which is in the ledger; so all processes of a run
// come to the same stages in the same order, and who joins late goes quickly through those that are over.

// Leasing is what a process asks for, and tells the others.
type Leasing struct {
	Stage    int      // the number of the stage that it has come to, from 0
	Alone    bool     // the stage has one part, number 0, which one process does; else it has Parts
	Only     []int    // it takes these alone, and all of them that it can have; nil: any, no more than its share
	Take     bool     // it has room for parts
	Progress Progress // of its own rows, in this stage
}

// Lease is how a stage of a divided run stands.
type Lease struct {
	Has      []int    // the parts that are this process's and not done
	Share    int      // how many parts each of the living may have
	Open     []int    // the parts that are not done, whoever has them
	Held     []int    // of Open: those that other processes have
	Others   Progress // of the rows of all other processes, in this stage
	Outcomes []string // what EndParts was told of the parts, in their order, once none is open
	Status   RunStatus
	Reason   string // why the run was stopped
}

// EndedPart is a part that is done with: all of its rows were met, or the stage was stopped, or this process gave it up. Of one that is
// given up the ledger looks at Stage, Part and Outcome alone.
type EndedPart struct {
	Stage, Part int
	So          RunStatus     // how this process's share of the run has fared until now
	Reason      string        // of So, for people
	WaitsUntil  time.Time     // of So: when the first of the rows that wait may go; zero: none does
	Met         *delivery.IDs // what this process met in the run until now, as FinishRun has it; nil: nothing since the part before
	Outcome     string        // what the processes of the run need to know of it, in the runner's own form; empty: what stands there
	Last        bool          // no stage follows: with the last part of this one the run is over
}

// Progress counts the items of a stage, so that what holds for a run holds over all of its processes.
type Progress struct {
	Stage                  int    // that they are of
	Ended, Failed, InDoubt int    // of the items that the run decided
	Accepted, Alike        int    // messages that were accepted, and that were refused for what they are
	Stopped                string // why nothing more of the stage is to be begun, by anybody; empty: it goes on
}

// Add returns the sum. Of two that stopped the stage, the first says why.
func (p Progress) Add(o Progress) Progress {
	sum := Progress{p.Stage, p.Ended + o.Ended, p.Failed + o.Failed, p.InDoubt + o.InDoubt, p.Accepted + o.Accepted, p.Alike + o.Alike, p.Stopped}
	if sum.Stopped == "" {
		sum.Stopped = o.Stopped
	}
	return sum
}
