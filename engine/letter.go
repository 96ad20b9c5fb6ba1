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
