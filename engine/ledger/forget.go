package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"waybill/engine"
	"waybill/engine/ledger/internal/erase"
)

// Forget makes the ledger forget people; see engine.Keeper. First one transaction takes them out of all tables. Then the file is made anew
// and its log emptied, so that no byte is left in what had been theirs. A crash between the two leaves such bytes: Forget of anybody
// takes them away.
func (l *Ledger) Forget(ctx context.Context, f engine.Forget) (engine.Erased, error) {
	o := &forget{what: f}
	if err := l.write(ctx, o); err != nil {
		return engine.Erased{}, err
	}
	if err := l.wipe(ctx); err != nil {
		return o.done, fmt.Errorf("it is forgotten, and bytes of it may be left in the file: run it again: %w", err)
	}
	return o.done, nil
}

type forget struct {
	what engine.Forget
	done engine.Erased
}

func (o *forget) apply(t *transaction) error {
	if !t.lock.held {
		return fmt.Errorf("%w: nobody may send meanwhile", engine.ErrNotLocked)
	}
	done, err := erase.People(tables{t}, &t.ledger.keys, t.known, o.what)
	if err != nil {
		return err
	}
	o.done = done.Erased
	clear(t.granted) // who settles a request of theirs is to look whose it is
	t.day.forget()
	t.known, err = t.forgottenSince(context.Background(), t.known)
	return err
}

// tables are the tables of a file as erase sees them.
type tables struct{ t *transaction }

func (s tables) args(args []any) []driver.Value {
	out := make([]driver.Value, len(args))
	for i, a := range args {
		out[i] = a
	}
	return out
}

func (s tables) Exec(sql string, args ...any) (int64, error) {
	changed, _, err := s.t.exec(named(sql), s.args(args)...)
	return changed, err
}

func (s tables) Each(sql string, each func(row []any) error, args ...any) error {
	return s.t.query(context.Background(), named(sql), func(v []driver.Value) error {
		row := make([]any, len(v))
		for i := range v {
			row[i] = v[i]
		}
		return each(row)
	}, s.args(args)...)
}

func (tables) Person(id string) any { return packRecipient(id) }

func (tables) PersonOf(stored any) string { return unpackRecipient(stored) }

func (tables) Message(id string) any { return packMessage(id) }

func (tables) MessageOf(stored any) string { return unpackMessage(stored) }

func (tables) Holds(column string, _ bool) string { return `instr(` + column + `, ?) > 0` }

func (s tables) PairsOf(id string) ([]engine.Pair, error) { return s.t.links().PairsOf(id) }

func (s tables) MovesOf(id string) ([]engine.Moved, error) { return s.t.links().MovesOf(id) }

func (s tables) Rename(delivery int64, was, became string) error {
	_, _, err := s.t.exec(`UPDATE delivery SET message = ?, message_hash = ? WHERE id = ? AND message = ?`,
		packMessage(became), hashMessage(became), delivery, packMessage(was))
	return err
}

func (tables) Renamed(int64, []string) error { return nil }

// wipe makes the file anew from what is in it, and empties its log: what was taken out is not left in free pages, in the gaps of others,
// or in the log. It waits a while for others that read.
func (l *Ledger) wipe(ctx context.Context) (err error) {
	c, err := connect(l.path, readWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.script(`PRAGMA secure_delete = ON`); err != nil {
		return err
	}
	if err := c.script(`VACUUM`); err != nil {
		return fmt.Errorf("make the file anew: %w", err)
	}
	const tries = 50
	for range tries {
		var busy int64
		err := c.query(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`, func(v []driver.Value) error {
			busy = asInt(v[0])
			return nil
		})
		if err != nil && !errors.Is(err, engine.ErrBusy) {
			return err
		}
		if err == nil && busy == 0 {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fmt.Errorf("%w: another process reads the file all the time, and its log cannot be emptied", engine.ErrBusy)
}
