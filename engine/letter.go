package engine

import (
	"context"
	"encoding/json"
	"time"
)

// Letter is news that is still to be told to one of those whom a job notifies.
type Letter struct {
	ID     int64 // of the outbox's making
	Job    string
	Target string // how its job names it; its address, a secret, is in no letter
	Event  json.RawMessage
	At     time.Time
}

// Outbox keeps letters from before the first try until they were told. Its methods may be called by many goroutines and processes.
type Outbox interface {
	// PutLetter keeps a letter, and returns its ID when that is durable. The ID in the letter is not looked at.
	PutLetter(ctx context.Context, l Letter) (id int64, err error)
	// Letters returns the letters of a job, the oldest first; it may leave some for the next call.
	Letters(ctx context.Context, job string) ([]Letter, error)
	// DropLetter takes a letter out. It is idempotent.
	DropLetter(ctx context.Context, id int64) error
}

// Teller sees to it that somebody tells how a run ended, whichever process dies. It is told once, and again where who told it died before
// saying so. FinishRun has it told, where Run.TellsFor is given.
type Teller interface {
	Outbox
	// TakeTelling says whether this process, which worked at a run, is to tell how that ended. Of its processes the first that asks is.
	TakeTelling(ctx context.Context, run string) (bool, error)
	// TakeUntold returns the runs of a job that ended and that none of their processes told in time, of the last week: from now on the caller
	// is to tell how they ended.
	TakeUntold(ctx context.Context, job string) ([]Run, error)
	// Told says that this was done.
	Told(ctx context.Context, run string) error
}
