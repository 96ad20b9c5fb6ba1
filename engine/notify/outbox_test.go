package notify

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"waybill/engine"
)

// box is an outbox that keeps what a ledger would.
type box struct {
	letters map[int64]engine.Letter
	next    int64
	err     error
}

func (b *box) PutLetter(ctx context.Context, l engine.Letter) (int64, error) {
	if err := errors.Join(b.err, ctx.Err()); err != nil {
		return 0, err
	}
	if b.letters == nil {
		b.letters = map[int64]engine.Letter{}
	}
	b.next++
	l.ID = b.next
	b.letters[l.ID] = l
	return l.ID, nil
}

func (b *box) Letters(_ context.Context, job string) ([]engine.Letter, error) {
	var all []engine.Letter
	for _, l := range b.letters {
		if l.Job == job {
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b engine.Letter) int { return cmp.Compare(a.ID, b.ID) })
	return all, b.err
}

func (b *box) DropLetter(ctx context.Context, id int64) error {
	delete(b.letters, id)
	return ctx.Err()
}

var told = time.Date(2026, 3, 25, 9, 3, 21, 0, time.UTC)

func TestTellAndLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, a := &box{}, &answers{statuses: []int{410, 200, 200}}
		s := &Sender{Transport: a}
		targets := []Target{target(t, "$<URL>", "https://hooks.example.com/"+secretPath)}
		if err := s.Tell(t.Context(), b, told, targets, someEvent()); err == nil || len(b.letters) != 1 {
			t.Fatalf("%v, letters %v", err, b.letters)
		}
		for _, l := range b.letters {
			text := l.Target + string(l.Event)
			if strings.Contains(text, secretPath) || strings.Contains(text, "example.com") || strings.Contains(text, "345") {
				t.Errorf("the letter holds %s", text)
			}
		}
		for name, c := range map[string]struct {
			after   time.Duration
			job     string
			targets []Target
		}{
			"may be under way": {beingTold - 1, "welcome", targets},
			"another job":      {time.Hour, "goodbye", targets},
			"another target":   {time.Hour, "welcome", []Target{target(t, "$<OTHER>", "https://hooks.example.com/")}},
		} {
			if err := s.TellPending(t.Context(), b, told.Add(c.after), c.job, c.targets); err != nil || a.calls != 1 || len(b.letters) != 1 {
				t.Errorf("%s: %v, %d calls, %d letters", name, err, a.calls, len(b.letters))
			}
		}
		for range 2 {
			if err := s.TellPending(t.Context(), b, told.Add(time.Hour), "welcome", targets); err != nil || a.calls != 2 || len(b.letters) != 0 {
				t.Errorf("%v, %d calls, %d letters", err, a.calls, len(b.letters))
			}
		}
		if err := s.Tell(t.Context(), b, told, targets, someEvent()); err != nil || len(b.letters) != 0 {
			t.Errorf("%v, letters %v", err, b.letters)
		}
	})
}

func TestGivenUp(t *testing.T) {
	b, a := &box{}, &answers{statuses: []int{410}}
	s := &Sender{Transport: a}
	targets := []Target{target(t, "$<URL>", "https://hooks.example.com/"+secretPath)}
	for range 3 {
		if err := s.Tell(t.Context(), b, told, targets, someEvent()); err == nil {
			t.Error("told")
		}
	}
	a.calls = 0
	err := s.TellPending(t.Context(), b, told.Add(KeptFor), "welcome", targets)
	if err == nil || a.calls != 1 || len(b.letters) != 3 {
		t.Errorf("%v: %d calls to a target that cannot be told, %d letters", err, a.calls, len(b.letters))
	}
	err = s.TellPending(t.Context(), b, told.Add(KeptFor+1), "welcome", nil)
	if err == nil || !strings.Contains(err.Error(), `notify $<URL>: "Job \"welcome\" failed" was given up`) || len(b.letters) != 0 {
		t.Errorf("%v, %d letters", err, len(b.letters))
	}
}

// TestInterrupted is of a run that the user interrupted: what it could not tell is kept all the same.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := &box{}
	targets := []Target{target(t, "$<URL>", "https://hooks.example.com/"+secretPath)}
	if err := (&Sender{}).Tell(ctx, b, told, targets, someEvent()); err == nil || len(b.letters) != 1 {
		t.Errorf("%v, letters %v", err, b.letters)
	}
}

// TestBrokenOutbox tells although it cannot keep.
func TestBrokenOutbox(t *testing.T) {
	b, a := &box{err: errors.New("no space")}, &answers{statuses: []int{200}}
	targets := []Target{target(t, "$<URL>", "https://hooks.example.com/"+secretPath)}
	err := (&Sender{Transport: a}).Tell(t.Context(), b, told, targets, someEvent())
	if err == nil || err.Error() != "keep a notification to $<URL> (https): no space" || a.calls != 1 {
		t.Errorf("%v, %d calls", err, a.calls)
	}
}
