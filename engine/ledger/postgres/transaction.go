package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"waybill/engine"
	"waybill/engine/delivery"
	"waybill/engine/ledger/internal/form"
)

// transaction is one group being written.
type transaction struct {
	*connection
	w        *writer
	now      time.Time
	counts   counts
	news     []string              // runs that have some
	grants   map[delivery.ID]grant // given, and taken back, once it is committed
	answered map[delivery.ID]time.Time
	people   []engine.Identity // how they were named
	known    *form.Forgotten   // who was forgotten
	after    []func()          // what else is so once it is committed
	charged  map[chargeKey]int64
	moved    *bool            // whether anybody moved; nil: it was not asked
	day      *delivery.People // who got a template within a day; nil: it was not read
	ahead    *ahead
	writes   writes

	committing bool // COMMIT was sent
	locked     bool // an operation of this group took the lock
}

// together applies a group in one transaction. After an error of the database nothing was written.
func (w *writer) together(batch []*submission) error {
	return w.inTransaction(batch, true, func(t *transaction) error {
		if err := t.readAhead(batch); err != nil {
			return err
		}
		for _, r := range batch {
			if r.Err = r.Change.apply(t); isSQL(r.Err) {
				return r.Err
			}
		}
		return nil
	})
}

// oneByOne applies a group of which one failed: each in a savepoint, so that it fails alone.
func (w *writer) oneByOne(batch []*submission) error {
	return w.inTransaction(batch, false, func(t *transaction) error {
		for _, r := range batch {
			if _, err := t.exec("SAVEPOINT one"); err != nil {
				return err
			}
			before := *t
			before.counts, before.charged = t.counts.clone(), maps.Clone(t.charged)
			r.Err = r.Change.apply(t)
			if !isSQL(r.Err) {
				r.Err = cmp.Or(t.flush(), r.Err)
			}
			if isSQL(r.Err) {
				t.writes.drop()
				if passes(r.Err) {
					return r.Err
				}
				r.Err = explain(r.Err)
				t.counts, t.news, t.after, t.charged, t.day, t.moved, t.known = before.counts, before.news, before.after, before.charged, nil, nil, before.known
				if _, err := t.exec("ROLLBACK TO one"); err != nil {
					return err
				}
				w.forget()
			}
			if _, err := t.exec("RELEASE one"); err != nil {
				return err
			}
		}
		return nil
	})
}

// inTransaction writes a group. readsAhead: apply wants what can be read for all of it at once.
func (w *writer) inTransaction(batch []*submission, readsAhead bool, apply func(t *transaction) error) error {
	t := &transaction{
		connection: w.conn, w: w, now: w.l.now(), counts: w.counts, grants: map[delivery.ID]grant{}, answered: map[delivery.ID]time.Time{},
		charged: map[chargeKey]int64{},
	}
	notes, people := w.l.notes.take(), w.l.named.Take()
	err := t.begin(batch, readsAhead && len(notes)+len(people) == 0)
	if err == nil {
		err = t.keepNotes(notes)
	}
	if err == nil {
		t.people, err = people, t.keepNamed(people)
	}
	if err == nil {
		err = apply(t)
	}
	if err == nil {
		err = t.commit()
	}
	if err == nil {
		w.finish(t)
		return nil
	}
	clear(w.counts)
	w.forget()
	if t.committing && unknown(err) {
		w.lost = &lostGroup{t: t, batch: batch, notes: notes, people: people}
		w.drop()
		return err
	}
	w.l.notes.putBack(notes)
	w.l.named.PutBack(people)
	if unknown(err) {
		w.drop() // the transaction went with it
		return err
	}
	t.writes.drop()
	if _, back := t.exec("ROLLBACK"); back != nil {
		w.drop()
	}
	return w.noted(err)
}

// errWarned means that a commit is durable here and perhaps not where it should be as well.
var errWarned = errors.New("the database warned while it committed")

// commit sends what is left to be written, and ends the transaction, in one round trip. Once it is committing, an unknown error means that
// it is not known whether it is committed.
func (t *transaction) commit() error {
	b := &pgx.Batch{}
	t.queueWrites(b, t.sums())
	var tag pgconn.CommandTag
	b.Queue("COMMIT").Exec(func(said pgconn.CommandTag) error {
		tag = said
		return nil
	})
	ctx, cancel := context.WithTimeout(context.Background(), statementFor)
	defer cancel()
	t.committing = true
	switch err := ended(t.raw.SendBatch(ctx, b).Close()); {
	case err != nil:
		return err
	case tag.String() != "COMMIT":
		return &unknownError{fmt.Errorf("COMMIT ended with %s", tag)}
	case t.warned:
		return &unknownError{errWarned}
	}
	return nil
}

// finish makes true in memory what was committed.
func (w *writer) finish(t *transaction) {
	w.self.groups++
	w.l.pulse.Wrote()
	for id, asked := range t.answered {
		delete(w.granted, id)
		w.groups.Settled(t.now.Sub(asked))
	}
	maps.Copy(w.granted, t.grants)
	w.l.known.now.Store(t.known)
	w.l.named.Written(t.people)
	for _, f := range t.after {
		f()
	}
	w.l.notifier.Tell(t.news...)
}

// forget drops what is remembered of the database: a rollback may have taken it back. What was granted is no cache.
func (w *writer) forget() {
	clear(w.counts)
	clear(w.steps)
	clear(w.businesses)
	clear(w.runs)
	clear(w.moulds)
	clear(w.joined)
	clear(w.templates)
	clear(w.charges)
	w.names.forget()
	w.mets.forget()
}

// drop gives up the connection.
func (w *writer) drop() {
	if w.conn != nil {
		_ = w.conn.close() // it is broken, or about to be
		w.conn = nil
	}
}

// stepOf returns the row of a step, which is made when it is new.
func (t *transaction) stepOf(k delivery.Key) (int64, error) {
	name := stepName{k.Job, k.Scope, k.Step}
	if seq, ok := t.w.steps[name]; ok {
		return seq, nil
	}
	args := []any{putText(k.Job), putText(k.Scope), putText(k.Step)}
	const find = `SELECT seq FROM waybill.step WHERE job = $1 AND scope = $2 AND path = $3`
	seq, err := t.number(find, args...)
	if err == nil && seq == 0 {
		if _, err = t.exec(`INSERT INTO waybill.step (job, scope, path) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, args...); err == nil {
			seq, err = t.number(find, args...)
		}
	}
	if err == nil {
		t.w.steps[name] = seq
	}
	return seq, err
}

// businessOf returns the row of a business number, which is made when it is new; 0 of none.
func (t *transaction) businessOf(id string) (int64, error) {
	if seq, ok := t.w.businesses[id]; ok || id == "" {
		return seq, nil
	}
	const find = `SELECT seq FROM waybill.business_number WHERE id = $1`
	seq, err := t.number(find, putText(id))
	if err == nil && seq == 0 { // an insert that finds one uses up a number, of which there are not many
		if _, err = t.exec(`INSERT INTO waybill.business_number (id) VALUES ($1) ON CONFLICT DO NOTHING`, putText(id)); err == nil {
			seq, err = t.number(find, putText(id))
		}
	}
	if err == nil {
		t.w.businesses[id] = seq
	}
	return seq, err
}

// runOf returns the row of a run. engine.ErrNotFound: it was never started.
func (t *transaction) runOf(id string) (int64, error) {
	if seq, ok := t.w.runs[id]; ok {
		return seq, nil
	}
	seq, err := t.number(`SELECT seq FROM waybill.run WHERE id = $1`, putText(id))
	if err != nil {
		return 0, err
	}
	if seq == 0 {
		return 0, fmt.Errorf("run %q: %w: StartRun comes first", id, engine.ErrNotFound)
	}
	t.w.runs[id] = seq
	return seq, nil
}

// join writes down that this process works at a run.
func (t *transaction) join(run int64) error {
	if t.w.joined[run] {
		return nil
	}
	_, err := t.exec(`INSERT INTO waybill.run_process (process, run) VALUES ($1, $2) ON CONFLICT (process, run) DO UPDATE
		SET left_it = false, status = NULL, reason = NULL, waits_until = NULL, progress = NULL`, t.w.self.id, run)
	if err == nil {
		t.w.joined[run] = true
	}
	return err
}
