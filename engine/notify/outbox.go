package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"waybill/engine"
)

const (
	// KeptFor is how long a letter is tried: later it would be no news.
	KeptFor = 7 * 24 * time.Hour
	// beingTold is how young a letter is that the process which wrote it may be telling still.
	beingTold = 3 * MaxDelay
)

// Tell tells an event as Send does, now being the time. What is not told is in the outbox afterwards. Its error is all that went
// wrong: for people, and no reason for a run to fail. A ctx that ends ends the telling, and leaves the outbox in order.
func (s *Sender) Tell(ctx context.Context, box engine.Outbox, now time.Time, targets []Target, e Event) error {
	keep := context.WithoutCancel(ctx)
	var problems []error
	ids := make([]int64, len(targets))
	for i, t := range targets {
		var err error
		if ids[i], err = put(keep, box, now, t, e); err != nil {
			problems = append(problems, fmt.Errorf("keep a notification to %s: %w", t, err))
		}
	}
	for i, err := range s.Send(ctx, targets, e) {
		if err == nil && ids[i] != 0 {
			err = done(keep, box, ids[i])
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

func put(ctx context.Context, box engine.Outbox, now time.Time, t Target, e Event) (id int64, err error) {
	text, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	return box.PutLetter(ctx, engine.Letter{Job: e.Job, Target: t.Name(), Event: text, At: now})
}

// TellPending tells what earlier commands could not tell of a job to its targets, for MaxDelay at most. Letters older than KeptFor are
// given up. A target that cannot be told is tried once a call. Its error is all that went wrong, as that of Tell.
func (s *Sender) TellPending(ctx context.Context, box engine.Outbox, now time.Time, job string, targets []Target) error {
	letters, err := box.Letters(ctx, job)
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
		var e Event
		if err := json.Unmarshal(l.Event, &e); err != nil { // of another version
			problems = append(problems, fmt.Errorf("notify %s: what was kept cannot be read: %w", l.Target, err), done(keep, box, l.ID))
			continue
		}
		switch age := now.Sub(l.At); {
		case age > KeptFor:
			problems = append(problems, fmt.Errorf("notify %s: %q was given up after a week", l.Target, e.Title()), done(keep, box, l.ID))
		case known && age >= beingTold:
			if err := s.Send(ctx, []Target{t}, e)[0]; err != nil {
				delete(byName, l.Target)
				problems = append(problems, err)
				continue
			}
			problems = append(problems, done(keep, box, l.ID))
		}
	}
	return errors.Join(problems...)
}

func done(ctx context.Context, box engine.Outbox, id int64) error {
	if err := box.DropLetter(ctx, id); err != nil {
		return fmt.Errorf("note that a notification was told: %w", err)
	}
	return nil
}
