package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// rollout does a forEach wave by wave.
func (w walker) rollout(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	var counts engine.Counts
	ending, now := engine.EndedSucceeded, (*wave)(nil)
	state, err := agree(ctx, w.x, s, fares{q: q}, func() (*engine.RolloutState, error) { return w.x.rolloutState(ctx, q, s) })
	for err == nil && state.Stopped == "" && state.Wave < len(state.Until) {
		next := waveOf(state, now == nil) // the first of a run finishes those before it too
		ended, broken := w.items(ctx, q, s, next, &counts)
		if broken != nil {
			return w.v.broken(q, s, counts, broken)
		}
		if ending = ended; ended != engine.EndedEarly || !w.x.share.countsRest() { // else nobody came to it before the run was stopped
			now = next
		}
		if ended == engine.EndedEarly || q.end >= failedEnd {
			break
		}
		final := w.x.divides(s) && w.x.share.isLast(s) && state.Wave == len(state.Until)-1
		state, err = agree(ctx, w.x, s, fares{q, counts, final}, func() (*engine.RolloutState, error) { return w.x.observeWave(ctx, s, *state, now) })
	}
	if ending != engine.EndedEarly {
		ending = endingOf(counts) // of all waves, whichever rows of them this process did
	}
	if err != nil {
		w.x.endEarly(err)
	}
	stopped := err == nil && state.Stopped != ""
	if err != nil || stopped {
		ending = engine.EndedEarly
	}
	if (ending == engine.EndedEarly || q.end >= failedEnd) && !errors.Is(err, errCounted) {
		w.countLater(ctx, q, s, now, stopped || q.end >= failedEnd)
	}
	if stopped {
		w.x.stop(&stopError{reason: fmt.Sprintf("wave %d of %d: %s; only a person goes on", state.Wave+1, len(state.Until), state.Stopped)})
	}
	values := groupValues(counts, ending)
	w.x.finished(q, s, ending, values)
	return values, ending
}

// countLater counts the messages of the waves behind the one at which a rollout ended, nil: of all; ended: by itself, before the run did. Where
// the rows are divided, one process does so for all: now or, of a run that was stopped, when all processes know that.
func (w walker) countLater(ctx context.Context, q *sequence, s *engine.Step, now *wave, ended bool) {
	l := w.countingLoop(q, s, now, nil)
	l.tripped.Store(ended || w.x.share.countsRest())
	if !w.x.divides(s) {
		_ = l.countLater(ctx) // the ledger's failure is told by what sends; these are counts
		return
	}
	count := func() (string, engine.RunStatus, error) {
		err := l.countLater(ctx)
		w.x.writeNotes(ctx)
		return "", engine.RunFailed, err
	}
	var err error
	if w.x.share.countsRest() {
		p := (*portion)(nil)
		if p, err = w.laterStage(ctx, q, ended); err == nil {
			_, err = p.alone(ctx, s, count)
		}
	} else if ctx.Err() == nil {
		_, err = w.x.share.alone(ctx, s, false, count)
	}
	if err != nil {
		w.x.endEarly(err)
	}
}

// rolloutState is how far the rollout has come. When it did not begin, its people are counted and divided, which reads the rows once.
func (x *execution) rolloutState(ctx context.Context, q *sequence, s *engine.Step) (*engine.RolloutState, error) {
	key := x.deliveryKey(s, "")
	state, err := x.engine.Ledger.Rollout(ctx, key)
	if err != nil {
		return nil, err
	}
	if state == nil {
		until, sizes, err := x.divide(ctx, q, s)
		if err != nil {
			return nil, err
		}
		state = &engine.RolloutState{Until: until, Sizes: sizes}
	} else if state.Stopped != "" && x.run.Asked.GoesOn {
		state.Stopped, state.Since = "", time.Time{}
		state.Wave++
	} else if state.Wave >= len(state.Until) { // all were reached once: new rows go with the last
		state.Wave = len(state.Until) - 1
	}
	return state, x.engine.Ledger.KeepRollout(ctx, key, *state)
}

// divide divides the people of a forEach into its waves.
func (x *execution) divide(ctx context.Context, q *sequence, s *engine.Step) (until []uint64, sizes []int, err error) {
	l := &loop{x: x, outer: q, step: s}
	var people census
	for batch := range l.batches(ctx) {
		for _, e := range batch {
			if fatal := e.fatal(); fatal != nil {
				return nil, nil, fatal
			}
			if e.err == nil {
				people.add(placeOf(s.Path, e.Key))
			}
		}
	}
	until, sizes = people.divide(s.ForEach.Rollout)
	return until, sizes, nil
}

// observeWave looks at what becomes of a wave's messages until all are final or the time is over, and returns how far the rollout has come
// then: the next wave may begin, or it is stopped. The last one is not looked at here: the run settles. Its error is errInterrupted where
// the run ended first.
func (x *execution) observeWave(ctx context.Context, s *engine.Step, state engine.RolloutState, now *wave) (*engine.RolloutState, error) {
	if state.Wave == len(state.Until)-1 {
		state.Wave++
		return &state, x.keepRollout(ctx, s, &state)
	}
	if begun, err := x.engine.Ledger.Rollout(context.WithoutCancel(ctx), x.deliveryKey(s, "")); err != nil {
		return nil, err
	} else if begun != nil && begun.Wave == state.Wave { // by a process that died
		state.Since = begun.Since
	}
	r := s.ForEach.Rollout
	if state.Since.IsZero() {
		state.Since = x.engine.Now()
	}
	until := state.Since.Add(r.Observe)
	if err := x.keepRollout(ctx, s, &state); err != nil {
		return nil, err
	}
	x.tell(engine.Event{
		Kind: engine.Waiting, Step: s, Reason: "rollout", Count: state.Sizes[state.Wave], Wait: until.Sub(x.engine.Now()),
		Message: fmt.Sprintf("wave %d of %d is out; what becomes of it is looked at until %s", state.Wave+1, len(state.Until), until.Format(time.TimeOnly)),
	})
	reason, err := x.lookAtWave(ctx, s, now, until)
	if ctx.Err() != nil {
		err = errInterrupted
	}
	if err != nil {
		return nil, err
	}
	state.Since = time.Time{}
	if state.Stopped = reason; reason == "" {
		state.Wave++
	}
	return &state, x.keepRollout(ctx, s, &state)
}

func (x *execution) keepRollout(ctx context.Context, s *engine.Step, state *engine.RolloutState) error {
	return x.engine.Ledger.KeepRollout(context.WithoutCancel(ctx), x.deliveryKey(s, ""), *state)
}

// lookAtWave waits until the messages are final, the time is over, or what the file stops for is reached.
func (x *execution) lookAtWave(ctx context.Context, s *engine.Step, now *wave, until time.Time) (reason string, err error) {
	flight := context.WithoutCancel(ctx)
	ctx, cancel := context.WithTimeout(ctx, until.Sub(x.engine.Now()))
	defer cancel()
	for {
		open := false // asked before the failures: what fails meanwhile is then among them
		err := x.messagesOf(flight, s, now, func(*delivery.Delivery) bool { open = true; return false }, delivery.Accepted, delivery.Sent, delivery.InDoubt)
		if err != nil {
			return "", err
		}
		var failed []int
		err = x.messagesOf(flight, s, now, func(d *delivery.Delivery) bool {
			failed = append(failed, d.Answer.Code)
			return true
		}, delivery.Failed, delivery.Rejected)
		if err != nil {
			return "", err
		}
		if reason := now.reached(s.ForEach.Rollout.StopIf, failed); reason != "" || !open || errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return reason, nil
		}
		if err := x.engine.Ledger.Change(ctx); err != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return "", err
		}
	}
}

// messagesOf yields the wave's messages that are in one of the states, whichever run sent them, until yield returns false.
func (x *execution) messagesOf(
	ctx context.Context, s *engine.Step, now *wave, yield func(*delivery.Delivery) bool, states ...delivery.State,
) error {
	messages, _ := senders(s)
	for _, m := range messages {
		f := engine.DeliveryFilter{Job: x.run.Job, Scope: x.run.DeliveryScope(), Step: m.Path, States: states}
		for d, err := range x.engine.Ledger.Deliveries(ctx, f) {
			if err != nil {
				return err
			}
			if now.judges(s, d.Key.Item) && !yield(&d) {
				return nil
			}
		}
	}
	return nil
}
