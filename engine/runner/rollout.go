package runner

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/diag"
)

// placeOf is where a key stands among all keys of a forEach: as good as drawn by lot, and always the same.
func placeOf(step, key string) uint64 {
	sum := sha256.Sum256([]byte(step + "\x00" + key))
	return binary.BigEndian.Uint64(sum[:8])
}

// census counts the places of keys in so many equal stretches, so that waves can be divided without remembering any key.
const censusBits = 20

type census struct {
	counts []uint32
	total  int
}

func (c *census) add(place uint64) {
	if c.counts == nil {
		c.counts = make([]uint32, 1<<censusBits)
	}
	c.counts[place>>(64-censusBits)]++
	c.total++
}

// divide says up to which place each wave goes. A wave is never greater than what the file says: where a stretch would make it so, it
// ends before.
func (c *census) divide(r *engine.Rollout) (until []uint64, sizes []int) {
	reached, stretch := 0, 0
	for i, wave := range r.Waves {
		want := wave.Count
		if want == 0 {
			want = int(wave.Share * float64(c.total))
		}
		before := reached
		last := i == len(r.Waves)-1
		for stretch < len(c.counts) && (last || reached+int(c.counts[stretch]) <= want) {
			reached += int(c.counts[stretch])
			stretch++
		}
		end := uint64(stretch)<<(64-censusBits) - 1
		if last || stretch == 1<<censusBits {
			end = ^uint64(0)
		}
		until, sizes = append(until, end), append(sizes, reached-before)
	}
	return until, sizes
}

// wave is one wave under way: which keys are in it, and how many messages it has. What became of them is in the ledger.
type wave struct {
	after, until uint64
	first        bool // the rows of earlier waves go with it

	mu       sync.Mutex
	messages int // that were answered, by this run or an earlier one
	held     int
}

// holds says whether an item is in the wave; a row that cannot be read is in the first. Without waves every item is.
func (w *wave) holds(s *engine.Step, e element) bool {
	if w == nil {
		return true
	}
	place := placeOf(s.Path, e.Key)
	if e.err != nil {
		return w.first
	}
	return place <= w.until && (w.first || place > w.after)
}

// follows says whether an item is in a later wave.
func (w *wave) follows(s *engine.Step, e element) bool {
	return e.err == nil && (w == nil || placeOf(s.Path, e.Key) > w.until)
}

// judges says whether a message of an item is one of the wave's own.
func (w *wave) judges(s *engine.Step, item string) bool {
	place := placeOf(s.Path, item)
	return place <= w.until && (w.after == 0 || place > w.after)
}

// meet counts a message that was answered. One that an earlier run sent, which was killed before it looked, is the wave's too.
func (w *wave) meet(s *engine.Step, d *delivery.Delivery) {
	if d.State == delivery.Planned || !w.judges(s, d.Key.Item) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.messages++
	if d.HeldBack != "" {
		w.held++
	}
}

// reached says why the rollout ends with this wave, of whose messages some failed with these codes; empty: it does not.
func (w *wave) reached(s engine.StopIf, failed []int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, code := range failed {
		if slices.Contains(s.Codes, code) {
			return fmt.Sprintf("a message failed with code %d", code)
		}
	}
	switch {
	case over(s.Failed, len(failed), w.messages):
		return fmt.Sprintf("%d of %d messages failed", len(failed), w.messages)
	case over(s.Held, w.held, w.messages):
		return fmt.Sprintf("WhatsApp holds %d of %d messages back", w.held, w.messages)
	}
	return ""
}

// over says whether a number of a wave's messages is as much as a threshold. A share means nothing below twenty.
func over(t engine.Threshold, n, of int) bool {
	const enough = 20
	if t.Count > 0 {
		return n >= t.Count
	}
	return t.Share > 0 && of >= enough && float64(n) >= t.Share*float64(of)
}

// rollout does a forEach wave by wave.
func (w walker) rollout(ctx context.Context, q *sequence, s *engine.Step) (map[string]any, engine.Ending) {
	state, err := w.x.rolloutState(ctx, q, s)
	if err != nil {
		w.x.fail(err)
		return nil, engine.EndedEarly
	}
	var counts engine.Counts
	ending, now := engine.EndedSucceeded, (*wave)(nil)
	for state.Stopped == "" && state.Wave < len(state.Until) {
		now = waveOf(state, now == nil) // the first of a run finishes those before it too
		ended, err := w.whole(ctx, q, s, now, &counts)
		if err != nil {
			return w.v.broken(q, s, counts, err)
		}
		if ending = ended; ended == engine.EndedEarly || q.end >= failedEnd {
			break
		}
		if !w.x.observeWave(ctx, s, state, now) {
			ending = engine.EndedEarly
			break
		}
	}
	if state.Stopped != "" {
		w.x.stop(&stopError{reason: fmt.Sprintf("wave %d of %d: %s; only a person goes on", state.Wave+1, len(state.Until), state.Stopped)})
		ending = engine.EndedEarly
	}
	if ending == engine.EndedEarly || q.end >= failedEnd {
		l := &loop{w: w, x: w.x, outer: q, step: s, wave: now}
		l.messages, _ = senders(s)
		l.tripped.Store(q.end >= failedEnd)
		l.countLater(ctx)
	}
	values := groupValues(counts, ending)
	w.x.finished(q, s, ending, values)
	return values, ending
}

// waveOf is the wave that a rollout has come to.
func waveOf(state *engine.RolloutState, withEarlier bool) *wave {
	now := &wave{until: state.Until[state.Wave], first: state.Wave == 0 || withEarlier}
	if state.Wave > 0 {
		now.after = state.Until[state.Wave-1]
	}
	return now
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
	} else if state.Stopped != "" && (x.req.Resume != nil && !x.req.Due || x.req.NextWave) {
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

// observeWave looks at what becomes of a wave's messages until all are final or the time is over, and says whether the next may begin.
// The last one is not looked at here: the run settles.
func (x *execution) observeWave(ctx context.Context, s *engine.Step, state *engine.RolloutState, now *wave) bool {
	r := s.ForEach.Rollout
	if state.Wave == len(state.Until)-1 {
		state.Wave++
		x.keepRollout(ctx, s, state)
		return true
	}
	if state.Since.IsZero() {
		state.Since = x.engine.Now()
	}
	until := state.Since.Add(r.Observe)
	x.keepRollout(ctx, s, state)
	x.tell(engine.Event{
		Kind: engine.Waiting, Step: s, Reason: "rollout", Count: state.Sizes[state.Wave], Wait: until.Sub(x.engine.Now()),
		Message: fmt.Sprintf("wave %d of %d is out; what becomes of it is looked at until %s", state.Wave+1, len(state.Until), until.Format(time.TimeOnly)),
	})
	reason, err := x.lookAtWave(ctx, s, now, until)
	if err != nil || ctx.Err() != nil {
		if ctx.Err() == nil {
			x.fail(err)
		}
		return false
	}
	state.Since = time.Time{}
	if state.Stopped = reason; reason == "" {
		state.Wave++
	}
	x.keepRollout(ctx, s, state)
	return reason == ""
}

func (x *execution) keepRollout(ctx context.Context, s *engine.Step, state *engine.RolloutState) {
	if err := x.engine.Ledger.KeepRollout(context.WithoutCancel(ctx), x.deliveryKey(s, ""), *state); err != nil {
		x.fail(err)
	}
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

// checkReceiver refuses a rollout while nobody hears what becomes of its messages, unless the user wants it so.
func (x *execution) checkReceiver(ctx context.Context, steps []*engine.Step) error {
	if x.req.NoReceiver || x.req.Receives {
		return nil
	}
	for _, s := range steps {
		if !x.selected(s) {
			continue
		}
		if err := x.checkReceiver(ctx, s.Steps); err != nil {
			return err
		}
		if s.ForEach == nil || s.ForEach.Rollout == nil || !x.reaches(s) {
			continue
		}
		alive, err := x.engine.Ledger.Listening(ctx)
		if err != nil || alive.After(x.engine.Now()) {
			return err
		}
		return diag.List{{
			Severity: diag.Error, Code: "no-receiver", Range: s.ForEach.Rollout.Range,
			Summary: "a rollout looks at what becomes of its messages, and no receiver of webhooks is alive on this ledger",
			Detail:  "Without it every wave would look well. Nothing was sent.",
			Hint:    "start waybill serve on this ledger, or say --no-receiver",
		}}.Err()
	}
	return nil
}

// planWaves says which waves a plan's rollouts have, and how far they have come.
func (x *execution) planWaves(ctx context.Context, top *sequence, steps []*engine.Step) ([]engine.PlanRollout, error) {
	var rollouts []engine.PlanRollout
	for _, s := range steps {
		if s.ForEach == nil || s.ForEach.Rollout == nil || !x.reaches(s) || s.ForEach.From.Uses("steps") {
			continue
		}
		p := engine.PlanRollout{Step: s}
		if x.engine.Ledger != nil {
			state, err := x.engine.Ledger.Rollout(ctx, x.deliveryKey(s, ""))
			if err != nil {
				return nil, err
			}
			if state != nil {
				p.Sizes, p.Wave, p.Stopped = state.Sizes, state.Wave, state.Stopped
			}
		}
		if p.Sizes == nil {
			var err error
			if _, p.Sizes, err = x.divide(ctx, top, s); err != nil {
				return nil, err
			}
		}
		rollouts = append(rollouts, p)
	}
	return rollouts, nil
}
