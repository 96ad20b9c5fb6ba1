package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"waybill/engine"
	"waybill/engine/ledger/internal/erase"
)

// Forget makes the ledger forget people; see engine.Keeper. It is one transaction.
func (l *Ledger) Forget(ctx context.Context, f engine.Forget) (engine.Erased, error) {
	o := &forget{what: f}
	err := l.write(ctx, o)
	return o.done, err
}

type forget struct {
	what engine.Forget
	done engine.Erased
}

// apply waits for the groups that are being written, and lets none begin before it is over: those that follow know who was forgotten. A
// sender knows it from the moment at which it became one, so there must be no other.
func (o *forget) apply(t *transaction) error {
	if !t.w.lock.held || t.w.lock.ended {
		return fmt.Errorf("%w: nobody may send meanwhile", engine.ErrNotLocked)
	}
	if _, err := t.exec(`LOCK TABLE waybill.process IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return err
	}
	var others []string
	err := t.query(`SELECT holder FROM waybill.process WHERE sending AND NOT swept AND id <> $1 ORDER BY id`, func(rows pgx.Rows) error {
		var holder text
		err := rows.Scan(&holder)
		others = append(others, string(holder))
		return err
	}, t.w.self.id)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		return &engine.LockedError{Ledger: t.w.l.name, Holder: strings.Join(others, "; ")}
	}
	done, err := erase.People(tables{t}, &t.w.l.keys, t.known, o.what)
	if err != nil {
		return err
	}
	// Rows that a run keeps for others may name them, and so may what came of its stages. Whoever takes such a run up reads its sources anew.
	if _, err := t.exec(`DELETE FROM waybill.run_rows`); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE waybill.run_part SET outcome = NULL WHERE outcome IS NOT NULL`); err != nil {
		return err
	}
	o.done = done.Erased
	if t.known, err = forgottenSince(t.known, t.query); err != nil {
		return err
	}
	known := t.known
	t.after = append(t.after, func() {
		for id, g := range t.w.granted { // who settles a request of theirs knows whose it is
			intent := known.Intent(*g.intent)
			g.intent = &intent
			t.w.granted[id] = g
		}
	})
	return nil
}

// tables are the tables of a database as erase sees them.
type tables struct{ t *transaction }

func (tables) sql(sql string) string { return numbered(strings.ReplaceAll(sql, " .", " waybill.")) }

func (tables) args(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		if s, ok := a.(string); ok {
			a = putText(s)
		}
		out[i] = a
	}
	return out
}

func (s tables) Exec(sql string, args ...any) (int64, error) {
	return s.t.exec(s.sql(sql), s.args(args)...)
}

func (s tables) Each(sql string, each func(row []any) error, args ...any) error {
	return s.t.query(s.sql(sql), func(rows pgx.Rows) error {
		row, err := values(rows)
		if err != nil {
			return err
		}
		return each(row)
	}, s.args(args)...)
}

func (tables) Person(id string) any { return id }

func (tables) PersonOf(stored any) string {
	s, _ := stored.(string)
	return s
}

func (tables) Message(id string) any { return packMessage(id) }

func (tables) MessageOf(stored any) string {
	b, _ := stored.([]byte)
	return unpackMessage(b)
}

func (tables) Holds(column string, bytes bool) string {
	if bytes {
		return `position(?::bytea in ` + column + `) > 0`
	}
	return `strpos(` + column + `, ?) > 0`
}

func (s tables) PairsOf(id string) ([]engine.Pair, error) {
	l, err := s.t.links()
	if err != nil {
		return nil, err
	}
	return l.PairsOf(id)
}

func (s tables) MovesOf(id string) ([]engine.Moved, error) {
	l, err := s.t.links()
	if err != nil {
		return nil, err
	}
	return l.MovesOf(id)
}

func (s tables) Rename(delivery int64, was, became string) error {
	_, err := s.t.exec(`UPDATE waybill.delivery SET message = $1, message_hash = $2 WHERE id = $3 AND message = $4`,
		packMessage(became), hashMessage(became), delivery, packMessage(was))
	return err
}

// Renamed has nothing to do: each message is found by its own row.
func (tables) Renamed(int64, []string) error { return nil }
