package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"
	"iter"
	"strings"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/ledger/internal/form"
)

// links are what the file knows of ids; see audience.Links.
type links struct {
	*connection

	ctx   context.Context //nolint:containedctx // of one call of audience
	known *form.Forgotten
}

func (l links) PairsOf(id string) (out []engine.Pair, err error) {
	packed := packRecipient(id)
	err = l.query(l.ctx, pairColumns+` WHERE number = ? UNION `+pairColumns+` WHERE other = ?`, func(v []driver.Value) error {
		out = append(out, scanPair(v))
		return nil
	}, packed, packed)
	return out, err
}

func (l links) MovesOf(id string) (out []engine.Moved, err error) {
	ids := []driver.Value{packRecipient(id)}
	if digest := l.known.OwnDigest(id); digest != "" {
		ids = append(ids, digest)
	}
	var parts []string
	var args []driver.Value
	for _, column := range []string{`was_number`, `was_user_id`, `number`, `user_id`} {
		parts = append(parts, movedColumns+` WHERE `+column+` IN (`+placeholders(len(ids))+`)`)
		args = append(args, ids...)
	}
	err = l.query(l.ctx, strings.Join(parts, ` UNION `), func(v []driver.Value) error {
		out = append(out, scanMoved(v))
		return nil
	}, args...)
	return l.known.Moves(id, out), err
}

// links are those of a transaction.
func (t *transaction) links() links { return links{t.connection, context.Background(), t.known} }

const movedColumns = `SELECT was_number, was_user_id, number, user_id, at FROM moved`

func scanMoved(v []driver.Value) engine.Moved {
	return engine.Moved{
		WasNumber: unpackRecipient(v[0]), WasUserID: unpackRecipient(v[1]), Number: unpackRecipient(v[2]), UserID: unpackRecipient(v[3]), At: asTime(v[4]),
	}
}

// Moves yields who went by other ids; see engine.Persons.
func (l *Ledger) Moves(ctx context.Context) iter.Seq2[engine.Moved, error] {
	return stream(ctx, l.readers, movedColumns+` ORDER BY at, was_number, was_user_id`,
		func(v []driver.Value) (engine.Moved, error) { return scanMoved(v), nil }, nil)
}

// Whose returns the ids of a person, with their times; see engine.Persons.
func (l *Ledger) Whose(ctx context.Context, id string) (held []engine.Held, err error) {
	err = l.readers.use(func(c *connection) error {
		known, err := l.known.renew(ctx, c)
		if err == nil {
			held, err = audience.Meant(known.Person(id), links{c, ctx, known})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up a person: %w", err)
	}
	return held, nil
}

// move keeps who goes by other ids now: what they said before holds for these, and those that they gave up are no more theirs.
func (t *transaction) move(moved []engine.Moved) error {
	for _, m := range moved {
		if _, _, err := t.exec(`INSERT INTO moved (was_number, was_user_id, number, user_id, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			packRecipient(m.WasNumber), packRecipient(m.WasUserID), packRecipient(m.Number), packRecipient(m.UserID), m.At.UnixMilli()); err != nil {
			return err
		}
		held, err := audience.Before(m, t.links())
		if err != nil {
			return err
		}
		words, err := t.wordsOf(audience.AllIDs(held))
		if err == nil {
			words, err = audience.Follow(words, m, t.links())
		}
		if err == nil {
			err = t.keepWords(words)
		}
		if err != nil {
			return err
		}
		ended, err := audience.Leave(m, t.links())
		for i := 0; err == nil && i < len(ended); i++ {
			err = t.endPair(ended[i], engine.Identity{WaID: m.Number, UserID: m.UserID})
		}
		if err != nil {
			return err
		}
	}
	t.day.stale = t.day.stale || len(moved) > 0
	return nil
}
