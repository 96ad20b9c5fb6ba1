package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/delivery"
)

// Intend decides a delivery; see engine.Dispatcher. It needs the Lock (engine.ErrNotLocked), a run that was started
// (engine.ErrNotFound), and room on the database's disk (engine.ErrFull).
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

	id      delivery.ID
	attempt int
	at      time.Time
}

func (o *intend) apply(t *transaction) error {
	if !t.w.lock.held || t.w.lock.ended {
		return t.w.notLocked()
	}
	o.intent = t.known.Intent(o.intent)
	i := &o.intent
	run, err := t.runOf(i.Run)
	if err != nil {
		return err
	}
	if err := t.join(run); err != nil {
		return err
	}
	step, err := t.stepOf(i.Key)
	if err != nil {
		return err
	}
	if err := t.checkReach(i); err != nil {
		return engine.WithoutPlace(err, i, func() (*delivery.Record, error) { return t.newestRecord(step, i.Key.Item) })
	}
	if o.asks {
		return nil
	}
	if err := t.noteTemplate(i, step); err != nil {
		return err
	}
	o.at = t.now.Truncate(time.Millisecond).UTC()
	if i.Key.Again > 0 {
		newest, err := t.newestRecord(step, i.Key.Item)
		if err == nil {
			err = engine.MayFollow(i, newest)
		}
		if err != nil {
			return err
		}
	}
	if r := t.ahead.newestOf(step, i.Key.Item); r == nil || r.Key.Again < i.Key.Again {
		if o.id, err = t.insertIntent(i, step, run, o.at); err != nil {
			return err
		}
	}
	o.attempt = 1
	switch {
	case o.id == 0:
		o.id, o.attempt, err = t.intendAgain(i, step, run, o.at)
	case t.w.unclaimed:
		t.count(run, delivery.OutcomeUnderWay, 1)
		err = t.beginDelivery(o.id, i, run, o.at)
	default:
		t.count(run, delivery.OutcomeUnderWay, 1)
	}
	if err == nil && o.attempt == 1 {
		err = t.doubtNew(o.id, i, o.at)
	}
	if err == nil && i.Template {
		err = t.meetToday(i)
	}
	if err == nil {
		t.grants[o.id] = grant{attempt: o.attempt, run: run, intent: i, at: o.at}
	}
	return err
}

// insertIntent makes the row of a new delivery whose first request may be made now, without a look whether it is new; 0: it is
// not.
func (t *transaction) insertIntent(i *delivery.Intent, step, run int64, at time.Time) (delivery.ID, error) {
	business, err := t.businessOf(i.NumberID)
	if err != nil {
		return 0, err
	}
	mould, values, err := t.textOf(&i.Text)
	if err != nil {
		return 0, err
	}
	id, err := t.number(`INSERT INTO waybill.delivery (step, item, run, recipient, digest, line, owner, state, attempts, intended_at, number, business, mould, text)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 2, 1, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING id`,
		step, putText(i.Key.Item), run, putText(i.Recipient), packDigest(i.Digest), i.Row, t.w.self.id, at.UnixMilli(), i.Key.Number(), business, mould, values)
	return delivery.ID(id), err
}

// beginDelivery makes of the row that insertIntent made what its delivery is, with what came for it before.
func (t *transaction) beginDelivery(id delivery.ID, i *delivery.Intent, run int64, at time.Time) error {
	heard, err := t.claim(id, run, i.Key)
	if err != nil {
		return err
	}
	r, decided := delivery.Begin(*i, at, heard...)
	r.ID = id
	before := []delivery.Outcome{delivery.OutcomeUnderWay}
	l := &loaded{Record: *r, run: run, owner: t.w.self.id, state: delivery.Intended, before: before}
	if err := t.save(l); err != nil || decided == nil {
		return err
	}
	return &delivery.DecidedError{Delivery: r.Delivery()}
}

// claim gives a new delivery the statuses that came for it before it was intended: this ledger was restored from a backup, and
// the message was sent in the time that is lost.
func (t *transaction) claim(id delivery.ID, run int64, k delivery.Key) ([]delivery.Observation, error) {
	const first = 1
	var messages []string
	err := t.query(`SELECT DISTINCT message FROM waybill.status WHERE delivery IS NULL AND callback = $1`, func(rows pgx.Rows) error {
		var message []byte
		err := rows.Scan(&message)
		messages = append(messages, unpackMessage(message))
		return err
	}, t.w.l.keys.Code(first, k.Hash()))
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
	if r := t.ahead.newestOf(step, item); r != nil {
		return t.recordOf(t.ahead.take(r.ID))
	}
	return t.one(`WHERE d.step = $1 AND d.item = $2 ORDER BY d.number DESC LIMIT 1`, step, putText(item))
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
	if err := t.takeBack(l); err != nil {
		return 0, 0, err
	}
	if err := l.Intend(*i, at); err != nil {
		return 0, 0, err
	}
	l.run, l.owner = run, t.w.self.id
	if err := t.save(l); err != nil {
		return 0, 0, err
	}
	return l.ID, len(l.Attempts), t.keepTextAgain(l.ID, len(l.Attempts), &i.Text)
}

// takeBack takes back a request that this process was allowed to make by a commit whose answer was lost: it knows that it made none,
// for nobody was told.
func (t *transaction) takeBack(l *loaded) error {
	if l.owner != t.w.self.id || !l.UnderWay() {
		return nil
	}
	if g, granted := t.w.granted[l.ID]; granted && g.attempt == len(l.Attempts) {
		return nil
	}
	if g, granted := t.grants[l.ID]; granted && g.attempt == len(l.Attempts) {
		return nil // by this very group
	}
	l.Settle(delivery.Attempt{
		Delivery: l.ID, Number: len(l.Attempts), Result: delivery.ResultNotSent, Ended: t.now,
		Answer: delivery.Answer{Message: "the database did not say that the request was allowed, and none was made"},
	})
	if err := t.save(l); err != nil {
		return err
	}
	again, err := t.byID(l.ID)
	if err == nil && again != nil {
		*l = *again
	}
	return err
}
