package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"time"

	"modernc.org/sqlite"

	"waybill/engine"
	"waybill/engine/delivery"
)

// writerState is what the writer knows besides the file. Its goroutine alone touches it.
type writerState struct {
	*connection
	ledger *Ledger
	groups groupWait

	steps     map[stepName]int64 // rows of step and run, as far as they were needed
	runs      map[string]int64
	open      map[delivery.ID]*openIntent // requests allowed here and not settled yet
	holding   bool                        // whether this process has the lock for sending
	pending   bool                        // whether there are statuses that wait for their delivery
	unclaimed bool                        // whether any of these carries a callback
	broken    error                       // damage that was met: nothing more is written
	undone    []undoStep                  // room for transaction.undo
}

// stepName is the part of a Key that many deliveries share.
type stepName struct{ job, scope, path string }

// openIntent is a request that this process was allowed to make.
type openIntent struct {
	attempt int
	intent  *delivery.Intent
	step    int64
	run     int64
	at      time.Time
}

func newWriterState(c *connection, l *Ledger) *writerState {
	return &writerState{
		connection: c, ledger: l,
		steps: make(map[stepName]int64), runs: make(map[string]int64), open: make(map[delivery.ID]*openIntent),
	}
}

// transaction is one group being written.
type transaction struct {
	*writerState
	now  time.Time
	full error      // not nil: there is no room for more requests
	undo []undoStep // of the state above, to be taken back when the group is rolled back
}

// undoStep is one change of the writer's state: an intent that began or ended, or the whole lock.
type undoStep struct {
	id     delivery.ID
	ended  *openIntent // nil: it began
	before *hold       // not nil: this was the lock
}

// hold is what sending changes.
type hold struct {
	holding bool
	open    map[delivery.ID]*openIntent
}

func (t *transaction) rollback(to int) {
	for i := len(t.undo) - 1; i >= to; i-- {
		switch c := &t.undo[i]; {
		case c.before != nil:
			t.holding, t.open = c.before.holding, c.before.open
		case c.ended != nil:
			t.open[c.id] = c.ended
		default:
			delete(t.open, c.id)
		}
	}
	t.undo = t.undo[:to]
}

func (t *transaction) sending(on bool) {
	t.undo = append(t.undo, undoStep{before: &hold{t.holding, maps.Clone(t.open)}})
	t.holding = on
	if on {
		clear(t.open) // of an earlier hold: they are in doubt now
	}
}

func (t *transaction) began(id delivery.ID, f *openIntent) {
	t.undo = append(t.undo, undoStep{id: id})
	t.open[id] = f
}

func (t *transaction) ended(id delivery.ID) {
	f, ok := t.open[id]
	if !ok {
		return
	}
	t.undo = append(t.undo, undoStep{id: id, ended: f})
	delete(t.open, id)
}

// together applies a group in one transaction. An error is SQLite's, and nothing was written then.
func (s *writerState) together(batch []*submission, full error) error {
	return s.inTransaction(batch, full, func(t *transaction) error {
		for _, r := range batch {
			r.err = r.change.apply(t)
			if isSQLite(r.err) {
				return r.err
			}
		}
		return nil
	})
}

// oneByOne applies a group of which one failed: each in a savepoint, so that it fails alone.
func (s *writerState) oneByOne(batch []*submission, full error) error {
	return s.inTransaction(batch, full, func(t *transaction) error {
		for _, r := range batch {
			if err := t.script("SAVEPOINT one"); err != nil {
				return err
			}
			mark := len(t.undo)
			r.err = r.change.apply(t)
			if isSQLite(r.err) {
				t.rollback(mark)
				if err := t.script("ROLLBACK TO one"); err != nil {
					return err
				}
				t.forget()
			}
			if err := t.script("RELEASE one"); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *writerState) inTransaction(batch []*submission, full error, apply func(t *transaction) error) error {
	if s.broken != nil {
		return s.broken
	}
	if err := s.begin(batch); err != nil {
		return s.noted(err)
	}
	t := &transaction{writerState: s, now: s.ledger.now(), full: full, undo: s.undone[:0]}
	defer func() {
		clear(t.undo)
		s.undone = t.undo
	}()
	err := t.lookForPending()
	if err == nil {
		err = apply(t)
	}
	if err == nil {
		_, _, err = s.exec("COMMIT")
	}
	if err == nil {
		return nil
	}
	t.rollback(0)
	s.forget()
	// SQLite rolls back by itself after some errors, and then says that there is nothing to roll back.
	if back := s.script("ROLLBACK"); back != nil && errors.Is(back, ErrDamaged) {
		err = errors.Join(err, back)
	}
	return s.noted(err)
}

// noted remembers damage.
func (s *writerState) noted(err error) error {
	err = explain(err)
	if errors.Is(err, ErrDamaged) || errors.Is(err, ErrNoLedger) {
		s.broken = fmt.Errorf("the ledger takes nothing more: %w", err)
	}
	return err
}

// forget drops the numbers that a rollback may have taken back.
func (s *writerState) forget() {
	clear(s.steps)
	clear(s.runs)
}

// lookForPending asks once a group whether any status waits for its delivery: mostly none does, and then nobody
// has to look for one. Another process may have recorded it.
func (t *transaction) lookForPending() error {
	return t.query(context.Background(), `SELECT EXISTS (SELECT 1 FROM status WHERE delivery IS NULL),
		EXISTS (SELECT 1 FROM status WHERE delivery IS NULL AND callback IS NOT NULL)`, func(row []driver.Value) error {
		t.pending, t.unclaimed = asInt(row[0]) != 0, asInt(row[1]) != 0
		return nil
	})
}

// stepOf gives the row of a step, which is made when it is new.
func (t *transaction) stepOf(k delivery.Key) (int64, error) {
	name := stepName{k.Job, k.Scope, k.Step}
	if seq, ok := t.steps[name]; ok {
		return seq, nil
	}
	args := []driver.Value{k.Job, k.Scope, k.Step}
	_, _, err := t.exec(`INSERT INTO step (job, scope, path) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, args...)
	if err != nil {
		return 0, err
	}
	seq, err := t.number(`SELECT seq FROM step WHERE job = ? AND scope = ? AND path = ?`, args...)
	if err == nil {
		t.steps[name] = seq
	}
	return seq, err
}

// runOf gives the row of a run. engine.ErrNotFound: it was never started.
func (t *transaction) runOf(id string) (int64, error) {
	if seq, ok := t.runs[id]; ok {
		return seq, nil
	}
	seq, err := t.number(`SELECT seq FROM run WHERE id = ?`, id)
	if err != nil {
		return 0, err
	}
	if seq == 0 {
		return 0, fmt.Errorf("run %q: %w: StartRun comes first", id, engine.ErrNotFound)
	}
	t.runs[id] = seq
	return seq, nil
}

func isSQLite(err error) bool {
	_, ok := errors.AsType[*sqlite.Error](err)
	return ok
}
