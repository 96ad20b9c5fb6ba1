package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"

	"waybill/engine/delivery"
)

// The errors of Open that tests tell apart.
var (
	ErrNoLedger    = errNoLedger
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
	callback := l.keys.newCallback(o.id, o.attempt, i.Key.Hash())
	return delivery.Ticket{Delivery: o.id, Attempt: o.attempt, At: o.at, Callback: callback}, nil
}

type slowSettle struct{ *settle }

func (o slowSettle) apply(t *transaction) error {
	delete(t.granted, o.attempt.Delivery)
	return o.settle.apply(t)
}

// SlowSettle is Settle which remembers nothing of the intent.
func (l *Ledger) SlowSettle(ctx context.Context, a delivery.Attempt) (delivery.Delivery, error) {
	o := &settle{attempt: a}
	err := l.write(ctx, slowSettle{o})
	return o.after, err
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

// Dump returns the rows of the tables that hold what deliveries are.
func (l *Ledger) Dump(ctx context.Context) (out []string, err error) {
	for _, sql := range []string{
		`SELECT * FROM delivery ORDER BY id`, `SELECT * FROM attempt ORDER BY delivery, number`,
		`SELECT * FROM double_accept ORDER BY delivery, message`, `SELECT * FROM status ORDER BY seq`,
		`SELECT * FROM meta WHERE name = 'sending'`,
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
