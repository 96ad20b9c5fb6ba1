package runner

import (
	"context"
	"errors"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/spill"
)

// templateDay is who got, or would get, a template within a day. Where the job has no limit for it they are only counted, and kept out of
// memory.
type templateDay struct {
	limited *delivery.People // nil: there is no limit
	counted spill.Table
	before  int // how many they were before the plan
}

// loadDay reads, once, who got a template within the last day.
func (r *peopleReached) loadDay(ctx context.Context, x *execution) error {
	if r.day != nil {
		return nil
	}
	day := &templateDay{}
	var failed error
	people := func(yield func(string, time.Time) bool) {
		if x.engine.Ledger == nil {
			return
		}
		f := engine.ReachFilter{Since: x.engine.Now().Add(-delivery.Day), Templates: true}
		failed = r.each(ctx, x, f, func(person string, d engine.Reached) { _ = yield(person, d.At) })
	}
	if x.reach().PerDay > 0 {
		day.limited = delivery.NewPeople(people)
	} else {
		for person := range people {
			day.counted.Meet(placeOf("", person), 0)
		}
	}
	if err := errors.Join(failed, day.counted.Err()); err != nil {
		return errors.Join(err, day.counted.Close())
	}
	day.before = day.count(x.engine.Now())
	r.day = day
	return nil
}

// meet notes that a person gets a template.
func (d *templateDay) meet(person string, now time.Time) error {
	if d.limited != nil {
		d.limited.Meet(person, now)
		return nil
	}
	d.counted.Meet(placeOf("", person), 0)
	return d.counted.Err()
}

// until says until when a person waits for a place; zero: there is one.
func (d *templateDay) until(person string, most int, now time.Time) time.Time {
	if d.limited == nil {
		return time.Time{}
	}
	return d.limited.Until(person, most, now)
}

// count is how many they are.
func (d *templateDay) count(now time.Time) int {
	if d.limited != nil {
		return d.limited.Count(now)
	}
	return d.counted.Len()
}

// meetTemplate notes that a plan would send a template to a person.
func (r *peopleReached) meetTemplate(ctx context.Context, x *execution, c *candidate) error {
	if c.call == nil || !isTemplate(c.op) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(ctx, x, c.step); err != nil {
		return err
	}
	if err := r.loadDay(ctx, x); err != nil {
		return err
	}
	person, err := r.aliases.person(ctx, x.engine.Ledger, x.known(c.call.Message.Recipient))
	if err == nil {
		err = r.day.meet(person, x.engine.Now())
	}
	return err
}

// ofDay says how many people get templates within a day; nil where the plan sends none.
func (r *peopleReached) ofDay(x *execution) *engine.PlanDay {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.day == nil {
		return nil
	}
	day := &engine.PlanDay{Before: r.day.before, After: r.day.count(x.engine.Now()), Limit: x.req.Job.Limits.PerDay}
	_ = r.day.counted.Close() // it is empty then, and not asked any more
	return day
}
