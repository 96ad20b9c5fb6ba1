package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// The errors of Open that tests tell apart.
var (
	ErrEarly       = errEarly
	ErrUnsafePlace = errUnsafePlace
)

// The slow ways: what the fast ones must equal. Each loads a record, calls the transition, and saves.

type slowIntend struct{ *intend }

func (o slowIntend) apply(t *transaction) error {
	t.unclaimed = true
	return o.intend.apply(t)
}

// SlowIntend is Intend which writes what delivery.Begin says.
func (l *Ledger) SlowIntend(ctx context.Context, i delivery.Intent) (delivery.Ticket, error) {
	o := &intend{intent: i}
	if err := l.write(ctx, slowIntend{o}); err != nil {
		return delivery.Ticket{}, err
	}
	callback := l.keys.NewCallback(o.id, o.attempt, i.Key.Hash())
	return delivery.Ticket{Delivery: o.id, Attempt: o.attempt, At: o.at, Callback: callback}, nil
}

type slowSettle struct{ *settle }

func (o slowSettle) apply(t *transaction) error {
	delete(t.granted, o.attempt.Delivery)
	return o.settle.apply(t)
}

// SlowSettle is Settle which remembers nothing of the intent.
func (l *Ledger) SlowSettle(ctx context.Context, a delivery.Attempt) (delivery.Delivery, error) {
	o := &settle{attempt: a, after: &delivery.Delivery{}}
	err := l.write(ctx, slowSettle{o})
	return *o.after, err
}

type slowTakeOver struct{}

func (slowTakeOver) apply(t *transaction) error {
	var ids []int64
	err := t.query(context.Background(), `SELECT id FROM delivery`, func(v []driver.Value) error {
		ids = append(ids, asInt(v[0]))
		return nil
	})
	for _, id := range ids {
		l, loadErr := t.byID(delivery.ID(id))
		if err != nil || loadErr != nil || l == nil {
			return fmt.Errorf("%w, %w", err, loadErr)
		}
		l.TakeOver()
		err = t.save(l)
	}
	return err
}

// SlowTakeOver takes over each delivery by itself.
func (l *Ledger) SlowTakeOver(ctx context.Context) error { return l.write(ctx, slowTakeOver{}) }

// WrongCounts counts all records anew, and says which counts that are kept are others.
func (l *Ledger) WrongCounts(ctx context.Context) error {
	return l.readers.use(func(c *connection) error {
		want, err := c.recount(ctx)
		if err != nil {
			return err
		}
		err = c.query(ctx, `SELECT run, part, outcome, n FROM run_count UNION ALL SELECT met, 2, outcome, n FROM met_count`,
			func(v []driver.Value) error {
				want[countKey{part(asInt(v[1])), asInt(v[0]), delivery.Outcome(asInt(v[2]))}] -= asInt(v[3])
				return nil
			})
		for k, n := range want {
			if n != 0 && err == nil {
				err = fmt.Errorf("%+v is kept as %d too few", k, n)
			}
		}
		return err
	})
}

func (c *connection) recount(ctx context.Context) (counts, error) {
	sets, out := map[int64]form.Set{}, counts{}
	err := c.query(ctx, `SELECT seq, ids FROM met`, func(v []driver.Value) (err error) {
		sets[asInt(v[0])], err = form.UnpackSet(asBytes(v[1]))
		return err
	})
	if err != nil {
		return nil, err
	}
	runs := map[string]int64{}
	if err := c.query(ctx, `SELECT id, seq FROM run`, func(v []driver.Value) error {
		runs[asText(v[0])] = asInt(v[1])
		return nil
	}); err != nil {
		return nil, err
	}
	if err := c.query(ctx, `SELECT run, outcome FROM unsent`, func(v []driver.Value) error {
		out[countKey{ofNotes, asInt(v[0]), delivery.Outcome(asInt(v[1]))}]++
		return nil
	}); err != nil {
		return nil, err
	}
	last, err := c.number(`SELECT max(id) FROM delivery`)
	for id := int64(1); id <= last && err == nil; id++ {
		var d *loaded
		if d, err = c.byID(delivery.ID(id)); d == nil {
			continue
		}
		for run, seq := range runs {
			if o, ok := d.Outcome(run); ok {
				out[countKey{ofDeliveries, seq, o}]++
			}
		}
		for seq, s := range sets {
			if n := s.Attempts(id); n > 0 {
				out[countKey{ofMet, seq, d.OutcomeAt(int(n))}]++
			}
		}
	}
	return out, err
}

// Dump returns the rows of the tables that hold what deliveries are.
func (l *Ledger) Dump(ctx context.Context) (out []string, err error) {
	for _, sql := range []string{
		`SELECT * FROM delivery ORDER BY id`, `SELECT * FROM attempt ORDER BY delivery, number`,
		`SELECT * FROM double_accept ORDER BY delivery, message`, `SELECT * FROM status ORDER BY seq`,
		`SELECT * FROM meta WHERE name = 'sending'`, `SELECT * FROM run_count WHERE n <> 0`, `SELECT * FROM met_count WHERE n <> 0`,
		`SELECT * FROM news`,
	} {
		err := l.readers.query(ctx, sql, func(v []driver.Value) error {
			out = append(out, fmt.Sprint(v))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// togetherIntend is a group of intents.
type togetherIntend struct{ submissions []*submission }

func (o togetherIntend) apply(t *transaction) error {
	var waiting []waitingIntent
	for _, s := range o.submissions {
		waiting = append(waiting, waitingIntent{s, s.Change.(*intend)})
	}
	return t.intendTogether(waiting)
}

// IntendTogether is Intend for several that come at once.
func (l *Ledger) IntendTogether(ctx context.Context, intents []delivery.Intent) ([]delivery.Ticket, []error, error) {
	var o togetherIntend
	for _, i := range intents {
		o.submissions = append(o.submissions, &submission{Change: &intend{intent: i}})
	}
	err := l.write(ctx, o)
	tickets, errs := make([]delivery.Ticket, len(intents)), make([]error, len(intents))
	for n, s := range o.submissions {
		i := s.Change.(*intend)
		if errs[n] = s.Err; s.Err == nil {
			tickets[n] = delivery.Ticket{Delivery: i.id, Attempt: i.attempt, At: i.at}
		}
	}
	return tickets, errs, err
}

// KeepEpoch begins an epoch, as an open ledger does now and then.
func (l *Ledger) KeepEpoch() error { return l.keepEpoch() }
