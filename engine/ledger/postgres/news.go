package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
)

// tell keeps news of a run: that a delivery of it failed after it was accepted, or (nil) that an order was given to it.
func (t *transaction) tell(run string, seq int64, id *delivery.ID) error {
	var row *int64
	if id != nil {
		n := int64(*id)
		row = &n
	}
	_, err := t.exec(`INSERT INTO waybill.news (run, delivery) VALUES ($1, $2)`, seq, row)
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
	if _, err := t.exec(`UPDATE waybill.run SET `+column+` = $1 WHERE seq = $2`, putText(string(order)), run); err != nil {
		return err
	}
	if o.order.Kind == engine.OrderCancel {
		if err := t.cancelWaiting(run, o.order); err != nil {
			return err
		}
	}
	return t.tell(o.run, run, nil)
}

// Ordered returns the last order that was given to a run and not taken back; see engine.Reader.
func (l *Ledger) Ordered(ctx context.Context, run string) (*engine.Order, error) {
	var order text
	err := l.query(ctx, `SELECT coalesce(ordered, cancelled) FROM waybill.run WHERE id = $1`, func(rows pgx.Rows) error {
		return rows.Scan(&order)
	}, putText(run))
	var o *engine.Order
	if err == nil {
		o, err = orderOf(order)
	}
	if err != nil {
		return nil, fmt.Errorf("read the order to run %q: %w", run, err)
	}
	return o, nil
}

// orderOf reads an order as it is kept; nil: there is none.
func orderOf(kept text) (*engine.Order, error) {
	if kept == "" {
		return nil, nil
	}
	o := new(engine.Order)
	if err := json.Unmarshal([]byte(kept), o); err != nil {
		return nil, fmt.Errorf("%w: %w", engine.ErrDamaged, err)
	}
	return o, nil
}

// cursors are what this process has seen of the news of runs. Numbers of rows would not do: they are not in the order in which
// transactions end. So a cursor stands for a snapshot, and news are what was not visible in it.
type cursors struct {
	mu    sync.Mutex
	last  int64
	given map[int64]cursor
}

type cursor struct{ run, snapshot string }

// give returns the number of a snapshot, and forgets the one before it.
func (c *cursors) give(before int64, run, snapshot string) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.given, before)
	c.last++
	c.given[c.last] = cursor{run, snapshot}
	return c.last
}

// of returns the snapshot of a cursor; empty: it is none of a run's in this process.
func (c *cursors) of(n int64, run string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found := c.given[n]; found.run == run {
		return found.snapshot
	}
	return ""
}

// Watch blocks until there are news of a run; see engine.Waiter. An order that stands already is news of the first question (after 0). A
// cursor is of this process alone; another's is taken for the first question.
func (l *Ledger) Watch(ctx context.Context, run string, after int64) (engine.News, error) {
	news := engine.News{Cursor: after}
	first := l.cursors.of(after, run) == ""
	err := l.notifier.Watch(ctx, run, func() (bool, error) {
		told, err := l.newsOf(ctx, run, &news)
		if err != nil {
			return false, fmt.Errorf("watch run %q: %w", run, err)
		}
		told = told || first && news.Order != nil
		first = false
		return told, nil
	})
	return news, err
}

// newsOf reads what happened to a run since a cursor, and moves the cursor behind it.
func (l *Ledger) newsOf(ctx context.Context, run string, news *engine.News) (told bool, err error) {
	since := l.cursors.of(news.Cursor, run)
	var snapshot string
	var order text
	ids, persons := map[delivery.ID]bool{}, map[string]bool{}
	err = l.query(ctx, `SELECT snapshot, given, seq, delivery, run, person FROM waybill.news_of($1, $2)`, func(rows pgx.Rows) error {
		var seq, id, of num
		var person text
		if err := rows.Scan(&snapshot, &order, &seq, &id, &of, &person); err != nil {
			return err
		}
		switch {
		case seq == 0:
		case person != "":
			persons[string(person)], told = true, true
		case of == 0:
			news.OptOuts, told = true, true
		case id == 0:
			told = true
		default:
			ids[delivery.ID(id)] = true
		}
		return nil
	}, putText(run), since)
	if err != nil {
		return false, err
	}
	news.Cursor = l.cursors.give(news.Cursor, run, snapshot)
	if news.Order, err = orderOf(order); err != nil || since == "" {
		return false, err
	}
	for person := range persons {
		news.Persons = append(news.Persons, person)
	}
	for id := range ids {
		d, undelivered, err := l.undelivered(ctx, id, run)
		if err != nil {
			return told, err
		}
		if undelivered { // else it arrived after all
			news.Failures, told = append(news.Failures, d), true
		}
	}
	return told, nil
}

// undelivered says whether a run counts a delivery as undelivered, and how it stands.
func (l *Ledger) undelivered(ctx context.Context, id delivery.ID, run string) (d delivery.Delivery, is bool, err error) {
	err = l.inSnapshot(ctx, func(c *connection) error {
		var r *row
		err := c.query(`SELECT `+recordColumns+recordFrom+`WHERE d.id = $1`, func(rows pgx.Rows) (err error) {
			r, err = newRowScanner().scan(rows)
			return err
		}, int64(id))
		if err != nil || r == nil {
			return err
		}
		whole := &loaded{Record: r.Record()}
		if err := c.loadRest(whole, nil); err != nil {
			return err
		}
		o, _ := whole.Outcome(run)
		d, is = r.Told(), o == delivery.OutcomeUndelivered
		return nil
	})
	return d, is, err
}
