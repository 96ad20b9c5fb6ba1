package ledger

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"waybill/engine"
	"waybill/engine/delivery"
)

// tell keeps news of a run: that a delivery of it failed after it was accepted, or (0) that an order was given to it.
func (t *transaction) tell(run string, seq, delivery int64) error {
	_, _, err := t.exec(`INSERT INTO news (run, delivery) VALUES (?, ?)`, seq, orNull(int(delivery)))
	t.news = append(t.news, run)
	return err
}

// Give keeps a person's order to a run; see engine.Recorder. engine.ErrNotFound: it was never started.
func (l *Ledger) Give(ctx context.Context, run string, o engine.Order) error {
	return l.write(ctx, &give{run, o})
}

type give struct {
	run   string
	order engine.Order
}

func (o *give) apply(t *transaction) error {
	if o.order.At.IsZero() {
		o.order.At = t.now
	}
	run, err := t.runOf(o.run)
	if err != nil {
		return err
	}
	order, err := json.Marshal(o.order)
	if err != nil {
		return fmt.Errorf("give an order to run %q: %w", o.run, err)
	}
	column := "ordered"
	if o.order.Kind == engine.OrderCancel {
		column = "cancelled"
	}
	if _, _, err := t.exec(`UPDATE run SET `+column+` = ? WHERE seq = ?`, string(order), run); err != nil {
		return err
	}
	if o.order.Kind == engine.OrderCancel {
		if err := t.cancelWaiting(run, o.order); err != nil {
			return err
		}
	}
	return t.tell(o.run, run, 0)
}

// Ordered returns the last order that was given to a run and not taken back; see engine.Reader.
func (l *Ledger) Ordered(ctx context.Context, run string) (*engine.Order, error) {
	var o *engine.Order
	err := l.readers.use(func(c *connection) (err error) {
		o, err = c.ordered(ctx, run)
		return err
	})
	return o, err
}

func (c *connection) ordered(ctx context.Context, run string) (*engine.Order, error) {
	var o *engine.Order
	err := c.query(ctx, `SELECT coalesce(ordered, cancelled) FROM run WHERE id = ? AND coalesce(ordered, cancelled) IS NOT NULL`, func(v []driver.Value) error {
		o = new(engine.Order)
		if err := json.Unmarshal([]byte(asText(v[0])), o); err != nil {
			return fmt.Errorf("%w: %w", engine.ErrDamaged, err)
		}
		return nil
	}, run)
	if err != nil {
		return nil, fmt.Errorf("read the order to run %q: %w", run, err)
	}
	return o, nil
}

// Watch blocks until there are news of a run; see engine.Waiter. An order that stands already is news of the first question (after 0).
// A cursor is the row of the first news that were not told.
func (l *Ledger) Watch(ctx context.Context, run string, after int64) (engine.News, error) {
	first := after <= 0
	news := engine.News{Cursor: after}
	err := l.notifier.Watch(ctx, run, func() (told bool, err error) {
		err = l.readers.use(func(c *connection) (err error) {
			told, err = c.newsOf(ctx, run, &news)
			return err
		})
		if err != nil {
			return false, fmt.Errorf("watch run %q: %w", run, err)
		}
		told = told || first && news.Order != nil
		first = false
		return told, nil
	})
	return news, err
}

// newsOf reads what happened to a run from a cursor on, and moves the cursor behind it.
func (c *connection) newsOf(ctx context.Context, run string, news *engine.News) (told bool, err error) {
	from := news.Cursor
	if news.Cursor, err = c.number(`SELECT coalesce(max(seq), 0) + 1 FROM news`); err != nil {
		return false, err
	}
	if news.Order, err = c.ordered(ctx, run); err != nil || from <= 0 {
		return false, err
	}
	var ids []delivery.ID
	err = c.query(ctx, `SELECT DISTINCT delivery, run = 0, person FROM news WHERE seq >= ? AND seq < ? AND run IN (0, (SELECT seq FROM run WHERE id = ?))`,
		func(v []driver.Value) error {
			switch {
			case v[2] != nil:
				news.Persons, told = append(news.Persons, asText(v[2])), true
			case asInt(v[1]) != 0:
				news.OptOuts, told = true, true
			case v[0] == nil:
				told = true
			default:
				ids = append(ids, delivery.ID(asInt(v[0])))
			}
			return nil
		}, from, news.Cursor, run)
	for _, id := range ids {
		if err != nil {
			return told, err
		}
		var l *loaded
		if l, err = c.byID(id); l == nil {
			continue
		}
		if o, _ := l.Outcome(run); o == delivery.OutcomeUndelivered { // else it arrived after all
			news.Failures, told = append(news.Failures, l.Delivery()), true
		}
	}
	return told, err
}
