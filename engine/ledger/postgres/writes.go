package postgres

import (
	"github.com/jackc/pgx/v5"

	"waybill/engine/delivery"
)

// later adds a statement to those that are sent together: at the end of the group, or before anything is read. An error of it is the
// group's.
func (t *transaction) later(sql string, args ...any) { t.writes.Queue(sql, args...) }

// laterCall is later for a call of one of our functions.
func (t *transaction) laterCall(function string, args ...any) {
	t.later(`SELECT waybill.`+function+`(`+placeholders(len(args))+`)`, args...)
}

// flush sends what later was given.
func (t *transaction) flush() error {
	b := t.writes
	if b.Len() == 0 {
		return nil
	}
	t.writes = &pgx.Batch{}
	return t.ask(b)
}

// What a transaction reads it reads after what it wrote.

func (t *transaction) exec(sql string, args ...any) (int64, error) {
	if err := t.flush(); err != nil {
		return 0, err
	}
	return t.connection.exec(sql, args...)
}

func (t *transaction) query(sql string, each func(pgx.Rows) error, args ...any) error {
	if err := t.flush(); err != nil {
		return err
	}
	return t.connection.query(sql, each, args...)
}

func (t *transaction) number(sql string, args ...any) (int64, error) {
	if err := t.flush(); err != nil {
		return 0, err
	}
	return t.connection.number(sql, args...)
}

func (t *transaction) loadRest(l *loaded, r *rest) error {
	if r == nil {
		if err := t.flush(); err != nil {
			return err
		}
	}
	return t.connection.loadRest(l, r)
}

func (t *transaction) standingOf(message string) (delivery.Standing, error) {
	if err := t.flush(); err != nil {
		return delivery.Standing{}, err
	}
	return t.connection.standingOf(message)
}
