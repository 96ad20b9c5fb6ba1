package ledger

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"iter"
	"time"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/ledger/internal/form"
	"waybill/engine/ledger/internal/watch"
)

// Learn keeps how WhatsApp named people; see engine.Persons. They wait for the next group, unless many do.
func (l *Ledger) Learn(ctx context.Context, named []engine.Identity) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.writer == nil {
		return fmt.Errorf("%w: it was opened for reading", engine.ErrReadOnly)
	}
	if l.writer.isStopped() {
		return engine.ErrClosed
	}
	if l.named.Add(named) < form.NamedAtOnce {
		return nil
	}
	return l.write(ctx, writeNotes{})
}

// keepNamed writes down how people were named.
func (t *transaction) keepNamed(list []engine.Identity) error {
	for _, i := range list {
		i, codes := t.known.Identity(i)
		if err := t.remember(codes); err != nil {
			return err
		}
		if err := t.learn(i); err != nil {
			return err
		}
	}
	return nil
}

func (t *transaction) learn(i engine.Identity) error {
	if !i.Names() {
		return nil
	}
	if i.At.IsZero() {
		i.At = t.now
	}
	i.At = i.At.Truncate(time.Millisecond).UTC()
	known, err := t.concerned(i)
	if err != nil {
		return err
	}
	moves, err := audience.MovesOf(t.links(), cmp.Or(i.WaID, i.Number), i.UserID)
	if err != nil {
		return err
	}
	c := audience.Learn(known, moves, i)
	for _, p := range c.End {
		if err := t.endPair(p, i); err != nil {
			return err
		}
	}
	for _, p := range c.Begin {
		if _, _, err := t.exec(`INSERT INTO pair (number, other, number_id, username, at, ended_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET at = iif(ended_at IS NULL, at, excluded.at), ended_at = excluded.ended_at,
			username = coalesce(excluded.username, username)`, packRecipient(p.Number), packRecipient(p.Other), p.NumberID, orNull(p.Username),
			p.At.UnixMilli(), instant(p.Ended)); err != nil {
			return err
		}
	}
	if len(c.Begin)+len(c.End) == 0 {
		return nil
	}
	if len(moves) > 0 { // what was said under the one id before the person gave the other up
		words, err := t.wordsOf([]string{cmp.Or(i.WaID, i.Number), i.UserID})
		if err == nil {
			err = t.keepOptOuts(words)
		}
		if err != nil {
			return err
		}
	}
	return t.tellOfPairs(append(known, c.Begin...))
}

// endPair ends a pair, and tells of it.
func (t *transaction) endPair(p engine.Pair, now engine.Identity) error {
	if _, _, err := t.exec(`UPDATE pair SET ended_at = ? WHERE number = ? AND other = ? AND number_id = ?`,
		p.Ended.UnixMilli(), packRecipient(p.Number), packRecipient(p.Other), p.NumberID); err != nil {
		return err
	}
	return t.tellOfEnd(p, now)
}

// tellOfPairs tells runs that are under way that ids became one person's, or are so no more, where there is a word about one of them.
// pairs are those that were and those that are.
func (t *transaction) tellOfPairs(pairs []engine.Pair) error {
	ids := map[string]bool{}
	for _, p := range pairs {
		ids[p.Number], ids[p.Other] = true, true
	}
	var args []driver.Value
	for id := range ids {
		args = append(args, packRecipient(id))
	}
	known, err := t.number(`SELECT count(*) FROM opt_out WHERE person IN (`+placeholders(len(args))+`)`, args...)
	if err != nil || known == 0 {
		return err
	}
	for id := range ids {
		if _, _, err := t.exec(`INSERT INTO news (run, person) VALUES (0, ?)`, id); err != nil {
			return err
		}
	}
	t.news = append(t.news, watch.EveryRun)
	return nil
}

// tellOfEnd keeps a notice that a pair holds no more: the number may be another person's now.
func (t *transaction) tellOfEnd(was engine.Pair, now engine.Identity) error {
	n, err := engine.PairEnded(was, now)
	if err != nil {
		return err
	}
	return t.recordNotice(n)
}

const pairColumns = `SELECT number, other, number_id, username, at, ended_at FROM pair`

func scanPair(v []driver.Value) engine.Pair {
	return engine.Pair{
		Number: unpackRecipient(v[0]), Other: unpackRecipient(v[1]), NumberID: asText(v[2]), Username: asText(v[3]),
		At: asTime(v[4]), Ended: asTime(v[5]),
	}
}

// concerned returns the pairs that an identity may change, or is known by: those of its numbers, and of its user id. Whoever else is
// paired with its account is not among them.
func (c *connection) concerned(i engine.Identity) (out []engine.Pair, err error) {
	err = c.query(context.Background(), pairColumns+` WHERE number IN (?, ?) UNION `+pairColumns+` WHERE other = ?`, func(v []driver.Value) error {
		out = append(out, scanPair(v))
		return nil
	}, packRecipient(cmp.Or(i.Number, i.WaID)), packRecipient(cmp.Or(i.WaID, i.Number)), i.UserID)
	return out, err
}

// person returns all ids of a person.
func (c *connection) person(ctx context.Context, id string) ([]string, error) {
	return audience.Person(id, func(id string) (out []engine.Pair, err error) {
		packed := packRecipient(id)
		err = c.query(ctx, pairColumns+` WHERE number = ? AND ended_at IS NULL UNION `+pairColumns+` WHERE other = ? AND ended_at IS NULL LIMIT ?`,
			func(v []driver.Value) error {
				out = append(out, scanPair(v))
				return nil
			}, packed, packed, int64(audience.MostIDs))
		return out, err
	})
}

// Person returns all ids that are one person's; see engine.Persons.
func (l *Ledger) Person(ctx context.Context, id string) (ids []string, err error) {
	err = l.readers.use(func(c *connection) error {
		known, err := l.known.renew(ctx, c)
		if err == nil {
			ids, err = c.person(ctx, known.Person(id))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up a person: %w", err)
	}
	return ids, nil
}

// Pairs yields pairs; see engine.Persons.
func (l *Ledger) Pairs(ctx context.Context, f engine.PairFilter) iter.Seq2[engine.Pair, error] {
	var w where
	if f.Of = l.Known(f.Of); f.Of != "" {
		w.also(`(number = ? OR other = ?)`, packRecipient(f.Of), packRecipient(f.Of))
	}
	if !f.Ended {
		w.also(`ended_at IS NULL`)
	}
	if f.Search != "" {
		pattern := like(f.Search)
		w.also(`(number LIKE ? ESCAPE '\' OR other LIKE ? ESCAPE '\' OR username LIKE ? ESCAPE '\')`, pattern, pattern, pattern)
	}
	return stream(ctx, l.readers, pairColumns+w.sql()+` ORDER BY number, other, number_id`+w.limit(f.Limit),
		func(v []driver.Value) (engine.Pair, error) { return scanPair(v), nil }, w.args)
}
