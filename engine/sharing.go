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
	RowKeeper
}

// RowKeeper keeps what the first process of a run read of a source that may be another for the next one: the rows of a query, what stood
// at an address, standard input. The other processes of the run get it from here, and so does who takes the run up again.
type RowKeeper interface {
	// KeepRows keeps a copy for a step of a run, which need not have begun, in the place of one that it had before.
	KeepRows(ctx context.Context, run, step string, rows *Copy) error
	// KeptRows makes private copies of all that is kept of a run, by step; the caller closes them. None: nothing is kept, or not to its
	// end. ErrDamaged: something of it is not what was kept.
	KeptRows(ctx context.Context, run string) (map[string]*Copy, error)
	// DropRows forgets what is kept of a run. The end of a run that nobody goes on with does so, too, and Compact where nobody went on.
	DropRows(ctx context.Context, run string) error
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

// Parts is how many parts the items of a forEach are divided into.
const Parts = 64

// PartOf is the part that an item belongs to: by a hash of its key (FNV-1a), so that one key is one process's at a time.
func PartOf(item string) int {
	h := fnv.New64a()
	_, _ = h.Write([]byte(item)) // it never fails
	return int(h.Sum64() % Parts)
}

// Shard narrows the parts that a process takes to those whose number has the remainder Index, divided by Of. The zero value is all.
type Shard struct{ Index, Of int }

// Parts are the numbers of its parts; nil: it is not narrowed.
func (s Shard) Parts() []int {
	if s.Of < 2 {
		return nil
	}
	var parts []int
	for part := s.Index; part < Parts; part += s.Of {
		parts = append(parts, part)
	}
	return parts
}

// Divider divides a run among the processes that work at it.
type Divider interface {
	// Enter begins a run, or takes it up again, as StartRun does; or, while other processes work at one of the same job and delivery scope,
	// makes this process one of them, and returns that run, which is given to r's Asked.Engine where it has one. One that ended is taken up
	// when all who worked at it left it, or are silent for too long; before, it is a *LockedError. rows is a digest of what
	// the run is made of; empty: it cannot be divided. A *LockedError: it can not, or theirs cannot. An *OtherRowsError: theirs is made of
	// others. An *OtherRunError: they were asked for something else. One of ModeServe that is not resumed is an occurrence of a schedule:
	// where it had a run that came to its end, that is a *LockedError, too; while others work at it, it takes a Join. only are the parts that
	// this process will take and no others, nil: any. Such a process goes on with the last run of the job and scope, where that is the same
	// and those parts of it are left, though nobody works at it by now. It needs the Lock (ErrNotLocked).
	Enter(ctx context.Context, r Run, rows string, only []int) (Run, error)
	// Join is Enter for a process that only helps: ErrNotFound, where nobody works at such a run.
	Join(ctx context.Context, r Run, rows string) (Run, error)
	// LeaseParts tells how a stage of a divided run stands and, where it is asked to, takes parts of it that nobody has and that are not
	// done, no more than this process's share. They are its own until it gives up the Lock or is taken over. It begins the stage, where it
	// is the first that asks; not so of a run that was stopped, but for RestStage: where it ended is decided. It needs the Lock
	// (ErrNotLocked); ErrNotFound: it did not enter.
	LeaseParts(ctx context.Context, run string, l Leasing) (Lease, error)
	// NotePart is Note for rows of a part that this process has, or ended. They are the part's: who has it next notes them anew, and those
	// of before are dropped when it takes the part, save those of rows that were cancelled. Of a part that is another's, nothing is noted.
	NotePart(ctx context.Context, run string, stage, part int, rows []Unsent) error
	// FreeParts gives parts up that are not done with, for others to have. Those that are not this process's are left.
	FreeParts(ctx context.Context, run string, parts []EndedPart) error
	// EndParts says that parts of one stage are done with, at least one, and how this process has fared, and returns how many parts of the
	// stage are not. What a process that dies later had to say of its rows is durable with it. A *PartLostError: one of them is this
	// process's no more; the others are done with.
	EndParts(ctx context.Context, run string, parts []EndedPart, so SoFar) (left int, err error)
	PartsReader
}

// PartsReader is the reading half of a Divider.
type PartsReader interface {
	// RunParts tells how the parts of the stages that a run has come to stand, in order; nil: it is not divided, or has not begun.
	RunParts(ctx context.Context, run string) ([]RunPart, error)
}

// RunPart is a part of a divided run.
type RunPart struct {
	Stage  int    // of the run, from 0
	Number int    // in its stage
	Holder string // who has it, or had it when it was done; empty: nobody
	Done   bool
	FreeIn time.Duration // how long Holder keeps it if it is silent from now on; zero: nobody keeps it, or it is done
	From   string        // who had it before, and was taken over; empty: nobody
	Why    string        // of From, for people
}

// ProcessShare is which share of a divided run a process has, or had when its parts were done.
type ProcessShare struct {
	Process   string `json:"process,omitempty"` // "waybill apply, pid 4711 on host clinic-1, since …"; empty: parts that nobody has now
	Parts     int    `json:"parts"`
	Done      int    `json:"done"`                // of Parts
	TakenFrom string `json:"takenFrom,omitempty"` // who had them before
	Why       string `json:"why,omitempty"`       // of TakenFrom
}

// SharesOf says who has which share of a run, by its parts; nil: it is not divided.
func SharesOf(parts []RunPart) []ProcessShare {
	type name struct{ holder, from string }
	at := map[name]int{}
	var list []ProcessShare
	for _, p := range parts {
		who := name{p.Holder, p.From}
		i, known := at[who]
		if !known {
			i = len(list)
			at[who] = i
			list = append(list, ProcessShare{Process: p.Holder, TakenFrom: p.From, Why: p.Why})
		}
		list[i].Parts++
		if p.Done {
			list[i].Done++
		}
	}
	return list
}

// OtherRunError says that other processes work at a run of the same job, and this one was asked for something else.
type OtherRunError struct {
	Run, Holder string // who works at it
	What        string // what differs, for people
}

func (e *OtherRunError) Error() string {
	return fmt.Sprintf("run %s of the same job is under way, and %s: %s works at it", e.Run, e.What, e.Holder)
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
