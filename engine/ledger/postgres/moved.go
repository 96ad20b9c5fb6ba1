package postgres

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/ledger/internal/form"
)

// links are what the ledger knows of ids; see audience.Links.
type links struct {
	query func(sql string, each func(pgx.Rows) error, args ...any) error
	known *form.Forgotten
	moved bool // somebody moved
}

func (l links) PairsOf(id string) (out []engine.Pair, err error) {
	err = l.query(pairColumns+` WHERE number = $1 OR other = $1`, func(rows pgx.Rows) error {
		p, err := scanPair(rows)
		out = append(out, p)
		return err
	}, putText(id))
	return out, err
}

func (l links) MovesOf(id string) (out []engine.Moved, err error) {
	if !l.moved {
		return nil, nil
	}
	ids := putAll([]string{id, cmp.Or(l.known.OwnDigest(id), id)})
	err = l.query(movedColumns+` WHERE was_number = ANY($1) OR was_user_id = ANY($1) OR number = ANY($1) OR user_id = ANY($1)`, func(rows pgx.Rows) error {
		m, err := scanMoved(rows)
		out = append(out, m)
		return err
	}, ids)
	return l.known.Moves(id, out), err
}

const movedColumns = `SELECT was_number, was_user_id, number, user_id, at FROM waybill.moved`

func scanMoved(rows pgx.Rows) (engine.Moved, error) {
	var wasNumber, wasUser, number, user text
	var at moment
	err := rows.Scan(&wasNumber, &wasUser, &number, &user, &at)
	return engine.Moved{WasNumber: string(wasNumber), WasUserID: string(wasUser), Number: string(number), UserID: string(user), At: at.time()}, err
}

// links are those of a transaction. Whether anybody moved is asked once.
func (t *transaction) links() (links, error) {
	if t.moved == nil {
		some := false
		if err := t.query(`SELECT EXISTS (SELECT 1 FROM waybill.moved)`, func(rows pgx.Rows) error { return rows.Scan(&some) }); err != nil {
			return links{}, err
		}
		t.moved = &some
	}
	return links{t.query, t.known, *t.moved}, nil
}

// Moves yields who went by other ids; see engine.Persons.
func (l *Ledger) Moves(ctx context.Context) iter.Seq2[engine.Moved, error] {
	return stream(ctx, l, movedColumns+` ORDER BY at, was_number, was_user_id`, scanMoved, nil)
}

// Whose returns the ids of a person, with their times; see engine.Persons.
func (l *Ledger) Whose(ctx context.Context, id string) ([]engine.Held, error) {
	known, err := l.whoIs(ctx)
	if err != nil {
		return nil, err
	}
	query := func(sql string, each func(pgx.Rows) error, args ...any) error {
		return l.query(ctx, sql, each, args...)
	}
	held, err := audience.Meant(known.Person(id), links{query, known, true})
	if err != nil {
		return nil, fmt.Errorf("look up a person: %w", err)
	}
	return held, nil
}

// move keeps who goes by other ids now: what they said before holds for these, and those that they gave up are no more theirs. What others
// learn of people, or hear them say, meanwhile comes before it or after it.
func (t *transaction) move(moved []engine.Moved) error {
	for _, m := range moved {
		if err := t.lockPairs(); err != nil {
			return err
		}
		if err := t.lockWords(); err != nil { // before they are read
			return err
		}
		if _, err := t.exec(`INSERT INTO waybill.moved (was_number, was_user_id, number, user_id, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`, putText(m.WasNumber), putText(m.WasUserID), putText(m.Number), putText(m.UserID), m.At.UnixMilli()); err != nil {
			return err
		}
		t.moved = nil
		l, err := t.links()
		if err != nil {
			return err
		}
		held, err := audience.Before(m, l)
		if err != nil {
			return err
		}
		words, err := t.wordsOf(audience.AllIDs(held))
		if err == nil {
			words, err = audience.Follow(words, m, l)
		}
		if err == nil {
			err = t.keepWords(words)
		}
		if err != nil {
			return err
		}
		ended, err := audience.Leave(m, l)
		for i := 0; err == nil && i < len(ended); i++ {
			err = t.endPair(ended[i], engine.Identity{WaID: m.Number, UserID: m.UserID})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// endPair ends a pair, and tells of it.
func (t *transaction) endPair(p engine.Pair, now engine.Identity) error {
	if _, err := t.exec(`UPDATE waybill.pair SET ended_at = $1 WHERE number = $2 AND other = $3 AND number_id = $4`,
		p.Ended.UnixMilli(), putText(p.Number), putText(p.Other), putText(p.NumberID)); err != nil {
		return err
	}
	return t.tellOfEnd(p, now)
}

// followed returns what a word makes of the ids by which its person went later.
func (t *transaction) followed(w engine.OptOut) ([]engine.OptOut, error) {
	l, err := t.links()
	if err != nil || !l.moved {
		return nil, err
	}
	return audience.FollowNew(w, l)
}
