package notify

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Letter is an event that is still to be told to one target.
type Letter struct {
	ID     string // of the outbox's making
	Target string // Target.Name: its address, a secret, is in no letter, and is looked up when it is told
	Event  Event  // kept as its JSON; its Job and Target together say to whom
	At     time.Time
}

// Outbox keeps letters from before the first try until they were told. Its methods may be called by many goroutines and processes.
type Outbox interface {
	// Add keeps a letter, and returns its ID when that is durable. The ID in the letter is not looked at.
	Add(ctx context.Context, l Letter) (id string, err error)
	// Pending returns the letters of a job that are not done, the oldest first; it may leave some for the next call.
	Pending(ctx context.Context, job string) ([]Letter, error)
	// Done takes a letter out. It is idempotent.
	Done(ctx context.Context, id string) error
}

const (
	// KeptFor is how long a letter is tried: later it would be no news.
	KeptFor = 7 * 24 * time.Hour
	// beingTold is how young a letter is that the process which wrote it may be telling still.
	beingTold = 3 * MaxDelay
)

// Tell tells an event as Send does, now being the time. What is not told is in the outbox afterwards. Its error is all that went
// wrong: for people, and no reason for a run to fail. A ctx that ends ends the telling, and leaves the outbox in order.
func (s *Sender) Tell(ctx context.Context, box Outbox, now time.Time, targets []Target, e Event) error {
	keep := context.WithoutCancel(ctx)
	var problems []error
	ids := make([]string, len(targets))
	for i, t := range targets {
		id, err := box.Add(keep, Letter{Target: t.Name(), Event: e, At: now})
		if err != nil {
			problems = append(problems, fmt.Errorf("keep a notification to %s: %w", t, err))
		}
		ids[i] = id
	}
	for i, err := range s.Send(ctx, targets, e) {
		if err == nil && ids[i] != "" {
			err = done(keep, box, ids[i])
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// TellPending tells what earlier commands could not tell of a job to its targets, for MaxDelay at most. Letters older than KeptFor are
// given up. A target that cannot be told is tried once a call. Its error is all that went wrong, as that of Tell.
func (s *Sender) TellPending(ctx context.Context, box Outbox, now time.Time, job string, targets []Target) error {
	letters, err := box.Pending(ctx, job)
	if err != nil {
		return fmt.Errorf("read the notifications that are still to be told: %w", err)
	}
	keep := context.WithoutCancel(ctx)
	ctx, cancel := context.WithTimeout(ctx, MaxDelay)
	defer cancel()
	byName := map[string]Target{}
	for _, t := range targets {
		byName[t.Name()] = t
	}
	var problems []error
	for _, l := range letters {
		t, known := byName[l.Target]
		switch age := now.Sub(l.At); {
		case age > KeptFor:
			problems = append(problems, fmt.Errorf("notify %s: %q was given up after a week", l.Target, l.Event.Title()), done(keep, box, l.ID))
		case known && age >= beingTold:
			if err := s.Send(ctx, []Target{t}, l.Event)[0]; err != nil {
				delete(byName, l.Target)
				problems = append(problems, err)
				continue
			}
			problems = append(problems, done(keep, box, l.ID))
		}
	}
	return errors.Join(problems...)
}

func done(ctx context.Context, box Outbox, id string) error {
	if err := box.Done(ctx, id); err != nil {
		return fmt.Errorf("note that a notification was told: %w", err)
	}
	return nil
}
