package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/delivery"
)

// Intend decides a delivery; see engine.Ledger. It grants what Allowed.Action lets be sent. It needs the Lock
// (engine.ErrNotLocked), a run that was started (engine.ErrNotFound), and room on the disk for the outcome (engine.ErrFull).
func (l *Ledger) Intend(ctx context.Context, i delivery.Intent) (delivery.Ticket, error) {
	o := &intend{intent: i}
	if err := l.write(ctx, o); err != nil {
		return delivery.Ticket{}, err
	}
	return delivery.Ticket{
		Delivery: o.id, Attempt: o.attempt, At: o.at,
		Callback: l.keys.NewCallback(o.id, o.attempt, o.intent.Key.Hash()),
	}, nil
}

// HasPlace asks whether an intent would be refused for its place; see engine.Dispatcher.
func (l *Ledger) HasPlace(ctx context.Context, i delivery.Intent) error {
	return l.write(ctx, &intend{intent: i, asks: true})
}

type intend struct {
	intent delivery.Intent
	asks   bool // for a place, and nothing more

	step, run int64 // their rows
	id        delivery.ID
	attempt   int
	at        time.Time
}

func (o *intend) apply(t *transaction) error {
	if err := o.prepare(t); err != nil || o.asks {
		return err
	}
	if err := t.insertIntents([]*intend{o}); err != nil {
		return err
	}
	return o.grant(t)
}

// prepare decides all but whether the delivery is new.
func (o *intend) prepare(t *transaction) (err error) {
	if !t.lock.held {
		return fmt.Errorf("%w: nothing may be sent without it", engine.ErrNotLocked)
	}
	if t.full != nil {
		return t.full
	}
	o.intent = t.known.Intent(o.intent)
	i := &o.intent
	if o.run, err = t.runOf(i.Run); err != nil {
		return err
	}
	if o.step, err = t.stepOf(i.Key); err != nil {
		return err
	}
	if err := t.checkReach(i); err != nil {
		return engine.WithoutPlace(err, i, func() (*delivery.Record, error) { return t.newestRecord(o.step, i.Key.Item) })
	}
	if o.asks {
		return nil
	}
	if err := t.noteTemplate(i, o.step); err != nil {
		return err
	}
	o.at = t.now.Truncate(time.Millisecond).UTC()
	if i.Key.Again > 0 {
		newest, err := t.newestRecord(o.step, i.Key.Item)
		if err != nil {
			return err
		}
		return engine.MayFollow(i, newest)
	}
	return nil
}

// grant allows the request. id is the row that was made; 0: the ledger had it.
func (o *intend) grant(t *transaction) (err error) {
	i := &o.intent
	o.attempt = 1
	switch {
	case o.id == 0:
		o.id, o.attempt, err = t.intendAgain(i, o.step, o.run, o.at)
	case t.unclaimed:
		t.count(o.run, delivery.OutcomeUnderWay, 1)
		err = t.begin(o.id, i, o.run, o.at)
	default:
		t.count(o.run, delivery.OutcomeUnderWay, 1)
	}
	if err == nil && o.attempt == 1 {
		err = t.doubtNew(o.id, i)
	}
	if err == nil && i.Template {
		err = t.meetToday(i)
	}
	if err == nil {
		t.allowed(o.id, grant{attempt: o.attempt, run: o.run, intent: i, at: o.at})
	}
	return err
}

// begin makes of the row that insertIntents made what its delivery is, with what came for it before.
func (t *transaction) begin(id delivery.ID, i *delivery.Intent, run int64, at time.Time) error {
	heard, err := t.claim(id, run, i.Key)
	if err != nil {
		return err
	}
	r, decided := delivery.Begin(*i, at, heard...)
	r.ID = id
	before := []delivery.Outcome{delivery.OutcomeUnderWay}
	if err := t.save(&loaded{Record: *r, run: run, state: delivery.Intended, before: before}); err != nil || decided == nil {
		return err
	}
	return &delivery.DecidedError{Delivery: r.Delivery()}
}

// claim gives a new delivery the statuses that came for it before it was intended: this ledger was restored from a backup, and
// the message was sent in the time that is lost.
func (t *transaction) claim(id delivery.ID, run int64, k delivery.Key) ([]delivery.Observation, error) {
	const first = 1
	var messages []string
	err := t.query(context.Background(), `SELECT DISTINCT message FROM status WHERE delivery IS NULL AND callback = ?`,
		func(v []driver.Value) error {
			messages = append(messages, unpackMessage(v[0]))
			return nil
		}, t.ledger.keys.Code(first, k.Hash()))
	if err != nil {
		return nil, err
	}
	var heard []delivery.Observation
	for _, m := range messages {
		if _, err := t.attach(id, run, first, m); err != nil {
			return nil, err
		}
		s, err := t.standingOf(m)
		if err != nil {
			return nil, err
		}
		heard = append(heard, delivery.Observation{Attempt: first, MessageID: m, Standing: s, Seen: t.now})
	}
	return heard, nil
}

// newestOf loads the last delivery of an item; nil: there is none.
func (t *transaction) newestOf(step int64, item string) (*loaded, error) {
	return t.one(`WHERE d.step = ? AND d.item = ? ORDER BY d.number DESC LIMIT 1`, step, item)
}

// newestRecord is newestOf, for what decides.
func (t *transaction) newestRecord(step int64, item string) (*delivery.Record, error) {
	l, err := t.newestOf(step, item)
	if l == nil {
		return nil, err
	}
	return &l.Record, err
}

// intendAgain opens a further request for a delivery that the ledger has.
func (t *transaction) intendAgain(i *delivery.Intent, step, run int64, at time.Time) (delivery.ID, int, error) {
	l, err := t.newestOf(step, i.Key.Item)
	if err != nil {
		return 0, 0, err
	}
	if l == nil {
		return 0, 0, fmt.Errorf("%w: a delivery is there and cannot be read", engine.ErrDamaged)
	}
	if l.Key != i.Key { // a further one was made of the item since
		return 0, 0, &delivery.DecidedError{Delivery: l.Delivery()}
	}
	if err := l.Intend(*i, at); err != nil {
		return 0, 0, err
	}
	l.run = run
	if err := t.save(l); err != nil {
		return 0, 0, err
	}
	return l.ID, len(l.Attempts), t.keepTextAgain(l.ID, len(l.Attempts), &i.Text)
}
