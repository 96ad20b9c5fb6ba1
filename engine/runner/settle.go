package runner

import (
	"context"
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/wording"
)

// settleByDefault is how long a run listens for what becomes of its messages while a receiver is alive.
const settleByDefault = 30 * time.Second

// settle stays after the last message until it is known what became of all of them, or for as long as the job, the user or the
// receiver gives reason to. The user's interrupt ends it.
func (x *execution) settle(ctx context.Context) error {
	most, err := x.settleTime(ctx)
	if err != nil || most <= 0 || !x.sends {
		return err
	}
	deadline, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	quiet := x.engine.Now().Add(quietSettling)
	for told := false; ; {
		open, err := x.open(ctx)
		if err != nil || open == 0 {
			return err
		}
		if !told && !x.engine.Now().Before(quiet) {
			told = true
			x.tellSettling(open, most)
		}
		last := x.req.Expecting != nil && !x.req.Expecting()
		until, cancel := deadline, func() {}
		if !told {
			until, cancel = context.WithTimeout(deadline, quiet.Sub(x.engine.Now()))
		}
		more, err := x.hear(until, last)
		cancel()
		if err != nil || !more && (told || last || deadline.Err() != nil) {
			return err
		}
	}
}

// quietSettling is how long a run settles before it says so.
const quietSettling = 5 * time.Second

// tellSettling says what a run waits for that has sent all it could.
func (x *execution) tellSettling(open int, most time.Duration) {
	left := most - quietSettling
	x.tell(engine.Event{
		Kind: engine.Waiting, Reason: "settle", Count: open, Wait: left,
		Message: fmt.Sprintf("nothing is left to send; for up to %s more it is awaited what becomes of %s (Ctrl-C ends that)", left.Round(time.Second), wording.Plural(open, "message")),
	})
}

// lastWord is how long a webhook may be under way that the sandbox has sent and the ledger does not have.
const lastWord = 250 * time.Millisecond

// hear waits for a change of the ledger. last: no further webhook is expected, but for one under way. It says whether one came.
func (x *execution) hear(ctx context.Context, last bool) (more bool, err error) {
	if last {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, lastWord)
		defer cancel()
	}
	if err := x.engine.Ledger.Change(ctx); err != nil {
		if ctx.Err() != nil {
			err = nil
		}
		return false, err
	}
	return true, nil
}

// settleTime is how long settle stays at most.
func (x *execution) settleTime(ctx context.Context) (time.Duration, error) {
	switch {
	case x.req.Settle != nil:
		return *x.req.Settle, nil
	case x.req.Job.Settle != nil:
		return *x.req.Job.Settle, nil
	case x.req.Receives:
		return settleByDefault, nil
	}
	alive, err := x.engine.Ledger.Listening(ctx)
	if err != nil || !alive.After(x.engine.Now()) {
		return 0, err
	}
	return settleByDefault, nil
}

// open counts the run's messages of which it is not known whether they arrive.
func (x *execution) open(ctx context.Context) (int, error) {
	tally, err := x.engine.Ledger.Tally(ctx, engine.DeliveryFilter{
		Run: x.run.ID, States: []delivery.State{delivery.Accepted, delivery.Sent, delivery.InDoubt},
	})
	return tally[delivery.Accepted] + tally[delivery.Sent] + tally[delivery.InDoubt], err
}

// unexcused says whether a message of the run, or one that it met, failed after it was accepted, and the job does not bear it: not by continueOnError, and not
// by a later message of the item that made up for it.
func (x *execution) unexcused(ctx context.Context) (bool, error) {
	kept, err := x.engine.Ledger.Run(ctx, x.run.ID)
	if err != nil || kept.Counts.Undelivered == 0 {
		return false, err
	}
	for d, err := range x.engine.Ledger.Deliveries(ctx, engine.DeliveryFilter{SeenBy: x.run.ID, States: []delivery.State{delivery.Failed}}) {
		if err != nil {
			return false, err
		}
		borne, err := x.borne(ctx, d)
		if err != nil || !borne {
			return !borne, err
		}
	}
	return false, nil
}

// borne says whether the job bears that a delivery failed after it was accepted.
func (x *execution) borne(ctx context.Context, d delivery.Delivery) (bool, error) {
	s := x.req.Job.StepNamed(d.Key.Step)
	if s == nil || s.ContinueOnError {
		return s != nil, nil
	}
	var keys []delivery.Key
	for _, later := range x.after[s] {
		if _, sends := later.Sender(); sends {
			keys = append(keys, x.deliveryKey(later, d.Key.Item))
		}
	}
	if !asksAbout(x.after[s]) || len(keys) == 0 {
		return false, nil
	}
	found, err := x.engine.Ledger.Lookup(ctx, keys)
	for _, instead := range found {
		if instead.State.Succeeded() {
			return true, err
		}
	}
	return false, err
}

// bearsLateFailures says whether a step of the job may bear that its message fails after it was accepted: see borne.
func bearsLateFailures(j *engine.Job) bool {
	after := stepsAfter(j.Steps, map[*engine.Step][]*engine.Step{})
	for s := range j.AllSteps() {
		if _, sends := s.Sender(); sends && (s.ContinueOnError || asksAbout(after[s])) {
			return true
		}
	}
	return false
}

// asksAbout says whether one of the steps that follow a message asks what became of it, and bears the answer.
func asksAbout(after []*engine.Step) bool {
	for _, later := range after {
		if _, sends := later.Sender(); !sends && later.Operation != nil && later.ContinueOnError && later.Params != nil && later.Params.Uses("steps") {
			return true
		}
	}
	return false
}

// stepsAfter finds the steps that follow each one in its sequence.
func stepsAfter(steps []*engine.Step, into map[*engine.Step][]*engine.Step) map[*engine.Step][]*engine.Step {
	for i, s := range steps {
		into[s] = steps[i+1:]
		stepsAfter(s.Steps, into)
	}
	return into
}
