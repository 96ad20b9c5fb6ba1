package engine

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"
)

// Sharing is what a ledger offers that many processes send from at once. A ledger with one sender at a time has none of it.
type Sharing interface {
	Pacer
	Divider
}

// Pacer keeps the pace of numbers, for all processes that send from the ledger together. What it keeps need not outlive the database's
// power: after that a number begins as a new one.
type Pacer interface {
	// Book takes the next places in the pace of a number. All bookings together, of all processes, keep every second within the number's
	// rate: what is asked for, or what the number bears if that is lower. Places that are not used are lost.
	Book(ctx context.Context, b Booking) (Places, error)
	// Throttled halves what a number bears, at which it refused a message, at most once a second, since many refusals have one cause;
	// it never falls below one message a second, or perSecond if that is lower. Until pause has passed nobody gets a place.
	Throttled(ctx context.Context, number string, perSecond float64, pause time.Duration) error
}

// Booking asks for places in the pace of a number.
type Booking struct {
	Number    string  // phone number id
	PerSecond float64 // messages a second that are asked for; above zero
	Places    int     // how many; at least one
	Accepted  int     // messages that WhatsApp took since the last booking: the rate recovers by them
}

// Places are moments at which messages of a number may leave.
type Places struct {
	Wait  time.Duration // until the first; zero: now
	Every time.Duration // from each to the next
}

// Parts is how many parts a run is divided into.
const Parts = 64

// PartOf is the part that an item belongs to: by a hash of its key (FNV-1a), so that one key is one process's at a time.
func PartOf(item string) int {
	h := fnv.New64a()
	_, _ = h.Write([]byte(item)) // it never fails
	return int(h.Sum64() % Parts)
}

// Shard narrows the parts that a process takes to those whose number has the remainder Index, divided by Of. The zero value is all.
type Shard struct{ Index, Of int }

// Divider divides a run among the processes that work at it. Whoever starts a run (StartRun) makes it whole again: nobody has a part.
type Divider interface {
	// Join makes this process one of those that work at a run. rows is a digest of what the run is made of: the first writes it, and
	// another's is a *OtherRowsError. ErrNotFound: the run was never started.
	Join(ctx context.Context, run, rows string) error
	// LeaseParts takes parts that nobody has and that are not done, no more than this process's share of the living, and returns all that
	// it has. They are its own until it gives up the Lock or is taken over. It needs the Lock (ErrNotLocked); ErrNotFound: it did not join.
	LeaseParts(ctx context.Context, run string, of Shard) ([]int, error)
	// EndPart says that all rows of a part were met and are done with, and returns how many parts of the run are not: who is told none is
	// the one to finish the run. A *PartLostError: the part is this process's no more.
	EndPart(ctx context.Context, run string, part int) (left int, err error)
	// RunParts tells how the parts of a run stand, in order; nil: it is not divided.
	RunParts(ctx context.Context, run string) ([]RunPart, error)
}

// RunPart is a part of a divided run.
type RunPart struct {
	Number int
	Holder string // who has it; empty: nobody
	Done   bool
}

// OtherRowsError says that a process that joins a run has other rows than those that work at it.
type OtherRowsError struct {
	Run           string
	Theirs, Yours string // digests
}

func (e *OtherRowsError) Error() string {
	return fmt.Sprintf("run %s is made of other rows than these: its digest is %s, and that of the rows here %s", e.Run, e.Theirs, e.Yours)
}

// PartLostError says that a part is no more this process's: it was silent for too long, and another has it.
type PartLostError struct {
	Run  string
	Part int
}

func (e *PartLostError) Error() string {
	return fmt.Sprintf("part %d of run %s is another process's now", e.Part, e.Run)
}
