package postgres

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// writes is what a group has to write and did not send yet.
type writes struct {
	statuses   []keptStatus
	moved      map[delivery.ID]*loaded // by statuses alone
	calls      []call
	statements []statement
}

// call is one of a function of ours.
type call struct {
	function string
	args     []any
}

type statement struct {
	sql  string
	args []any
}

// mostCalls is how many calls one statement makes: it takes 65,535 arguments.
const mostCalls = 64

func (w *writes) drop() { *w = writes{} }

// keptStatus is a row of the table status.
type keptStatus struct {
	message, raw                                                  []byte
	hash                                                          int32
	state, at, received                                           int64
	delivery, attempt, http, code, cause, inbox, rawFrom, rawSize *int64
	charge                                                        *int64
	callback, recipient, answer, trace                            *string
	word                                                          string
	again                                                         bool
}

// saveMoved notes what a status changed of a delivery. Nearly always it is where the delivery stands and nothing else: then it is written
// with others, and once for all statuses of it in the group.
func (t *transaction) saveMoved(l *loaded) error {
	before := len(l.Attempts) - 1
	if outcomeOf(&l.Record) != l.last || !slices.Equal(l.Attempts[:before], l.former) || len(l.Further) != l.known {
		return t.save(l)
	}
	if err := t.countChange(l); err != nil {
		return err
	}
	l.before = form.Outcomes(&l.Record)
	if t.writes.moved == nil {
		t.writes.moved = map[delivery.ID]*loaded{}
	}
	t.writes.moved[l.ID] = l
	return nil
}

// later adds a statement to those that are sent together: at the end of the group, or before anything is read. An error of it is the
// group's.
func (t *transaction) later(sql string, args ...any) {
	t.writes.statements = append(t.writes.statements, statement{sql, args})
}

// laterCall is later for a call of one of our functions. Calls come before statements.
func (t *transaction) laterCall(function string, args ...any) {
	t.writes.calls = append(t.writes.calls, call{function, args})
}

// queueCalls queues calls, many to a statement: a statement takes the database longer than what it calls.
func queueCalls(b *pgx.Batch, calls []call) {
	for some := range slices.Chunk(calls, mostCalls) {
		var sql strings.Builder
		var args []any
		for n, c := range some {
			if n > 0 {
				sql.WriteString(", ")
			}
			sql.WriteString("waybill." + c.function + "(" + placeholdersFrom(len(args), len(c.args)) + ")")
			args = append(args, c.args...)
		}
		b.Queue("SELECT "+sql.String(), args...)
	}
}

// flush sends what is to be written.
func (t *transaction) flush() error {
	b := &pgx.Batch{}
	t.queueWrites(b, nil)
	return t.ask(b)
}

// queueWrites queues what is to be written, and calls after it. What moved is as it was loaded from then on.
func (t *transaction) queueWrites(b *pgx.Batch, more []call) {
	w := t.writes
	t.writes.drop()
	moved := slices.SortedFunc(maps.Values(w.moved), func(a, b *loaded) int { return cmp.Compare(a.ID, b.ID) })
	if len(w.statuses)+len(moved) > 0 {
		w.calls = append(w.calls, call{"write_statuses", append(statusArgs(w.statuses), movedArgs(moved)...)})
	}
	for _, l := range moved {
		l.state = l.State
	}
	queueCalls(b, append(w.calls, more...))
	for _, s := range w.statements {
		b.Queue(s.sql, s.args...)
	}
}

// column is one column of rows.
func column[R, T any](rows []R, of func(*R) T) []T {
	values := make([]T, len(rows))
	for i := range rows {
		values[i] = of(&rows[i])
	}
	return values
}

// The arguments of waybill.write_statuses: statusArgs and movedArgs.

func statusArgs(rows []keptStatus) []any {
	type k = keptStatus
	return []any{
		column(rows, func(r *k) []byte { return r.message }), column(rows, func(r *k) int32 { return r.hash }),
		column(rows, func(r *k) *int64 { return r.delivery }), column(rows, func(r *k) *int64 { return r.attempt }),
		column(rows, func(r *k) *string { return r.callback }), column(rows, func(r *k) int64 { return r.state }),
		column(rows, func(r *k) string { return r.word }), column(rows, func(r *k) int64 { return r.at }),
		column(rows, func(r *k) int64 { return r.received }), column(rows, func(r *k) *string { return r.recipient }),
		column(rows, func(r *k) bool { return r.again }), column(rows, func(r *k) *int64 { return r.http }),
		column(rows, func(r *k) *int64 { return r.code }), column(rows, func(r *k) *string { return r.answer }),
		column(rows, func(r *k) *string { return r.trace }), column(rows, func(r *k) *int64 { return r.cause }),
		column(rows, func(r *k) *int64 { return r.inbox }), column(rows, func(r *k) *int64 { return r.rawFrom }),
		column(rows, func(r *k) *int64 { return r.rawSize }), column(rows, func(r *k) []byte { return r.raw }),
		column(rows, func(r *k) *int64 { return r.charge }),
	}
}

func movedArgs(rows []*loaded) []any {
	type m = *loaded
	return []any{
		column(rows, func(r *m) int64 { return int64((*r).ID) }), column(rows, func(r *m) int64 { return int64(len((*r).Attempts)) }),
		column(rows, func(r *m) int64 { return int64((*r).state) }), column(rows, func(r *m) int64 { return int64((*r).State) }),
		column(rows, func(r *m) bool { return (*r).Retryable }), column(rows, func(r *m) *int64 { return instant((*r).StatusAt) }),
		column(rows, func(r *m) *int64 { return (*r).failure().code }), column(rows, func(r *m) *string { return (*r).failure().message }),
		column(rows, func(r *m) *int64 { return (*r).failure().cause }),
	}
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
