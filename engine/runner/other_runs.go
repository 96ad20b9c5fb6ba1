package runner

import (
	"context"
	"errors"
	"slices"
	"time"

	"waybill/engine"
)

// Which number writes to a person whom none wrote to before is decided by a hash, which all jobs of the same numbers share. Where other
// runs are under way, of other numbers maybe, the ledger decides it in the step of the intent: who writes first. That costs each message a
// look, and so is done only then.

// othersEvery is how often a run that sends from several numbers looks whether others are under way.
const othersEvery = time.Second

// meetOthers looks whether other runs are under way. Where one is, it waits until that one has looked, too.
func (x *execution) meetOthers(ctx context.Context) error {
	if len(x.writers.numbers) == 0 {
		return nil
	}
	found, err := x.lookForOthers(ctx)
	if err != nil || !found {
		return err
	}
	_ = rest(ctx, 2*othersEvery) // whoever ends the run sees it
	return nil
}

// watchOthers looks for others until ctx ends. What cannot be read is as if there were some.
func (x *execution) watchOthers(ctx context.Context) {
	for len(x.writers.numbers) > 0 && rest(ctx, othersEvery) == nil {
		if _, err := x.lookForOthers(ctx); err != nil {
			x.writers.others.Store(true)
		}
	}
}

// lookForOthers notes whether another run is under way. Once there was one it counts until the end: the people that it wrote to are not
// among those that were read when this run began.
func (x *execution) lookForOthers(ctx context.Context) (bool, error) {
	for run, err := range x.engine.Ledger.Runs(ctx, engine.RunFilter{Status: engine.RunRunning}) {
		if err != nil {
			return false, err
		}
		if run.ID != x.run.ID {
			x.writers.others.Store(true)
		}
	}
	return x.writers.others.Load(), nil
}

// rest passes d, or returns the cause of ctx when that ends first.
func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// writersOf are the numbers of which the first to write to the person is to go on; none where that is known, or nobody else writes.
func (d *dispatch) writersOf() []string {
	if !d.unwritten || !d.x.writers.others.Load() {
		return nil
	}
	var ids []string
	for _, n := range d.call.Numbers {
		if !slices.Contains(d.x.writers.numbers, n.PhoneNumberID) { // it differs from row to row
			return nil
		}
		ids = append(ids, n.PhoneNumberID)
	}
	return ids
}

// otherNumber makes a message anew, to go by the number that wrote to its person first; ok is false for another error of Ledger.Intend.
func (d *dispatch) otherNumber(ctx context.Context, refusal error) (err error, ok bool) {
	other, is := errors.AsType[*engine.OtherNumberError](refusal)
	if !is {
		return nil, false
	}
	person, err := d.x.writers.person(ctx, d.x.engine.Ledger, d.x.known(d.call.Message.Recipient))
	if err == nil {
		err = d.x.writers.wrote(person, other.NumberID)
	}
	if err == nil {
		d.place = nil // it was one of the number before
		err = d.x.render(ctx, &d.candidate)
	}
	return err, true
}
