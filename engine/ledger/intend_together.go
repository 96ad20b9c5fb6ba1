package ledger

import (
	"context"
	"database/sql/driver"

	"waybill/engine/delivery"
)

// waitingIntent is an intent that is decided with the others of its group, after all else that is in it. Nobody was told yet of anything
// in the group, so that this order is as good as the one in which it came.
type waitingIntent struct {
	*submission
	*intend
}

// intentRoom is what the intents of a group need room for.
type intentRoom struct {
	waiting []waitingIntent
	list    []*intend
	values  []driver.Value
}

// waits says whether an intent may be decided with others. Where a bound counts what others intend, and where it is the further delivery of
// an item, each is decided by what the one before left.
func (o *intend) waits() bool { return !o.asks && !o.intent.Bounded() && o.intent.Key.Again == 0 }

// intendTogether decides intents, of which many need one statement. An error is SQLite's.
func (t *transaction) intendTogether(waiting []waitingIntent) error {
	ready := waiting[:0]
	for _, w := range waiting {
		w.Err = w.prepare(t)
		switch {
		case isSQLite(w.Err):
			return w.Err
		case w.Err == nil:
			ready = append(ready, w)
		}
	}
	for len(ready) > 0 {
		list := t.room.list[:0]
		for _, w := range ready[:atOnce(len(ready))] {
			list = append(list, w.intend)
		}
		t.room.list = list
		if err := t.insertIntents(list); err != nil {
			return err
		}
		for _, w := range ready[:len(list)] {
			if w.Err = w.grant(t); isSQLite(w.Err) {
				return w.Err
			}
		}
		ready = ready[len(list):]
	}
	return nil
}

// The statements that make rows of new deliveries whose first requests may be made now, without a look whether they are new.
const (
	insertIntents = `INSERT INTO delivery (step, item, number, run, recipient, business, digest, line, state, attempts, intended_at, room, mould, text) VALUES `
	oneIntent     = `(?, ?, ?, ?, ?, ?, ?, ?, 2, 1, ?, zeroblob(64), ?, ?)`
	fourIntents   = oneIntent + ", " + oneIntent + ", " + oneIntent + ", " + oneIntent
	manyIntents   = fourIntents + ", " + fourIntents + ", " + fourIntents + ", " + fourIntents
	unlessThere   = ` ON CONFLICT DO NOTHING`
)

// atOnce is how many of n intents the next statement takes.
func atOnce(n int) int {
	switch {
	case n >= 16:
		return 16
	case n >= 4:
		return 4
	}
	return 1
}

func insertSQL(n int) string {
	switch n {
	case 16:
		return insertIntents + manyIntents + unlessThere
	case 4:
		return insertIntents + fourIntents + unlessThere
	}
	return insertIntents + oneIntent + unlessThere
}

// insertIntents makes the rows of as many intents as atOnce said, and gives each the id of its row; 0: the ledger had it.
func (t *transaction) insertIntents(list []*intend) error {
	args := t.room.values[:0]
	for _, o := range list {
		i := &o.intent
		business, err := t.businessOf(i.NumberID)
		if err != nil {
			return err
		}
		mould, values, err := t.textOf(&i.Text)
		if err != nil {
			return err
		}
		args = append(args, o.step, i.Key.Item, int64(i.Key.Number()), o.run, packRecipient(i.Recipient), business, packDigest(i.Digest),
			int64(i.Row), o.at.UnixMilli(), mould, values)
	}
	t.room.values = args
	made, last, err := t.exec(insertSQL(len(list)), args...)
	if err != nil {
		return err
	}
	before := last - made // a new row has the number after the last
	if made == int64(len(list)) {
		for k, o := range list {
			o.id = delivery.ID(before + 1 + int64(k))
		}
		return nil
	}
	for _, o := range list {
		o.id = 0
	}
	if made == 0 {
		return nil
	}
	return t.findMade(list, before)
}

// findMade gives their ids to those of several intents that were new. Of two for one item the first was.
func (t *transaction) findMade(list []*intend, before int64) error {
	type place struct {
		step int64
		item string
	}
	made := make(map[place]delivery.ID, len(list))
	err := t.query(context.Background(), `SELECT step, item, id FROM delivery WHERE id > ?`, func(v []driver.Value) error {
		made[place{asInt(v[0]), asText(v[1])}] = delivery.ID(asInt(v[2]))
		return nil
	}, before)
	if err != nil {
		return err
	}
	for _, o := range list {
		p := place{o.step, o.intent.Key.Item}
		o.id = made[p]
		delete(made, p)
	}
	return nil
}
