package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

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
	if l.queue == nil {
		return fmt.Errorf("%w: it was opened for reading", engine.ErrReadOnly)
	}
	if l.queue.Stopped() {
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
		if !i.Names() {
			continue
		}
		if err := t.remember(codes); err != nil {
			return err
		}
		if i.At.IsZero() {
			i.At = t.now
		}
		i.At = i.At.Truncate(time.Millisecond).UTC()
		if err := t.learn(i); err != nil {
			return err
		}
	}
	return nil
}

// learn looks first, for nearly always nothing is new, and then again with the lock under which pairs change.
func (t *transaction) learn(i engine.Identity) error {
	var c audience.Change
	var known []engine.Pair
	var moves []engine.Moved
	l, err := t.links()
	if err != nil {
		return err
	}
	for _, locked := range []bool{false, true} {
		if locked {
			if err := t.lockPairs(); err != nil {
				return err
			}
			t.moved = nil
			if l, err = t.links(); err != nil {
				return err
			}
		}
		if known, err = t.concerned(i); err != nil {
			return err
		}
		if moves, err = audience.MovesOf(l, cmp.Or(i.WaID, i.Number), i.UserID); err != nil {
			return err
		}
		if c = audience.Learn(known, moves, i); len(c.Begin)+len(c.End) == 0 {
			return nil
		}
	}
	if err := t.changePairs(c, i); err != nil {
		return err
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

func (t *transaction) changePairs(c audience.Change, i engine.Identity) error {
	for _, p := range c.End {
		if err := t.endPair(p, i); err != nil {
			return err
		}
	}
	for _, p := range c.Begin {
		if _, err := t.exec(`INSERT INTO waybill.pair AS p (number, other, number_id, username, at, ended_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (number, other, number_id) DO UPDATE SET at = CASE WHEN p.ended_at IS NULL THEN p.at ELSE excluded.at END,
			ended_at = excluded.ended_at, username = coalesce(excluded.username, p.username)`,
			putText(p.Number), putText(p.Other), putText(p.NumberID), textOrNull(p.Username), p.At.UnixMilli(), instant(p.Ended)); err != nil {
			return err
		}
	}
	return nil
}

// lockPairs takes the lock under which pairs change, and who moved.
func (t *transaction) lockPairs() error {
	_, err := t.exec(`SELECT pg_advisory_xact_lock($1::int, 0)`, lockPairs)
	return err
}

// tellOfPairs tells runs that are under way that ids became one person's, or are so no more, where there is a word about one of them. pairs
// are those that were and those that are.
func (t *transaction) tellOfPairs(pairs []engine.Pair) error {
	seen := map[string]bool{}
	for _, p := range pairs {
		seen[p.Number], seen[p.Other] = true, true
	}
	ids := putAll(slices.Sorted(maps.Keys(seen)))
	told := false
	err := t.query(`INSERT INTO waybill.news (run, person) SELECT 0, i FROM unnest($1::text[]) i
		WHERE EXISTS (SELECT 1 FROM waybill.opt_out WHERE person = ANY($1::text[])) RETURNING 1`, func(pgx.Rows) error {
		told = true
		return nil
	}, ids)
	if told {
		t.news = append(t.news, watch.EveryRun)
	}
	return err
}

// tellOfEnd keeps a notice that a pair holds no more: the number may be another person's now.
func (t *transaction) tellOfEnd(was engine.Pair, now engine.Identity) error {
	n, err := engine.PairEnded(was, now)
	if err != nil {
		return err
	}
	return t.recordNotice(n)
}

const pairColumns = `SELECT number, other, number_id, username, at, ended_at FROM waybill.pair`

func scanPair(rows pgx.Rows) (engine.Pair, error) {
	var number, other, numberID, username text
	var at, ended moment
	err := rows.Scan(&number, &other, &numberID, &username, &at, &ended)
	return engine.Pair{
		Number: string(number), Other: string(other), NumberID: string(numberID), Username: string(username), At: at.time(), Ended: ended.time(),
	}, err
}

// concerned returns the pairs that an identity may change, or is known by: those of its numbers, and of its user id. Whoever else is
// paired with its account is not among them.
func (c *connection) concerned(i engine.Identity) (out []engine.Pair, err error) {
	err = c.query(pairColumns+` WHERE number = ANY($1::text[]) OR other = $2 ORDER BY number, other, number_id`, func(rows pgx.Rows) error {
		p, err := scanPair(rows)
		out = append(out, p)
		return err
	}, putAll([]string{i.Number, i.WaID}), putText(i.UserID))
	return out, err
}

// pairsOf returns pairs that hold and in which an id is: as many as a person can have.
func (c *connection) pairsOf(id string) (out []engine.Pair, err error) {
	err = c.query(pairColumns+` WHERE (number = $1 OR other = $1) AND ended_at IS NULL ORDER BY number, other, number_id LIMIT $2`,
		func(rows pgx.Rows) error {
			p, err := scanPair(rows)
			out = append(out, p)
			return err
		}, putText(id), audience.MostIDs)
	return out, err
}

func putAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = putText(s)
	}
	return out
}

// person returns all ids of a person.
func (c *connection) person(id string) ([]string, error) {
	return audience.Person(id, c.pairsOf)
}

// Person returns all ids that are one person's; see engine.Persons.
func (l *Ledger) Person(ctx context.Context, id string) ([]string, error) {
	known, err := l.whoIs(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := audience.Person(known.Person(id), func(id string) (pairs []engine.Pair, err error) {
		err = l.query(ctx, pairColumns+` WHERE (number = $1 OR other = $1) AND ended_at IS NULL LIMIT $2`, func(rows pgx.Rows) error {
			p, err := scanPair(rows)
			pairs = append(pairs, p)
			return err
		}, putText(id), audience.MostIDs)
		return pairs, err
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
		w.also(`(number = ? OR other = ?)`, putText(f.Of), putText(f.Of))
	}
	if !f.Ended {
		w.also(`ended_at IS NULL`)
	}
	if f.Search != "" {
		pattern := like(f.Search)
		w.also(`(number ILIKE ? OR other ILIKE ? OR username ILIKE ?)`, pattern, pattern, pattern)
	}
	return stream(ctx, l, pairColumns+w.sql()+` ORDER BY number, other, number_id`+limit(f.Limit), scanPair, w.args)
}

// OptOut keeps words about opt-outs; see engine.Persons.
func (l *Ledger) OptOut(ctx context.Context, words []engine.OptOut) error {
	if len(words) == 0 {
		return nil
	}
	return l.write(ctx, optOut{words})
}

type optOut struct{ words []engine.OptOut }

func (o optOut) apply(t *transaction) error { return t.keepOptOuts(o.words) }

// keepOptOuts keeps words, under the ids, too, by which their people went later. Whoever reads on from a number must not miss one that
// becomes visible later: so one transaction at a time makes numbers.
func (t *transaction) keepOptOuts(words []engine.OptOut) error {
	var all []engine.OptOut
	for i, w := range words {
		if w.At.IsZero() {
			w.At = t.now
		}
		word, codes := t.known.OptOut(w)
		if err := t.remember(codes); err != nil {
			return err
		}
		if i == 0 {
			if err := t.lockWords(); err != nil { // before it is asked who moved
				return err
			}
			t.moved = nil
		}
		later, err := t.followed(word)
		if err != nil {
			return err
		}
		all = append(append(all, word), later...)
	}
	return t.keepWords(all)
}

// keepWords keeps words as they are, and tells runs that are under way when one is new. A word that names a person by two ids stands under
// both. It needs the lock of words.
func (t *transaction) keepWords(words []engine.OptOut) error {
	fresh := false
	for i := range words {
		w := &words[i]
		if w.Person == "" {
			continue
		}
		kept, err := t.keepOptOut(w, w.Person, w.Also, false)
		if err == nil && kept && w.Also != "" {
			_, err = t.keepOptOut(w, w.Also, w.Person, true)
		}
		if err != nil {
			return err
		}
		fresh = fresh || kept
	}
	if !fresh {
		return nil
	}
	return t.tell(watch.EveryRun, 0, nil)
}

func (t *transaction) lockWords() error {
	_, err := t.exec(`SELECT pg_advisory_xact_lock($1::int, 0)`, lockOptOuts)
	return err
}

// wordsOf returns the words about ids.
func (t *transaction) wordsOf(ids []string) (words []engine.OptOut, err error) {
	err = t.query(optOutColumns+` WHERE person = ANY($1::text[]) ORDER BY seq`, func(rows pgx.Rows) error {
		w, err := scanOptOut(rows)
		words = append(words, w)
		return err
	}, putAll(ids))
	return words, err
}

const optOutColumns = `SELECT seq, person, also, number_id, scope, back, source, word, by, at FROM waybill.opt_out`

func (t *transaction) keepOptOut(w *engine.OptOut, person, also string, second bool) (bool, error) {
	by, err := json.Marshal(w.By)
	if err != nil {
		return false, fmt.Errorf("keep an opt-out: %w", err)
	}
	changed, err := t.exec(`INSERT INTO waybill.opt_out (person, also, number_id, scope, back, source, word, by, at, received_at, second)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`, putText(person), textOrNull(also), putText(w.NumberID),
		string(w.Scope), w.Back, string(w.Source), textOrNull(form.Cut(w.Word, form.LongestText)), textOrNull(strings.TrimPrefix(string(by), "{}")),
		w.At.UnixMilli(), t.now.UnixMilli(), second)
	return changed > 0, err
}

// OptOuts yields words about opt-outs; see engine.Persons.
func (l *Ledger) OptOuts(ctx context.Context, f engine.OptOutFilter) iter.Seq2[engine.OptOut, error] {
	var w where
	if len(f.Persons) > 0 {
		w.also(`person = ANY(?::text[])`, putAll(l.known.now.Load().Persons(f.Persons)))
	}
	if f.After > 0 {
		w.also(`seq > ?`, f.After)
	}
	order := ` ORDER BY seq`
	if f.ByPerson {
		order = ` ORDER BY person, seq`
	} else if len(f.Persons) == 0 {
		w.also(`NOT second`)
	}
	return stream(ctx, l, optOutColumns+w.sql()+order+
		limit(f.Limit), scanOptOut, w.args)
}

func scanOptOut(rows pgx.Rows) (engine.OptOut, error) {
	var seq num
	var person, also, numberID, scope, source, word, by text
	var at moment
	var w engine.OptOut
	err := rows.Scan(&seq, &person, &also, &numberID, &scope, &w.Back, &source, &word, &by, &at)
	w.Seq, w.Person, w.Also, w.NumberID, w.Scope = int64(seq), string(person), string(also), string(numberID), engine.OptOutScope(scope)
	w.Source, w.Word, w.At = engine.OptOutSource(source), string(word), at.time()
	if by != "" {
		_ = json.Unmarshal([]byte(by), &w.By) // for people: better a word without it than none
	}
	return w, err
}
