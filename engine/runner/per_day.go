package runner

import (
	"context"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// loadDay reads, once, who got a template within the last day.
func (r *peopleReached) loadDay(ctx context.Context, x *execution) error {
	if r.day != nil {
		return nil
	}
	if x.engine.Ledger == nil {
		r.day = &delivery.People{}
		return nil
	}
	var failed error
	day := delivery.NewPeople(func(yield func(string, time.Time) bool) {
		f := engine.ReachFilter{Since: x.engine.Now().Add(-delivery.Day), Templates: true}
		failed = r.each(ctx, x, f, func(person string, d engine.Reached) { _ = yield(person, d.At) })
	})
	if failed != nil {
		return failed
	}
	r.day, r.today = day, day.Count(x.engine.Now())
	return nil
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
		r.day.Meet(person, x.engine.Now())
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
	return &engine.PlanDay{Before: r.today, After: r.day.Count(x.engine.Now()), Limit: x.req.Job.Limits.PerDay}
}
