// Package erase makes a ledger forget people: what tells who they are becomes keyed digests that still match, and what they wrote goes.
// It is one for all ledgers, and speaks to their tables through a Store. It does its work in one transaction of the ledger's.
//
// Start reading at erase.go; texts.go is what it takes out of texts and JSON.
package erase

import (
	"fmt"
	"slices"
	"strings"

	"waybill/engine"
	"waybill/engine/audience"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// Store is a ledger's tables within a transaction. A table is named by a dot before its name, an argument by a question mark. Texts go in
// and come out as they are; rows are int64, string, []byte or nil.
type Store interface {
	Exec(sql string, args ...any) (changed int64, err error)
	Each(sql string, each func(row []any) error, args ...any) error
	// Person and Message are how ids are stored, and PersonOf and MessageOf the reverse.
	Person(id string) any
	PersonOf(stored any) string
	Message(id string) any
	MessageOf(stored any) string
	// Holds is a condition: a column of texts, or of bytes, holds the text or the bytes of an argument.
	Holds(column string, bytes bool) string
	// Links tell of the ids of a person.
	audience.Links
	// Rename gives the message of a delivery's row another id, if it is the one that it was.
	Rename(delivery int64, was, became string) error
	// Renamed is told by what ids the messages of a delivery are found from now on.
	Renamed(delivery int64, messages []string) error
}

// Result is what was done, with the digests that are new.
type Result struct {
	engine.Erased

	Codes []string
}

// eraser is one forgetting.
type eraser struct {
	Store
	keys  *form.Keys
	known *form.Forgotten // as it is to be after

	ids   []span  // of people, in plain
	items []item  // keys of theirs
	texts []named // what tells of them in texts: digits of numbers, user ids and long keys
	said  []int64 // webhooks that spoke of their messages
	out   Result
}

// item is a key of a job.
type item struct{ job, key string }

// People forgets people. before is what the ledger was told to forget until now.
func People(s Store, keys *form.Keys, before *form.Forgotten, f engine.Forget) (Result, error) {
	e := &eraser{Store: s, keys: keys, known: before}
	if err := e.find(f); err != nil {
		return Result{}, fmt.Errorf("find what is known of a person: %w", err)
	}
	for _, step := range []func() error{
		e.remember, e.codes, e.recipients, e.keysOf, e.pairs, e.moves, e.optOuts, e.inbound, e.statuses, e.sentTexts, e.webhooks, e.runs, e.notices,
	} {
		if err := step(); err != nil {
			return Result{}, fmt.Errorf("forget a person: %w", err)
		}
	}
	return e.out, nil
}

// find gathers the ids and the keys of the people.
func (e *eraser) find(f engine.Forget) error {
	ids := slices.Clone(f.IDs)
	if f.Item != "" {
		sql, args := `SELECT DISTINCT s.job, d.recipient FROM .delivery d JOIN .step s ON s.seq = d.step WHERE d.item = ?`, []any{f.Item}
		if f.Job != "" {
			sql, args = sql+` AND s.job = ?`, append(args, f.Job)
		}
		err := e.Each(sql, func(row []any) error {
			e.addItem(item{text(row[0]), f.Item})
			ids = append(ids, e.PersonOf(row[1]))
			return nil
		}, args...)
		if err != nil {
			return err
		}
		if err := e.unsentItems(f); err != nil {
			return err
		}
	}
	whose := audience.Leaver
	if f.NewOwner {
		whose = audience.History
	}
	for _, id := range ids {
		held, err := whose(e.known.Person(id), e.Store)
		if err != nil {
			return err
		}
		e.add(held)
	}
	return e.findItems()
}

// unsentItems finds keys that never became a delivery.
func (e *eraser) unsentItems(f engine.Forget) error {
	return e.Each(`SELECT DISTINCT r.job FROM .unsent u JOIN .run r ON r.seq = u.run WHERE u.item = ?`, func(row []any) error {
		if job := text(row[0]); f.Job == "" || job == f.Job {
			e.addItem(item{job, f.Item})
		}
		return nil
	}, f.Item)
}

// findItems finds the keys under which the people got messages.
func (e *eraser) findItems() error {
	for _, id := range e.ids {
		within, args := id.within("d.intended_at")
		err := e.Each(`SELECT DISTINCT s.job, d.item FROM .delivery d JOIN .step s ON s.seq = d.step
			WHERE (d.recipient = ? AND d.item <> '' OR d.item = ?)`+within, func(row []any) error {
			e.addItem(item{text(row[0]), text(row[1])})
			return nil
		}, append([]any{e.Person(id.ID), id.ID}, args...)...)
		if err != nil {
			return err
		}
		within, args = id.within("u.at")
		err = e.Each(`SELECT DISTINCT r.job, u.item FROM .unsent u JOIN .run r ON r.seq = u.run WHERE u.recipient = ? AND u.item <> ''`+within, func(row []any) error {
			e.addItem(item{text(row[0]), text(row[1])})
			return nil
		}, append([]any{id.ID}, args...)...)
		if err != nil {
			return err
		}
		e.texts = append(e.texts, named{strings.TrimPrefix(id.ID, "+"), id})
	}
	const longKey = 6 // a shorter one stands in texts by chance
	for _, i := range e.items {
		if len(i.key) >= longKey && !slices.ContainsFunc(e.ids, func(id span) bool { return id.ID == i.key }) {
			e.texts = append(e.texts, named{text: i.key})
		}
	}
	return nil
}

func (e *eraser) addItem(i item) {
	if !engine.IsForgotten(i.key) && !slices.Contains(e.items, i) {
		e.items = append(e.items, i)
	}
}

// remember keeps the digests by which the people are known from now on.
func (e *eraser) remember() error {
	var codes []string
	for _, id := range e.ids {
		if code := e.known.PersonCode(id.ID); id.theirs() && !e.known.Has(code) {
			codes = append(codes, code)
		}
	}
	e.out.People = len(e.ids)
	e.known = e.known.With(e.known.Newest, codes...)
	for _, i := range e.items {
		if e.known.Item(i.job, i.key) == i.key {
			codes = append(codes, e.known.ItemCode(i.job, i.key))
		}
	}
	e.known = e.known.With(e.known.Newest, codes...)
	e.out.Codes = codes
	return Remember(e.Store, codes)
}

// Remember keeps digests.
func Remember(s interface {
	Exec(sql string, args ...any) (int64, error)
}, codes []string,
) error {
	for _, c := range codes {
		if _, err := s.Exec(`INSERT INTO .forgotten (code) VALUES (?) ON CONFLICT DO NOTHING`, c); err != nil {
			return err
		}
	}
	return nil
}

// RememberHeard keeps digests of ids that turned out to be of somebody who was forgotten, but of a number that they gave up: whoever has it
// since is not forgotten for that.
func RememberHeard(s interface {
	Exec(sql string, args ...any) (int64, error)
	Each(sql string, each func(row []any) error, args ...any) error
}, codes []string,
) error {
	var theirs []string
	for _, c := range codes {
		gave := false
		digest := engine.Forgotten(c)
		err := s.Each(`SELECT 1 FROM .moved WHERE was_number = ? AND number <> ?`, func([]any) error {
			gave = true
			return nil
		}, digest, digest)
		if err != nil {
			return err
		}
		if !gave {
			theirs = append(theirs, c)
		}
	}
	return Remember(s, theirs)
}

// codes keeps by what the callbacks of requests are genuine whose keys change: a status may still come that tells by its callback alone.
func (e *eraser) codes() error {
	type made struct {
		id, attempts int64
		key          delivery.Key
	}
	var list []made
	for _, i := range e.items {
		err := e.Each(`SELECT d.id, d.attempts, s.scope, s.path, d.number FROM .delivery d JOIN .step s ON s.seq = d.step WHERE s.job = ? AND d.item = ?`,
			func(row []any) error {
				key := delivery.Key{Job: i.job, Scope: text(row[2]), Step: text(row[3]), Item: i.key, Again: int(number(row[4])) - 1}
				list = append(list, made{number(row[0]), number(row[1]), key})
				return nil
			}, i.job, i.key)
		if err != nil {
			return err
		}
	}
	for _, m := range list {
		for n := int64(1); n <= m.attempts; n++ {
			_, err := e.Exec(`INSERT INTO .forgotten_callback (delivery, attempt, code) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
				m.id, n, e.keys.Code(int(n), m.key.Hash()))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// text and number read what a row holds.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

func number(v any) int64 {
	n, _ := v.(int64)
	return n
}
